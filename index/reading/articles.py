"""Cut a page's blocks into articles: find the headlines, then what belongs to each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from . import furniture, people
from .blocks import Block, Form, tight
from .paragraphs import is_finished, join_paragraphs

_LONGEST_HEADLINE = 60
_LONGEST_SUBHEAD = 14


@dataclass
class Draft:
    """An article as one page shows it, before the pieces on other pages are joined."""

    headline: list[str] = field(default_factory=list)
    kicker: list[str] = field(default_factory=list)
    subtitle: list[str] = field(default_factory=list)
    section: str = ""
    byline: people.People = field(default_factory=people.People)
    captions: list[str] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    page: int | None = None
    source: str = ""
    jump_to: int | None = None
    jump_from: int | None = None

    @property
    def title(self) -> str:
        """The headline in one line; one that the layout cut over two lines is put together."""
        return one_line(self.headline)

    @property
    def paragraphs(self) -> list[str]:
        """The body as it was before the layout cut it."""
        return join_paragraphs(self.body)


def drafts(blocks: Sequence[Block]) -> list[Draft]:
    """The articles of one page, in order. Every block gets the role it was taken for."""
    furniture.mark(blocks)
    waiting = [block for block in blocks if block.role in ("", "jump to")]
    _mark_banner(waiting)
    waiting = [block for block in waiting if block.role != "banner"]
    marked = any(block.form is Form.HEADING and not _continues(block, waiting) for block in waiting)
    if marked:
        _mark_headings(waiting)
    else:
        _mark_plain_headlines(waiting)
    return list(_assemble(blocks))


def _mark_banner(blocks: list[Block]) -> None:
    """A first level-1 heading with the lead's own headline after it belongs to the page."""
    if not blocks or blocks[0].form is not Form.HEADING or blocks[0].level != 1:
        return
    run = list(_headings_from(blocks, 0))
    others = [b for b in blocks[1:] if b.form is Form.HEADING and not _continues(b, blocks)]
    lead_follows = any(block.level == 1 for block in run[1:])
    only_heading = not others and len(blocks) > 1 and _plain_headline_follows(blocks)
    if lead_follows or only_heading:
        blocks[0].take("banner", "a first heading with the lead's headline after it")


def _plain_headline_follows(blocks: list[Block]) -> bool:
    """Whether the article after a lone first heading has a plain or bold headline of its own."""
    for block in blocks[1:4]:
        if _opens(block):
            return block is not blocks[1]
        if not _could_be_headline(block):
            return False
    return False


def _headings_from(blocks: Sequence[Block], start: int) -> Iterator[Block]:
    for block in blocks[start:]:
        if block.form is not Form.HEADING:
            return
        yield block


def _continues(heading: Block, blocks: Sequence[Block]) -> bool:
    """Whether a heading repeats the headline of an article that comes from an earlier page."""
    after = blocks[_position(heading, blocks) + 1 :]
    for block in after[:3]:
        if block.form is not Form.HEADING:
            return bool(furniture.JUMP_FROM.match(block.text))
    return False


def _position(wanted: Block, blocks: Sequence[Block]) -> int:
    return next(index for index, block in enumerate(blocks) if block is wanted)


# Pages whose headlines are Markdown headings


def _mark_headings(blocks: list[Block]) -> None:
    """Kicker, headline and subtitle from each run of headings; lone deeper ones and bold lines are subheads."""
    level = None
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if block.form is Form.BOLD:
            _mark_bold(blocks, index)
        if block.form is not Form.HEADING:
            index += 1
            continue
        run = list(_headings_from(blocks, index))
        after = index + len(run)
        top = min(heading.level for heading in run)
        if level is None or top <= level or _starts_article(run, level, blocks, after):
            _mark_run(run)
            level = top
            index = _mark_bold_subtitle(blocks, after)
        else:
            for heading in run:
                heading.take("subhead", "a heading below the headline's level, inside the article")
            index = after


