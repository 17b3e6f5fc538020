"""Find the headlines of a page without headings, from bylines, indents, numbers and the first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import dropwhile, pairwise

from ..blocks import Block, Form, is_finished
from ..facts import bylines, furniture, people

MOST_HEADLINE_LINES = 4
_LONGEST_HEADLINE = 60
_LONGEST_FIRST = 45
_LONGEST_SUBHEAD = 14
_LONGEST_BADGE = 8
_LONE = re.compile(r"^[\u4e00-\u9fff\d：· ]{2,14}$")
_NUMBER = re.compile(r"^(?:(?P<number>\d{1,3})\s*[、.．]|[（(](?P<bracketed>\d{1,3})[)）])\s*(?=\D)")
_BRACKETED = re.compile(
    r"^[\[［【〔](?P<first>[^\[\]［］【】〔〕]{2,40})[\]］】〕](?P<more>(?:\s*[\[［【〔][^\[\]［］【】〔〕]*[\]］】〕])*)$"
)
# 一、 （二） 第三部分: a line that divides an article; 会议时间：: one that begins a list of labelled lines.
DIVIDES = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|之[一二三四五六七八九十]|[①-⑳]|"
    r"第[一二三四五六七八九十]{1,3}[部章节節條条])"
)
_LABELLED = re.compile(r"^[\u4e00-\u9fff]{2,4}\s*[:：]\s*\S")


def mark_plain_headlines(blocks: Sequence[Block], *, titled: bool = False, dated: frozenset[int] = frozenset()) -> None:
    """Assign roles to the lines of a page without headings.

    ``titled``: the headline is already known. ``dated``: the ids of lines with a date that stand below a headline.
    """
    if titled:
        _mark_dashed(blocks)
        _mark_plain_subheads(blocks)
        return
    for index, block in enumerate(blocks):
        if block.form is Form.HEADING:
            block.take("headline", "repeats the headline of an article from an earlier page")
        elif opens(block) or (block.role == "source" and block.imprint and block.imprint.people) or id(block) in dated:
            _mark_plain_run(_headline_lines_before(blocks, index))
    if not _has_headlines(blocks):
        mark_numbered(blocks)
    if not _has_headlines(blocks):
        _mark_bracketed(blocks)
    if not _has_headlines(blocks):
        _mark_before_indents(blocks)
    _mark_first_lines(blocks)
    _mark_plain_subheads(blocks)


def mark_dated(blocks: Sequence[Block]) -> frozenset[int]:
    """Mark lines with date and paper or page directly below a short line as sources, if there are several.

    Returns their ids.
    """
    found = [
        block
        for index, (before, block) in enumerate(pairwise(blocks), 1)
        if (made := block.imprint) and made.date and (made.paper or made.page) and not before.role
        if could_be_headline(before) and (index < 2 or blocks[index - 2].role or is_finished(blocks[index - 2].text))
    ]
    if len(found) < 2:
        return frozenset()
    for block in found:
        block.take("source", "date and paper below a headline, as below the others")
    return frozenset(map(id, found))


def _mark_dashed(blocks: Sequence[Block]) -> None:
    """Mark a dashed line at the start as a subtitle, if the headline is elsewhere."""
    first = next((block for block in blocks if block.role != "source"), None)
    if first is not None and first.text.startswith("——") and could_be_headline(first):
        first.take("subtitle", "a dashed line before the text")


def _has_headlines(blocks: Iterable[Block]) -> bool:
    return any(block.role == "headline" for block in blocks)


def mark_numbered(blocks: Sequence[Block]) -> None:
    """Strip the numbers of consecutively numbered headlines; plain lines numbered that way become headlines."""
    found: list[tuple[Block, int]] = []
    for block in blocks:
        match = _NUMBER.match(block.text)
        if match and not block.role and (block.form is Form.HEADING or could_be_headline(block)):
            found.append((block, match.end()))
    numbers = [int(re.sub(r"\D", "", block.text[:end])) for block, end in found]
    if len(found) < 2 or any(b not in (a + 1, 1) for a, b in pairwise(numbers)) or numbers[0] != 1:
        return
    if found[0][0].form is not Form.HEADING and (found[0][0] is not blocks[0] or not _texts_between(blocks, found)):
        return
    for block, end in found:
        block.text = block.text[end:]
        if block.form is not Form.HEADING:
            block.take("headline", "one of the page's numbered headlines")


def _texts_between(blocks: Sequence[Block], found: Sequence[tuple[Block, int]]) -> bool:
    """Whether text follows each of the numbered lines, so that they are not a list."""
    numbered = {id(block) for block, _ in found}
    return not any(id(a) in numbered and id(b) in numbered for a, b in pairwise(blocks))


def _mark_bracketed(blocks: Sequence[Block]) -> None:
    """Mark lines in square brackets with text below them, starting at the top of the page: [論義渡事]."""
    opened = [block for block in blocks if not block.role][:2]
    if not any(_BRACKETED.match(block.text) for block in opened):
        return
    for index, block in enumerate(blocks):
        after = blocks[index + 1] if index + 1 < len(blocks) else None
        match = _BRACKETED.match(block.text) if block.form is Form.TEXT and not block.role else None
        if match and after is not None and not after.role and not _BRACKETED.match(after.text) and not opens(block):
            block.text = match["first"].strip()
            block.take("headline", "a line in square brackets")


def _mark_before_indents(blocks: Sequence[Block]) -> None:
    """Mark short lines before indented paragraphs."""
    run: list[Block] = []
    between = True
    for block in blocks:
        if block.role in ("source", "jump to"):
            continue
        if not block.indented and could_be_headline(block) and (run or between):
            run.append(block)
            continue
        if run and block.indented and len(run) <= MOST_HEADLINE_LINES and is_text(block):
            _mark_plain_run(run)
        run = []
        between = is_finished(block.text) or not block.indented


def _mark_first_lines(blocks: Sequence[Block]) -> None:
    """Mark the first lines of a page if they are short and text follows, and later isolated lines too."""
    run: list[Block] = []
    blocks = list(dropwhile(lambda block: block.role in ("source", "jump to"), blocks))
    for block in blocks:
        if block.role or not could_be_headline(block) or len(block.text) > _LONGEST_FIRST:
            break
        if run and _LABELLED.match(block.text):
            break
        run.append(block)
        if len(run) > MOST_HEADLINE_LINES:
            return
    rest = [block for block in blocks[len(run) :] if block.role in ("", "source")]
    begun = rest and (rest[0].role == "source" or is_text(rest[0]) or _LABELLED.match(rest[0].text))
    if run and begun and len(run[0].text) > 1:
        _mark_plain_run(run)
        if not any(opens(block) for block in rest):
            _mark_lone_lines(rest)


def _mark_lone_lines(blocks: Sequence[Block]) -> None:
    """Mark long lines between finished paragraphs, with blank lines around them, as headlines."""
    for before, block, after in zip(blocks, blocks[1:], blocks[2:], strict=False):
        if block.role or not block.gap or not after.gap or after.role or before.role == "headline":
            continue
        alone = _LONGEST_SUBHEAD < len(block.text) <= _LONGEST_FIRST and not re.search(r"[，。；：、]", block.text)
        if (
            alone
            and not DIVIDES.match(block.text)
            and could_be_headline(block)
            and is_finished(before.text)
            and is_text(after)
        ):
            block.take("headline", "a line alone between paragraphs")


def is_text(block: Block) -> bool:
    """Whether a block reads as an article's text."""
    return block.form is Form.TEXT and (
        opens(block)
        or len(block.text) > _LONGEST_FIRST
        or (
            is_finished(block.text)
            and block.text[-1] in "。！？!?”…；：」』"
            and (block.indented or len(block.text) >= 8)
        )
    )


