"""Find the headlines of a page: what is banner, badge, kicker, headline, subtitle, subhead.

Newspapers on file come in two styles. Either headlines are headings (Markdown ``#``, HTML ``h1``), and kicker, subtitle
and subheads are a level below; or headlines are bold or plain lines, and then every article opens with a byline, from
which its headline is found by looking back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import furniture, people
from .blocks import Block, Form
from .paragraphs import is_finished

_LONGEST_HEADLINE = 60
_LONGEST_SUBHEAD = 14
_LONGEST_BADGE = 8
_MOST_HEADLINE_LINES = 4


def mark_headlines(blocks: Sequence[Block]) -> None:
    """Give the headings, bold lines and short lines of a page their roles; ``blocks`` are already free of furniture."""
    waiting = [block for block in blocks if block.role in ("", "jump to")]
    if _has_banner(waiting):
        waiting[0].take("banner", "a first heading with the lead's own headline after it")
        waiting = waiting[1:]
    runs = _heading_runs(waiting)
    if any(not run.continues for run in runs):
        _mark_heading_runs(waiting, runs)
    else:
        _mark_plain_headlines(waiting)


@dataclass(frozen=True)
class _Run:
    """Headings that follow each other: ``blocks[start:end]``.

    ``continues``: they repeat the headline of an article that comes from an earlier page.
    """

    headings: Sequence[Block]
    start: int
    end: int
    continues: bool

    @property
    def top(self) -> int:
        """The largest heading's level; 1 is larger than 2."""
        return min(heading.level for heading in self.headings)

    @property
    def is_mixed(self) -> bool:
        """Whether there are headings of more than one level."""
        return len({heading.level for heading in self.headings}) > 1


def _heading_runs(blocks: Sequence[Block]) -> list[_Run]:
    runs = []
    start = 0
    while start < len(blocks):
        end = start
        while end < len(blocks) and blocks[end].form is Form.HEADING:
            end += 1
        if end > start:
            continues = end < len(blocks) and bool(furniture.JUMP_FROM.match(blocks[end].text))
            runs.append(_Run(blocks[start:end], start, end, continues))
        start = end + 1
    return runs


def _has_banner(blocks: Sequence[Block]) -> bool:
    """Whether the first heading is the page's: level 1, and the lead's own headline follows."""
    if not blocks or blocks[0].form is not Form.HEADING or blocks[0].level != 1:
        return False
    runs = _heading_runs(blocks)
    if any(heading.level == 1 for heading in runs[0].headings[1:]):
        return True
    only_heading = len(runs[0].headings) == 1 and all(run.continues for run in runs[1:])
    return only_heading and _plain_headline_follows(blocks)


def _plain_headline_follows(blocks: Sequence[Block]) -> bool:
    """Whether the article after a lone first heading has a plain or bold headline of its own."""
    for block in blocks[1 : 1 + _MOST_HEADLINE_LINES]:
        if opens(block):
            return block is not blocks[1]
        if not _could_be_headline(block):
            return False
    return False


def _mark_heading_runs(blocks: Sequence[Block], runs: Sequence[_Run]) -> None:
    level: int | None = None
    for index, run in enumerate(runs):
        next_start = runs[index + 1].start if index + 1 < len(runs) else len(blocks)
        below = blocks[run.end : next_start]
        if level is None or run.top <= level or _starts_article(run, level, below):
            _mark_run(run)
            level = run.top
            _mark_bold_subtitle(below)
        else:
            for heading in run.headings:
                heading.take("subhead", "a heading below the headline's level, inside an article")
        _mark_bold_lines(below, is_last=next_start == len(blocks))
    _mark_bold_lines(blocks[: runs[0].start], is_last=False)


def _starts_article(run: _Run, level: int, below: Sequence[Block]) -> bool:
    """Whether headings deeper than the article before them begin one of their own.

    A kicker or subtitle beside the headline shows it. The lead's headline is a level above those of the page's other
    articles, so that a lone heading one level down is the lead's subhead unless what follows it is signed.
    """
    if run.is_mixed or run.continues:
        return True
    if level != 1 or run.top != 2:
        return False
    text = [block for block in below if block.form is Form.TEXT and not block.role]
    return bool(text) and (opens(text[0]) or any(people.signature(block.text) for block in text))