def _starts_article(run: list[Block], level: int, blocks: list[Block], after: int) -> bool:
    """Whether headings deeper than the article before them begin one of their own.

    A kicker or subtitle beside the headline shows it. The lead's headline is a level above those of the page's other
    articles, so that a lone heading one level down is its subhead unless what follows it is signed.
    """
    top = min(heading.level for heading in run)
    if any(heading.level != top for heading in run):
        return True
    if level != 1 or top != 2:
        return False
    end = next((i for i in range(after, len(blocks)) if blocks[i].form is Form.HEADING), len(blocks))
    text = [block for block in blocks[after:end] if block.form is Form.TEXT]
    if not text:
        return False
    signed = [block for block in text if people.signature(block.text) or people.byline_line(block.text)]
    return _opens(text[0]) or bool(signed)


def _mark_run(run: list[Block]) -> None:
    top = min(heading.level for heading in run)
    first = next(i for i, heading in enumerate(run) if heading.level == top)
    last = first
    while last + 1 < len(run) and run[last + 1].level == top:
        last += 1
    for index, heading in enumerate(run):
        if index < first:
            heading.take("kicker", "a smaller heading before the headline")
        elif index <= last:
            heading.take("headline", "the largest heading of its run")
        else:
            heading.take("subtitle", "a smaller heading after the headline")


def _mark_bold(blocks: list[Block], index: int) -> None:
    """A bold line right before a headline is a column's badge; any other stays inside its article."""
    following = blocks[index + 1 : index + 2]
    if blocks[index].role:
        return
    if (following and following[0].form is Form.HEADING) or not following:
        blocks[index].take("badge", "a bold line right before a headline")
    else:
        blocks[index].take("subhead", "a bold line inside an article")


def _mark_bold_subtitle(blocks: list[Block], index: int) -> int:
    """A bold line between the headline and the byline is the subtitle."""
    here = blocks[index : index + 2]
    if len(here) == 2 and here[0].form is Form.BOLD and _opens(here[1]):
        here[0].take("subtitle", "a bold line between headline and byline")
        return index + 1
    return index


# Pages whose headlines are bold or plain lines: there every article opens with a byline


def _mark_plain_headlines(blocks: list[Block]) -> None:
    for index, block in enumerate(blocks):
        if block.form is Form.HEADING:
            block.take("headline", "a heading")
        elif _opens(block):
            _mark_plain_run(_headline_lines_before(blocks, index))
    for index, block in enumerate(blocks):
        if not block.role and (block.form is Form.BOLD or _is_plain_subhead(blocks, index)):
            block.take("subhead", "a short line inside an article")


def _headline_lines_before(blocks: list[Block], index: int) -> list[Block]:
    run: list[Block] = []
    for block in reversed(blocks[:index]):
        if len(run) == 4 or block.role or not _could_be_headline(block):
            break
        run.insert(0, block)
    return run


def _could_be_headline(block: Block) -> bool:
    if block.form is Form.BOLD:
        return True
    if block.form is not Form.TEXT or len(block.text) > _LONGEST_HEADLINE or _opens(block):
        return False
    credited = people.photo_credit(block.text) or people.signature(block.text)
    return not credited and not furniture.JUMP_FROM.match(block.text) and not _reads_as_text(block.text)


def _reads_as_text(text: str) -> bool:
    """Whether a line ends as running text does; a headline may ask or exclaim, but does not stop or break off."""
    return text[-1] in "。；，、：,;:…" or (text[-1] in "”’」』" and is_finished(text))


def _mark_plain_run(run: list[Block]) -> None:
    bold = [block for block in run if block.form is Form.BOLD]
    if len(bold) > 1 and len(bold[0].text) <= 8 and bold[0] is run[0]:
        run.remove(bold[0])
        bold[0].take("badge", "a short bold line before a bold headline")
    headline = (
        run.index(bold[-1] if len(bold) == 1 else bold[1 if len(bold) > 1 and bold[0].role else 0]) if bold else 0
    )
    for index, block in enumerate(run):
        if index < headline:
            block.take("kicker", "a line before the headline")
        elif index == headline or (bold and block.form is Form.BOLD):
            block.take(
                "headline", "the line before the byline" if len(run) == 1 else "the first line before the byline"
            )
        else:
            block.take("subtitle", "a line between headline and byline")