def _headline_lines_before(blocks: Sequence[Block], index: int) -> list[Block]:
    run: list[Block] = []
    for before in range(index - 1, max(-1, index - 1 - MOST_HEADLINE_LINES), -1):
        if blocks[before].role or not could_be_headline(blocks[before]):
            break
        run.insert(0, blocks[before])
    return run


def could_be_headline(block: Block) -> bool:
    """Whether a line may be part of a headline: short, and neither text nor a byline."""
    if block.form is Form.BOLD:
        return True
    if block.form is not Form.TEXT or len(block.text) > _LONGEST_HEADLINE or opens(block):
        return False
    credited = people.photo_credit(block.text) or people.signature(block.text)
    return not credited and not furniture.JUMP_FROM.match(block.text) and not _reads_as_text(block.text)


def _reads_as_text(text: str) -> bool:
    """Whether a line ends like running text; headlines may end in ? or !, but not in a full stop or an ellipsis."""
    return text[-1] in "。；，、：,;:…" or (text[-1] in "”’」』" and is_finished(text))


def _mark_plain_run(run: list[Block]) -> None:
    """Mark the bold lines, or else the first line, as headline, lines before as kicker, lines after as subtitle."""
    if len(run) > 1 and bylines.bare_names(run[-1].text):
        run = run[:-1]
    bold = [block for block in run if block.form is Form.BOLD]
    if len(bold) > 1 and bold[0] is run[0] and len(bold[0].text) <= _LONGEST_BADGE:
        bold.pop(0).take("badge", "a short bold line before a bold headline")
        run = run[1:]
    dashed = [block for block in run if re.match(r"^(?:——|--|—)\s*\S", block.text)]
    if not bold and dashed and dashed[0] is not run[0]:
        bold = [run[run.index(dashed[0]) - 1]]
        why = "the line before a dashed subtitle"
    else:
        why = "a bold line before the byline" if bold else "the first line before the text"
    seen = False
    for block in run:
        if block in bold or not (bold or seen):
            block.take("headline", why)
            seen = True
        elif seen:
            block.take("subtitle", "a line between headline and text")
        else:
            block.take("kicker", "a line before the headline")


