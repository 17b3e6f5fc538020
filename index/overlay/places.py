"""Where corrections of an article's text apply, and the way between the text as it was read and as it is corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from index.article import Article, Corrected
from index.regions import carried

from .log import Edit, Overlay

CORRECTED = "correct text"


@dataclass(frozen=True)
class Correction:
    """In an article's text as it was read, ``original`` at ``start`` is to be read ``replacement``.

    ``mark``: of that text, as ``mark_of`` gives it; ``before`` and ``after``: the characters around the place, by which
    it is found where the text has changed since; ``kept``: the number of the correction that this one confirms, 0 for
    none.
    """

    number: int
    who: str
    time: str
    article: str
    mark: str
    date: str | None
    heading: str
    start: int
    before: str
    original: str
    after: str
    replacement: str
    kept: int = 0

    @classmethod
    def of(cls, edit: Edit) -> Correction:
        """What an entry of the log says."""
        return cls(edit.number, edit.who, edit.time, **edit.details)

    @property
    def details(self) -> dict[str, str | int | None]:
        """What the log keeps beside number, time and person."""
        apart = ("number", "who", "time")
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in apart}

    def place(self, body: str, mark: str) -> int | None:
        """Where it applies in a text as read: at the same place of the same text, else where the words around it are.

        None where they are nowhere, or in more than one place.
        """
        if mark == self.mark:
            return self.start
        wanted = self.before + self.original + self.after
        at = body.find(wanted)
        return None if at < 0 or body.find(wanted, at + 1) >= 0 else at + len(self.before)


class Corrections:
    """The corrections that stand, of all articles; of two that overlap the later one applies."""

    def __init__(self, standing: Iterable[Correction]) -> None:
        self._of: dict[str, list[Correction]] = {}  # an article's id or its text's mark → its corrections
        for correction in standing:
            for key in (correction.article, correction.mark):
                self._of.setdefault(key, []).append(correction)

    @classmethod
    def read(cls, overlay: Overlay | None) -> Corrections:
        """What stands of an archive's corrections of text."""
        return cls(map(Correction.of, overlay.standing(CORRECTED)) if overlay else ())

    def chosen(self, article: Article) -> list[tuple[int, Correction]]:
        """Those that apply to an article as read, by place."""
        mark = mark_of(article)
        found: list[tuple[int, Correction]] = []
        about = {c.number: c for key in (article.id, mark) for c in self._of.get(key, ())}
        for number in sorted(about, reverse=True):
            start = about[number].place(article.body, mark)
            if start is None:
                continue
            end = start + len(about[number].original)
            if all(end <= taken or start >= taken + len(other.original) for taken, other in found):
                found.append((start, about[number]))
        return sorted(found, key=lambda item: item[0])

    def apply(self, article: Article) -> Article:
        """An article as read, as it is corrected."""
        pieces: list[str] = []
        places: list[Corrected] = []
        done = length = 0
        for start, correction in self.chosen(article):
            pieces += [article.body[done:start], correction.replacement]
            length += start - done
            end = length + len(correction.replacement)
            places.append(
                Corrected(correction.number, length, end, correction.original, correction.who, correction.time)
            )
            done, length = start + len(correction.original), end
        if not places:
            return article
        body = "".join([*pieces, article.body[done:]])
        regions = carried(article.regions, article.body, body)
        return replace(article, body=body, regions=regions, corrections=tuple(places))


@dataclass(frozen=True)
class Stretch:
    """A part of a corrected article, ``body[start:end]``, and the same part of its text as read."""

    start: int
    end: int
    read_start: int
    read_end: int


def as_read(article: Article) -> Article:
    """A corrected article with the text that was read from its source; its regions are left as they are."""
    if not article.corrections:
        return article
    pieces = []
    done = 0
    for place in article.corrections:
        pieces += [article.body[done : place.start], place.original]
        done = place.end
    return replace(article, body="".join([*pieces, article.body[done:]]), corrections=())


def stretch(article: Article, start: int, end: int) -> Stretch:
    """``body[start:end]``, widened to the whole of every corrected place that it touches."""
    shift = inside = 0
    for place in article.corrections:
        grown = place.end - place.start - len(place.original)
        if place.end <= start:
            shift += grown
        elif place.start < end:
            start, end, inside = min(start, place.start), max(end, place.end), inside + grown
    return Stretch(start, end, start - shift, end - shift - inside)


def stretch_of_read(article: Article, start: int, end: int) -> Stretch:
    """The part of a corrected article that has the place of ``start`` to ``end`` of its text as read."""
    shift = inside = 0
    for place in article.corrections:
        first = place.start - shift - inside
        last = first + len(place.original)
        grown = place.end - place.start - len(place.original)
        if last <= start:
            shift += grown
        elif first < end:
            start, end, inside = min(start, first), max(end, last), inside + grown
    return Stretch(start + shift, end + shift + inside, start, end)


def mark_of(article: Article) -> str:
    """A hash of date, headline and body: it finds the same text again when its id has changed, as after a renaming."""
    text = f"{article.date}\n{article.heading}\n{article.body}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
