"""Corrections of misread text: make, withdraw and confirm them, and list those whose article has changed since."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import takewhile
from typing import Protocol

from index.article import Article
from index.errors import BaowenError
from index.text.words import harmless
from index.types import JsonObject

from .log import Edit, Overlay
from .places import (
    CORRECTED,
    PARTS,
    CorrectedSpan,
    Correction,
    Corrections,
    as_read,
    mark_of,
    part_of,
    stretch,
    stretch_of_read,
)

IN_FORCE, FOR_REVIEW, REPLACED, WITHDRAWN = "in force", "for review", "replaced", "withdrawn"

_AROUND = 12  # characters stored on each side, to find the place again
LONGEST = 500  # maximum characters of one correction


class Articles(Protocol):
    """Looks up articles; a snapshot's catalogue does this."""

    def article(self, identity: str) -> Article | None:
        """An article by its id."""
        ...

    def headed(self, date: str | None, heading: str) -> list[Article]:
        """The articles of one date (None: undated) with the given original heading."""
        ...


@dataclass(frozen=True)
class Status:
    """The state of a correction.

    ``state`` is ``in force``, ``for review`` (``reason`` says why), ``replaced`` by a later correction of the same
    place, or ``withdrawn``. ``published``: it is in the archive's current state. ``articles``: the ids of its articles.
    """

    correction: Correction
    state: str
    reason: str = ""
    published: bool = False
    articles: tuple[str, ...] = ()

    def as_dict(self) -> JsonObject:
        """The state as JSON values."""
        rest = {"state": self.state, "reason": self.reason, "published": self.published}
        return asdict(self.correction) | rest | {"articles": list(self.articles)}


def correct(
    overlay: Overlay,
    article: Article,
    original: str,
    replacement: str,
    *,
    who: str,
    start: int | None = None,
    part: str = "",
) -> Edit:
    """Correct a place in an article.

    Args:
        overlay: the archive's corrections.
        article: the article as the corrector saw it.
        original: the text to replace.
        replacement: the new text.
        who: the corrector.
        start: the position in that part; None: the only occurrence of ``original``.
        part: body, kicker, title or subtitle; empty: the body, or the heading if only that contains ``original``.

    Raises:
        BaowenError: the place is not found or has been corrected by somebody else meanwhile, or a text is invalid.
    """
    if part and part not in PARTS:
        raise BaowenError(f"没有 {part} 这个部分 (no such part)；可用 {'、'.join(PARTS)}")
    if not original:
        raise BaowenError("请给出要更正的原文 (nothing to correct)")
    for text in (original, replacement):
        if len(text) > LONGEST or harmless(text) != text:
            raise BaowenError(f"更正要在一段之内，最多 {LONGEST} 字 (within one paragraph): {harmless(text)[:40]!r}")
    known = {edit.number for edit in overlay.standing(CORRECTED)}
    read = as_read(article)
    now = Corrections.read(overlay).apply(read)
    seen = now if start is None else article
    part = part or _part_with(seen, original, start)
    text = part_of(seen, part)
    at = _found(now, read, part, original) if start is None else _at(text, original, start)
    if not replacement:
        at, original, replacement = _with_neighbour(text, at, original)
    wide = stretch(seen, at, at + len(original), part)
    current = stretch_of_read(now, wide.read_start, wide.read_end, part)
    if part_of(now, part)[current.start : current.end] != text[wide.start : wide.end]:
        raise _taken(now, current, part)
    wanted = text[wide.start : at] + replacement + text[at + len(original) : wide.end]
    corrected = wide.end - wide.start != len(original)
    first, last, wanted = _least(part_of(read, part), wide, wanted, corrected=corrected)
    edit = overlay.add(who, CORRECTED, **_correction(read, part, first, last, wanted).details)
    return _alone(overlay, edit, known)


