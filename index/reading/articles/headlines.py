"""Find the headlines of a page and their roles: banner, badge, kicker, headline, subtitle, subhead.

Digital newspaper texts come in two styles. Either headlines are headings (Markdown ``#``, HTML ``h1``), with kicker,
subtitle and subheads one level below. Or headlines are bold or plain lines; then every article opens with a byline, and
its headline is found by looking back from there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from ..blocks import Block, Form
from ..facts import furniture, people
from ..facts.imprint import is_section
from . import sections
from .plain import (
    DIVIDES,
    MOST_HEADLINE_LINES,
    could_be_headline,
    mark_dated,
    mark_lone_subheads,
    mark_numbered,
    mark_plain_headlines,
    opens,
)

_WAITING = ("", "jump to", "source")
_LONGEST_SECTION = 8
_LONGEST_PARALLEL = 10
_LONGEST_SUBTITLE = 40


def mark_headlines(blocks: Sequence[Block], *, titled: bool = False) -> None:
    """Assign roles to the headings, bold lines and short lines of a page whose furniture is already marked.

    Args:
        titled: the file names the only headline, so lines that are not headings are not searched for it.
    """
    waiting = [block for block in blocks if block.role in _WAITING]
    mark_numbered([block for block in waiting if block.form is Form.HEADING])
    waiting, parted = _without_sections(waiting)
    if _has_banner(waiting):
        waiting[0].take("banner", "a first heading with the lead's own headline after it")
        waiting = waiting[1:]
    runs = _heading_runs(waiting, parted)
    if any(not run.continues for run in runs):
        _mark_heading_runs(waiting, runs, parted)
        return
    if not titled:
        sections.mark_section_lines(blocks)
    dated = mark_dated(blocks)
    for part in sections.parted(blocks):
        mark_plain_headlines([block for block in part if block.role in _WAITING], titled=titled, dated=dated)


def _without_sections(blocks: Sequence[Block]) -> tuple[list[Block], frozenset[int]]:
    """The blocks without headings that name a section, and the ids of the headings directly below such a heading."""
    found = _short_tops(blocks) | _named_sections(blocks)
    for index in found:
        blocks[index].take("section", "a short heading with the headings of its articles below it")
    below = frozenset(id(blocks[index + 1]) for index in found)
    return [block for block in blocks if block.role != "section"], below


def _short_tops(blocks: Sequence[Block]) -> set[int]:
    """All headings of the top level, if they are short and each is directly followed by a heading one level deeper."""
    headings = [index for index, block in enumerate(blocks) if block.form is Form.HEADING]
    top = min((blocks[index].level for index in headings), default=0)
    uppers = [index for index in headings if blocks[index].level == top]
    named = [index for index in uppers if len(blocks[index].text) <= _LONGEST_SECTION]
    deeper = {index for index in headings if blocks[index].level == top + 1}
    known = bool(named) and all(is_section(blocks[index].text) for index in named)
    if len(named) < len(uppers) or len(deeper) < 2 or (len(named) < 2 and not known):
        return set()
    return set(named) if all(index + 1 in deeper for index in named) else set()


def _named_sections(blocks: Sequence[Block]) -> set[int]:
    """Headings with the name of a section (国际新闻) that are followed by two or more headings one size smaller."""
    headings = [(index, block) for index, block in enumerate(blocks) if block.form is Form.HEADING]
    found = set()
    for at, (index, block) in enumerate(headings):
        deeper = (pair[1].level > block.level for pair in headings[at + 1 :])
        below = headings[at + 1 : at + 1 + sum(1 for _ in takewhile(bool, deeper))]
        equal = [pair for pair in below if below and pair[1].level == below[0][1].level]
        apart = any(after[0] > before[0] + 1 for before, after in pairwise(equal))
        if apart and below[0][0] == index + 1 and is_section(block.text):
            found.add(index)
    return found


@dataclass(frozen=True)
class _Run:
    """Consecutive headings: ``blocks[start:end]``.

    ``continues``: they repeat the headline of an article continued from an earlier page.
    """

    headings: Sequence[Block]
    start: int
    end: int
    continues: bool

    @property
    def top(self) -> int:
        """The level of the largest heading; 1 is larger than 2."""
        return min(heading.level for heading in self.headings)

    @property
    def is_mixed(self) -> bool:
        """Whether the headings have more than one level."""
        return len({heading.level for heading in self.headings}) > 1


def _heading_runs(blocks: Sequence[Block], parted: frozenset[int] = frozenset()) -> list[_Run]:
    """The runs of consecutive headings; a heading in ``parted`` begins a new run."""
    runs = []
    start = 0
    while start < len(blocks):
        end = start
        while (
            end < len(blocks) and blocks[end].form is Form.HEADING and (end == start or id(blocks[end]) not in parted)
        ):
            end += 1
        if end > start:
            continues = end < len(blocks) and bool(furniture.JUMP_FROM.match(blocks[end].text))
            runs.append(_Run(blocks[start:end], start, end, continues))
        start = end if end < len(blocks) and id(blocks[end]) in parted and end > start else end + 1
    return runs


def _has_banner(blocks: Sequence[Block]) -> bool:
    """Whether the first heading is the page's own: level 1 and followed by the lead's headline."""
    if not blocks or blocks[0].form is not Form.HEADING or blocks[0].level != 1:
        return False
    runs = _heading_runs(blocks)
    if any(heading.level == 1 for heading in runs[0].headings[1:]):
        return len(runs) > 1 or is_section(blocks[0].text)  # otherwise a headline in two lines
    only_heading = len(runs[0].headings) == 1 and all(run.continues for run in runs[1:])
    return only_heading and _plain_headline_follows(blocks)


def _plain_headline_follows(blocks: Sequence[Block]) -> bool:
    """Whether the article after a single first heading has its own plain or bold headline."""
    below = [block for block in blocks[1:] if not block.role]  # a line with paper and page is not a headline
    if below and below[0].text.startswith(("——", "--")):
        return False  # a subtitle of the heading
    for block in below[:MOST_HEADLINE_LINES]:
        if opens(block):
            return block is not below[0]
        if not could_be_headline(block):
            return False
    return False


def _parallel(blocks: Sequence[Block], runs: Sequence[_Run]) -> set[int]:
    """Starts of runs that divide an article although they look like headlines, as happens in recognised text.

    They are two or more short headings of equal length that follow a signed article, with no signature below them.
    """
    found: set[int] = set()
    group: list[_Run] = []
    signed = False
    for run, after in zip(runs, [*runs[1:], None], strict=True):
        below = blocks[run.end : after.start if after else len(blocks)]
        opened = any(opens(block) or block.role == "source" for block in below[:2])
        lone = len(run.headings) == 1 and not opened and bool(below)
        if lone and signed and len(run.headings[0].text) <= _LONGEST_PARALLEL:
            group.append(run)
            continue
        found |= _of_one_length(group)
        group, signed = [], opened
    return found | _of_one_length(group)


def _of_one_length(group: Sequence[_Run]) -> set[int]:
    lengths = [len(run.headings[0].text) for run in group]
    return {run.start for run in group} if len(group) > 1 and max(lengths) - min(lengths) <= 1 else set()


def _mark_heading_runs(blocks: Sequence[Block], runs: Sequence[_Run], parted: frozenset[int]) -> None:
    """Assign roles to headings, run by run; a section of the page begins at headings in ``parted``."""
    level: int | None = None
    parallel = _parallel(blocks, runs)
    for index, run in enumerate(runs):
        next_start = runs[index + 1].start if index + 1 < len(runs) else len(blocks)
        below = blocks[run.end : next_start]
        if id(run.headings[0]) in parted:
            level = None
        if level is not None and (_divides(run) or run.start in parallel):
            for heading in run.headings:
                heading.take("subhead", "a numbered or parallel heading inside an article")
        elif level is None or run.top <= level or _starts_article(run, level, below):
            _mark_run(run)
            level = run.top
            _mark_subtitle(below)
        else:
            for heading in run.headings:
                heading.take("subhead", "a heading below the headline's level, inside an article")
        _mark_bold_lines(below, is_last=next_start == len(blocks))
        mark_lone_subheads(below)
    _mark_bold_lines(blocks[: runs[0].start], is_last=False)


def _starts_article(run: _Run, level: int, below: Sequence[Block]) -> bool:
    """Whether headings at a deeper level than the article before them begin an article of their own.

    A kicker or subtitle next to the headline shows that they do. The lead's headline is one level above those of the
    page's other articles, so a single heading one level below is the lead's subhead, unless the text after it is
    signed.
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


