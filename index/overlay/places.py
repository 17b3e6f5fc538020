"""Where corrections of an article's text apply, and how positions map between the original and the corrected text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from index.article import Article, Corrected
from index.regions import carried

from .log import Edit, Overlay

CORRECTED = "correct text"
PARTS = ("body", "kicker", "title", "subtitle")  # the parts of an article that can be corrected


@dataclass(frozen=True)
class Correction:
    """Replaces ``original`` at ``start`` in a part of an article's original text by ``replacement``.

    ``mark`` is the original article's ``mark_of``. ``before`` and ``after`` are the surrounding characters, which
    locate the place if the text has changed since. ``kept`` is the number of the correction that this one confirms,
    or 0. ``part`` is one of ``PARTS``.
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
    part: str = "body"

    @classmethod
    def of(cls, edit: Edit) -> Correction:
        """The correction in a log entry."""
        return cls(edit.number, edit.who, edit.time, **edit.details)

    @property
    def details(self) -> dict[str, str | int | None]:
        """The fields that the log stores in addition to number, time and person."""
        apart = ("number", "who", "time")
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in apart}

    def place(self, article: Article, mark: str) -> int | None:
        """The start of the correction in its part of an original article, searched for if the text has changed.

        None if the text around it is not found or is found more than once.
        """
        if mark == self.mark:
            return self.start
        text, wanted = part_of(article, self.part), self.before + self.original + self.after
        at = text.find(wanted)
        return None if at < 0 or text.find(wanted, at + 1) >= 0 else at + len(self.before)

    def overlaps(self, start: int, other: Correction, at: int) -> bool:
        """Whether two corrections overlap; ``start`` and ``at`` are their positions in the article."""
        return self.part == other.part and start < at + len(other.original) and at < start + len(self.original)


class Corrections:
    """The corrections in force, of all articles; where two overlap, the later one applies."""

    def __init__(self, standing: Iterable[Correction]) -> None:
        self._of: dict[str, list[Correction]] = {}  # an article's id or mark → its corrections
        for correction in standing:
            for key in (correction.article, correction.mark):
                self._of.setdefault(key, []).append(correction)

    @classmethod
    def read(cls, overlay: Overlay | None) -> Corrections:
        """The corrections of an archive's texts that are in force."""
        return cls(map(Correction.of, overlay.standing(CORRECTED)) if overlay else ())

    def chosen(self, article: Article) -> list[tuple[int, Correction]]:
        """The corrections that apply to an original article, ordered by part and position."""
        mark = mark_of(article)
        found: list[tuple[int, Correction]] = []
        about = {c.number: c for key in (article.id, mark) for c in self._of.get(key, ())}
        for number in sorted(about, reverse=True):
            start = about[number].place(article, mark)
            if start is not None and not any(about[number].overlaps(start, other, taken) for taken, other in found):
                found.append((start, about[number]))
        return sorted(found, key=lambda item: (PARTS.index(item[1].part), item[0]))

    def apply(self, article: Article) -> Article:
        """The corrected version of an original article."""
        chosen = self.chosen(article)
        if not chosen:
            return article
        texts: dict[str, Any] = {}
        places: list[Corrected] = []
        for part in PARTS:
            texts[part], corrected = _applied(part_of(article, part), [c for c in chosen if c[1].part == part])
            places += corrected
        regions = carried(article.regions, article.body, texts["body"])
        return replace(article, **texts, regions=regions, corrections=tuple(places))


def part_of(article: Article, part: str) -> str:
    """The text of a part of an article."""
    text: str = getattr(article, part)
    return text


def _applied(text: str, chosen: Sequence[tuple[int, Correction]]) -> tuple[str, list[Corrected]]:
    """The corrected text of a part, and the places that were changed."""
    pieces: list[str] = []
    places: list[Corrected] = []
    done = length = 0
    for start, c in chosen:
        pieces += [text[done:start], c.replacement]
        length += start - done
        end = length + len(c.replacement)
        places.append(Corrected(c.number, length, end, c.original, c.who, c.time, c.part))
        done, length = start + len(c.original), end
    return "".join([*pieces, text[done:]]), places


@dataclass(frozen=True)
class CorrectedSpan:
    """A range ``part[start:end]`` of a corrected article, and the matching range of its original text."""

    start: int
    end: int
    read_start: int
    read_end: int


def as_read(article: Article) -> Article:
    """A corrected article with its original text again; its regions are left unchanged."""
    if not article.corrections:
        return article
    texts: dict[str, Any] = {part: _read(part_of(article, part), article.corrected(part)) for part in PARTS}
    return replace(article, **texts, corrections=())


def _read(text: str, corrected: Sequence[Corrected]) -> str:
    pieces = []
    done = 0
    for place in corrected:
        pieces += [text[done : place.start], place.original]
        done = place.end
    return "".join([*pieces, text[done:]])


def stretch(article: Article, start: int, end: int, part: str = "body") -> CorrectedSpan:
    """The range ``part[start:end]``, widened to include every corrected place that it touches."""
    shift = inside = 0
    for place in article.corrected(part):
        grown = place.end - place.start - len(place.original)
        if place.end <= start:
            shift += grown
        elif place.start < end:
            start, end, inside = min(start, place.start), max(end, place.end), inside + grown
    return CorrectedSpan(start, end, start - shift, end - shift - inside)


def stretch_of_read(article: Article, start: int, end: int, part: str = "body") -> CorrectedSpan:
    """The range of a corrected article that matches the range ``start`` to ``end`` of its original text."""
    shift = inside = 0
    for place in article.corrected(part):
        first = place.start - shift - inside
        last = first + len(place.original)
        grown = place.end - place.start - len(place.original)
        if last <= start:
            shift += grown
        elif first < end:
            start, end, inside = min(start, first), max(end, last), inside + grown
    return CorrectedSpan(start + shift, end + shift + inside, start, end)


def mark_of(article: Article) -> str:
    """A hash of date, headline and body, which finds the same text under a new id, for example after a renaming."""
    text = f"{article.date}\n{article.heading}\n{article.body}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