def withdraw(overlay: Overlay, number: int, who: str) -> Edit:
    """Withdraw a text correction; an earlier correction of the same place is in force again.

    Raises:
        BaowenError: the correction does not exist or is already withdrawn.
    """
    _standing(overlay, number)
    return overlay.undo(number, who)


def keep(overlay: Overlay, catalogue: Articles, number: int, who: str) -> Edit:
    """Confirm a correction that is for review by making it again for the present article.

    Raises:
        BaowenError: no correction has that number, or the text that it corrects is no longer in the article.
    """
    correction = _standing(overlay, number)
    articles = [as_read(article) for article in concerned_articles(catalogue, correction)]
    if any(mark_of(article) == correction.mark for article in articles):
        raise BaowenError(f"更正 {number} 的文章没有变，不用确认 (nothing to review)")
    for article in articles:
        start = correction.place(article, mark_of(article))
        if start is not None:
            end = start + len(correction.original)
            fresh = _correction(article, correction.part, start, end, correction.replacement, kept=number)
            edit = overlay.add(who, CORRECTED, **fresh.details)
            overlay.undo(number, who)
            return edit
    raise BaowenError(
        f"更正 {number} 的原文“{correction.original}”已不在文章里 (its place is gone)；"
        f"请重新更正，或撤销 (or withdraw it): baowen correct --withdraw {number}"
    )


def concerned_articles(catalogue: Articles, correction: Correction) -> list[Article]:
    """The articles that a correction concerns: the one with its id, and those with exactly the same text."""
    own = catalogue.article(correction.article)
    same = catalogue.headed(correction.date, correction.heading)
    others = [a for a in same if a.id != correction.article and mark_of(as_read(a)) == correction.mark]
    return [own, *others] if own else others


def statuses(overlay: Overlay, catalogue: Articles) -> list[Status]:
    """Every text correction with its state, in the order they were made."""
    standing = Corrections.read(overlay)
    return [_status(edit, standing, catalogue) for edit in overlay.edits(CORRECTED)]


def _status(edit: Edit, standing: Corrections, catalogue: Articles) -> Status:
    correction = Correction.of(edit)
    articles = concerned_articles(catalogue, correction)
    published = any(place.number == edit.number for article in articles for place in article.corrections)
    ids = tuple(article.id for article in articles)
    if edit.undone:
        return Status(correction, WITHDRAWN, "", published, ids)
    if not articles:
        return Status(correction, FOR_REVIEW, "文章已不在馆藏 (the article is not in the archive)")
    read = [as_read(article) for article in articles]
    same = any(mark_of(article) == correction.mark for article in read)
    if any(chosen.number == edit.number for article in read for _, chosen in standing.chosen(article)):
        reason = "" if same else "来源改过，此处未变，仍按更正 (the source has changed; this place has not)"
        return Status(correction, IN_FORCE if same else FOR_REVIEW, reason, published, ids)
    if same:
        return Status(correction, REPLACED, "", published, ids)
    return Status(correction, FOR_REVIEW, "来源改过，原文已不在 (the source has changed here)", published, ids)


def _part_with(article: Article, original: str, start: int | None) -> str:
    """The part to correct: the body, unless only the heading contains ``original``."""
    having = [part for part in PARTS if original in part_of(article, part)] if start is None else []
    if "body" not in having and len(having) > 1:
        raise BaowenError(f"“{original}”在标题里不止一处 (in more than one part of the heading)；请多给几个字")
    return having[0] if having else "body"


def _at(text: str, original: str, start: int) -> int:
    """``start``, after checking that ``original`` is there."""
    if start < 0 or not text.startswith(original, start):
        raise BaowenError(f"第 {start} 字处不是“{original}” (other text there)；请刷新后重选")
    return start


def _found(now: Article, read: Article, part: str, original: str) -> int:
    """The position of the only ``original`` in a part; the error names whoever has just corrected it."""
    text = part_of(now, part)
    at = text.find(original)
    if at < 0:
        for other in PARTS:
            before = part_of(read, other).find(original)
            if before >= 0:
                raise _taken(now, stretch_of_read(now, before, before + len(original), other), other)
        raise BaowenError(f"文章 {now.id} 里没有“{original}” (not in the article)")
    if text.find(original, at + 1) >= 0:
        raise BaowenError(f"“{original}”在文章里不止一处 (in more than one place)；请多给几个字")
    return at