def _divides(run: _Run) -> bool:
    return len(run.headings) == 1 and DIVIDES.match(run.headings[0].text) is not None


def _mark_subtitle(below: Sequence[Block]) -> None:
    """Mark the subtitle directly below a headline: bold lines before the text, or lines that begin with a dash."""
    for index, block in enumerate(below[:2]):
        dashed = block.form is not Form.HEADING and re.match(r"^(?:——|--|—)\s*\S", block.text)
        bold = index == 0 and block.form is Form.BOLD and _text_follows(below[1:])
        glued = (
            index == 0
            and not block.gap
            and block.indented is False
            and could_be_headline(block)
            and _text_follows(below[1:])
        )
        if (
            block.role
            or len(block.text) > _LONGEST_SUBTITLE
            or not (dashed or bold or glued)
            or block.text[-1] in "。；"
        ):
            break
        block.take("subtitle", "a dashed line below the headline" if dashed else "a line between headline and text")


def _text_follows(below: Sequence[Block]) -> bool:
    return bool(below) and (opens(below[0]) or (below[0].form is Form.TEXT and not below[0].gap))


def _mark_bold_lines(below: Sequence[Block], *, is_last: bool) -> None:
    """Mark a bold line directly before the next headline as a column's badge, and any other as a subhead."""
    for index, block in enumerate(below):
        if block.form is not Form.BOLD or block.role:
            continue
        if index == len(below) - 1 and not is_last:
            block.take("badge", "a bold line right before a headline")
        else:
            block.take("subhead", "a bold line inside an article")