def _is_plain_subhead(blocks: list[Block], index: int) -> bool:
    """A short line that is no sentence, between a finished paragraph and another one."""
    block = blocks[index]
    if block.form is not Form.TEXT or len(block.text) > _LONGEST_SUBHEAD:
        return False
    if is_finished(block.text) or block.text[-1] in "，、,":
        return False
    if people.photo_credit(block.text) or people.byline_line(block.text) or index + 1 >= len(blocks):
        return False
    before = next((b for b in reversed(blocks[:index]) if b.form is Form.TEXT and not b.role), None)
    return before is None or is_finished(before.text) or bool(people.byline_line(before.text))


def _opens(block: Block) -> bool:
    """Whether an article's text begins here: a dateline or a byline."""
    if block.form is not Form.TEXT or people.photo_credit(block.text):
        return False
    return people.opening(block.text) is not None or people.byline_line(block.text) is not None


# Roles → drafts

_PARTS = {"kicker": "kicker", "headline": "headline", "subtitle": "subtitle"}


def _assemble(blocks: Sequence[Block]) -> Iterator[Draft]:
    draft: Draft | None = None
    badge = ""
    for block in blocks:
        starts = block.role in _PARTS and (draft is None or _has_text(draft) or _is_next(draft, block.role))
        if starts:
            if draft is not None:
                yield draft
            draft, badge = Draft(section=badge), ""
        if block.role == "badge":
            badge = block.text
        elif block.role in _PARTS and draft is not None:
            getattr(draft, _PARTS[block.role]).append(block.text)
        elif block.role in ("", "subhead"):
            draft = draft or Draft()
            _take_text(draft, block)
        elif block.role == "jump to" and draft is not None:
            match = furniture.JUMP_TO.match(block.text)
            draft.jump_to = furniture.page_number(match["page"]) if match else None
        elif block.role == "image" and draft is not None and block.text:
            draft.captions.append(block.text)
    if draft is not None:
        yield draft


def _has_text(draft: Draft) -> bool:
    return bool(draft.body or draft.byline)


def _is_next(draft: Draft, role: str) -> bool:
    """Whether a part that comes earlier in an article than those we have begins another article."""
    return bool((draft.subtitle and role != "subtitle") or (draft.headline and role == "kicker"))


def _take_text(draft: Draft, block: Block) -> None:
    """Put a line of text where it belongs: byline, caption, signature or body."""
    text = block.text
    if block.form is not Form.TEXT or block.role == "subhead":
        block.role = block.role or block.form.value
        draft.body.append(block)
        return
    if match := furniture.JUMP_FROM.match(text):
        draft.jump_from = furniture.page_number(match["page"])
        text = text[match.end() :]
    if credit := people.photo_credit(text):
        block.take("photo credit", "names whoever took the picture")
        draft.byline.add(credit.people)
        if credit.rest:
            draft.captions.append(tight(credit.rest))
        return
    if found := people.byline_line(text):
        block.take("byline", "a line of names by role")
        draft.byline.add(found)
        return
    if byline := people.opening(text):
        draft.byline.add(byline.people)
        text = byline.rest
    if match := furniture.JUMP_TO_TAIL.search(text):
        draft.jump_to = furniture.page_number(match["page"])
        text = text[: match.start()]
    if signed := people.signature(text):
        draft.byline.add(signed.people)
        text = signed.rest
    block.take("paragraph", "running text")
    if text.strip():
        draft.body.append(Block(Form.TEXT, text.strip(), block.line, role="paragraph"))


def one_line(lines: Sequence[str]) -> str:
    """Lines of one headline together; spaces that stand inside a line are the printer's and stay."""
    return re.sub(r"\s+", " ", "".join(lines)).strip()