def _mark_run(run: _Run) -> None:
    top = run.top
    levels = [heading.level for heading in run.headings]
    first = levels.index(top)
    last = first
    while last + 1 < len(levels) and levels[last + 1] == top:
        last += 1
    for index, heading in enumerate(run.headings):
        if index < first:
            heading.take("kicker", "a smaller heading before the headline")
        elif index <= last:
            heading.take("headline", "the largest heading of its run")
        else:
            heading.take("subtitle", "a smaller heading after the headline")


def _mark_bold_subtitle(below: Sequence[Block]) -> None:
    if len(below) > 1 and below[0].form is Form.BOLD and opens(below[1]):
        below[0].take("subtitle", "a bold line between headline and byline")


def _mark_bold_lines(below: Sequence[Block], *, is_last: bool) -> None:
    """A bold line right before the next headline is a column's badge; any other is a subhead."""
    for index, block in enumerate(below):
        if block.form is not Form.BOLD or block.role:
            continue
        if index == len(below) - 1 and not is_last:
            block.take("badge", "a bold line right before a headline")
        else:
            block.take("subhead", "a bold line inside an article")


def _mark_plain_headlines(blocks: Sequence[Block]) -> None:
    for index, block in enumerate(blocks):
        if block.form is Form.HEADING:
            block.take("headline", "repeats the headline of an article from an earlier page")
        elif opens(block):
            _mark_plain_run(_headline_lines_before(blocks, index))
    _mark_plain_subheads(blocks)


def _headline_lines_before(blocks: Sequence[Block], index: int) -> list[Block]:
    run: list[Block] = []
    for before in range(index - 1, max(-1, index - 1 - _MOST_HEADLINE_LINES), -1):
        if blocks[before].role or not _could_be_headline(blocks[before]):
            break
        run.insert(0, blocks[before])
    return run


def _could_be_headline(block: Block) -> bool:
    if block.form is Form.BOLD:
        return True
    if block.form is not Form.TEXT or len(block.text) > _LONGEST_HEADLINE or opens(block):
        return False
    credited = people.photo_credit(block.text) or people.signature(block.text)
    return not credited and not furniture.JUMP_FROM.match(block.text) and not _reads_as_text(block.text)


def _reads_as_text(text: str) -> bool:
    """Whether a line ends as running text does; a headline may ask or exclaim, but does not stop or break off."""
    return text[-1] in "。；，、：,;:…" or (text[-1] in "”’」』" and is_finished(text))


def _mark_plain_run(run: list[Block]) -> None:
    """The headline is what is bold, else the first line; lines before it are the kicker, after it the subtitle."""
    bold = [block for block in run if block.form is Form.BOLD]
    if len(bold) > 1 and bold[0] is run[0] and len(bold[0].text) <= _LONGEST_BADGE:
        bold.pop(0).take("badge", "a short bold line before a bold headline")
        run = run[1:]
    seen = False
    for block in run:
        if block.form is Form.BOLD or not (bold or seen):
            block.take("headline", "a bold line before the byline" if bold else "the first line before the byline")
            seen = True
        elif seen:
            block.take("subtitle", "a line between headline and byline")
        else:
            block.take("kicker", "a line before the headline")


def _mark_plain_subheads(blocks: Iterable[Block]) -> None:
    """Bold lines, and short lines that are no sentence, after a finished paragraph."""
    between = True
    held: Block | None = None  # a candidate: a subhead only if text of its article follows
    for block in blocks:
        if held is not None and not block.role:
            held.take("subhead", "a short line inside an article")
        held = None
        if block.role:
            continue
        if block.form is Form.BOLD:
            block.take("subhead", "a bold line inside an article")
        elif block.form is Form.TEXT and between and _is_short_line(block.text):
            held = block
        elif block.form is Form.TEXT and not people.photo_credit(block.text):
            between = is_finished(block.text) or people.byline_line(block.text) is not None


def _is_short_line(text: str) -> bool:
    if len(text) > _LONGEST_SUBHEAD or is_finished(text) or text[-1] in "，、,":
        return False
    return people.photo_credit(text) is None and people.byline_line(text) is None


def opens(block: Block) -> bool:
    """Whether an article's text begins here: a dateline or a byline."""
    if block.form is not Form.TEXT or people.photo_credit(block.text):
        return False
    return people.opening(block.text) is not None or people.byline_line(block.text) is not None