def _with_neighbour(body: str, at: int, original: str) -> tuple[int, str, str]:
    """The text to delete with an adjacent character that stays, so that the place can be displayed."""
    end = at + len(original)
    if at and body[at - 1] != "\n":
        return at - 1, body[at - 1 : end], body[at - 1]
    if end < len(body) and body[end] != "\n":
        return at, body[at : end + 1], body[end]
    raise BaowenError("更正后不能没有字 (nothing would be left of the paragraph)")


def _least(body: str, part: CorrectedSpan, wanted: str, *, corrected: bool) -> tuple[int, int, str]:
    """The smallest range of the original text that differs from the wanted text, and the wanted text for it.

    A place that was corrected before is replaced as a whole; neither side is ever empty.
    """
    first, last = part.read_start, part.read_end
    read = body[first:last]
    if read == wanted:
        raise BaowenError(
            "更正后就是原来读出的文字 (the text as it was read)；"
            "要撤销更正请用 (to withdraw): baowen correct --withdraw 编号"
        )
    if not corrected:
        front = min(_shared(read, wanted), len(read) - 1, len(wanted) - 1)
        read, wanted, first = read[front:], wanted[front:], first + front
        back = min(_shared(read[::-1], wanted[::-1]), len(read) - 1, len(wanted) - 1)
        wanted, last = wanted[: len(wanted) - back], last - back
    return first, last, wanted


def _shared(a: str, b: str) -> int:
    """The length of the common prefix of two texts."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _correction(read: Article, part: str, start: int, end: int, replacement: str, kept: int = 0) -> Correction:
    """A correction of ``part[start:end]`` of an original article, without number, person and time."""
    text, mark = part_of(read, part), mark_of(read)
    around = text[max(0, start - _AROUND) : start], text[start:end], text[end : end + _AROUND]
    return Correction(0, "", "", read.id, mark, read.date, read.heading, start, *around, replacement, kept, part)


def _alone(overlay: Overlay, edit: Edit, known: set[int]) -> Edit:
    """The added entry; it is undone, with an error, if somebody has corrected its place since ``known`` was read."""
    own = Correction.of(edit)
    for other in map(Correction.of, overlay.standing(CORRECTED)):
        rival = other.number < own.number and other.number not in known and other.mark == own.mark
        if rival and own.overlaps(own.start, other, other.start):
            overlay.undo(own.number, own.who)
            raise _conflict(other.original, other.replacement, other.who, other.time, other.number)
    return edit


def _taken(article: Article, wide: CorrectedSpan, part: str) -> BaowenError:
    """The error for a place that somebody else has corrected, or whose correction somebody has withdrawn, meanwhile."""
    for place in article.corrected(part):
        if wide.start <= place.start and place.end <= wide.end:
            reading = part_of(article, part)[place.start : place.end]
            return _conflict(place.original, reading, place.who, place.time, place.number)
    return BaowenError("这里的更正刚被撤销 (withdrawn meanwhile)；请刷新后再看")


def _conflict(original: str, replacement: str, who: str, time: str, number: int) -> BaowenError:
    return BaowenError(
        f"{who} 已于 {time} 把这里的“{original}”更正为“{replacement}”"
        f"（第 {number} 号，already corrected）；请刷新后再看"
    )


def _standing(overlay: Overlay, number: int) -> Correction:
    edit = next((edit for edit in overlay.edits(CORRECTED) if edit.number == number), None)
    if edit is None:
        raise BaowenError(f"没有编号为 {number} 的文字更正 (no such correction of text)")
    if edit.undone:
        raise BaowenError(f"更正 {number} 已经撤销过 (already withdrawn)")
    return Correction.of(edit)