def _mark_plain_subheads(blocks: Iterable[Block]) -> None:
    """Mark bold lines, and short lines that are not sentences, after a finished paragraph as subheads."""
    between = True
    below_headline = False
    held: Block | None = None  # a candidate: it is a subhead only if text of its article follows
    for block in blocks:
        if held is not None and not block.role:
            held.take("subhead", "a short line inside an article")
        held = None
        if block.role:
            below_headline = block.role in ("headline", "subtitle") or (below_headline and block.role == "source")
            continue
        if below_headline and bylines.bare_names(block.text):
            between = True
            continue
        below_headline = False
        if block.form is Form.BOLD:
            block.take("subhead", "a bold line inside an article")
        elif block.form is Form.TEXT and between and _is_short_line(block.text):
            held = block
        elif block.form is Form.TEXT and not people.photo_credit(block.text):
            between = is_finished(block.text) or bylines.byline_line(block.text) is not None


def mark_lone_subheads(blocks: Sequence[Block]) -> None:
    """Mark short lines without punctuation, isolated by blank lines between finished paragraphs, as subheads."""
    for before, block, after in zip(blocks, blocks[1:], blocks[2:], strict=False):
        if block.role or block.form is not Form.TEXT or not (block.gap and after.gap) or not _LONE.match(block.text):
            continue
        whole = before.form is Form.TEXT and not before.role and is_finished(before.text) and is_text(before)
        if whole and not after.role and is_text(after) and _is_short_line(block.text):
            block.take("subhead", "a short line alone between paragraphs")


def _is_short_line(text: str) -> bool:
    if len(text) > _LONGEST_SUBHEAD or is_finished(text) or text[-1] in "，、,":
        return False
    return people.photo_credit(text) is None and bylines.byline_line(text) is None


def opens(block: Block) -> bool:
    """Whether an article's text begins at this block, with a dateline or byline."""
    if block.form is not Form.TEXT:
        return False
    signed = bylines.byline_line(block.text)
    if people.photo_credit(block.text) and not (signed and signed.reporters):
        return False
    return signed is not None or people.opening(block.text) is not None
