"""Assemble a page's blocks into articles, and account for every line of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..blocks import Block, Form, tight
from ..facts import bylines, furniture, people
from ..facts.dates import number
from ..facts.known import Facts, from_line
from ..facts.roles import People
from .draft import ArticleDraft
from .headlines import mark_headlines

_PARTS = ("kicker", "headline", "subtitle")
_FURNITURE_ROLES = "masthead source editors hotline weather imprint tools site link contents guide image dropped banner"
_FURNITURE = frozenset(_FURNITURE_ROLES.split())
_LEAST_TEXT = 60
_CAPTION = re.compile(r"^(?:[图圖][为為片]|[上下左右题][图圖][为為：:]?)")  # above a line with a photo credit only
_NEAR = 12  # number of blocks below a section's line that are examined
_LONGEST_NAMES = 20  # maximum length of a line with only names between a headline and its text


@dataclass(frozen=True)
class Segment:
    """Part of a line, its role and the reason for it. All segments of a page together are its text."""

    line: int
    role: str
    why: str
    text: str


@dataclass
class PageReading:
    """The result of reading one page: its articles, and the role of each piece of its text."""

    drafts: list[ArticleDraft]
    ledger: list[Segment]

    @property
    def unrecognised(self) -> int:
        """Number of lines kept in an article although nothing shows that they belong to it."""
        return sum(segment.role == "unrecognised" for segment in self.ledger)


def read_blocks(blocks: Sequence[Block], *, web: bool = False, title: str = "", whole: bool = False) -> PageReading:
    """Read the articles of one page, in order.

    Args:
        web: the page is from a website, where short lines before the first headline belong to the site.
        title: the headline according to the file's own title; used if the page shows none.
        whole: the blocks are one article, whose headlines already have their roles.
    """
    furniture.mark(blocks)
    if not whole:
        if title:
            _set_as_headline(blocks, title)
        known = any(block.role == "headline" for block in blocks)
        mark_headlines(blocks, titled=known or (bool(title) and not web))
    _settle_sources(blocks)
    ledger: list[Segment] = []
    drafts = list(_Assembly(blocks, ledger, web=web).drafts())
    if title and len(drafts) == 1 and not drafts[0].headline:
        drafts[0].headline = [title]
    return PageReading(drafts, ledger)


def _set_as_headline(blocks: Sequence[Block], title: str) -> None:
    """Mark the line that repeats the file's title as a headline, whatever its form."""
    open_blocks = [block for block in blocks if not block.role]
    if any(block.form is Form.HEADING for block in open_blocks):
        return
    bare = re.sub(r"\s", "", title)
    for block in open_blocks:
        if re.sub(r"\s", "", block.text) == bare:
            block.form, block.level = Form.HEADING, 1
            return


def _settle_sources(blocks: Sequence[Block]) -> None:
    """Treat labelled lines in the middle of an article's text as text, e.g. 时间：3月4日 in a notice."""
    ends = _ends_of_articles(blocks)
    near = True
    for block, ends_article in zip(blocks, ends, strict=True):
        if block.role in _PARTS:
            near = True
        elif block.role == "source" and not near and not ends_article:
            if block.imprint and not (block.imprint.paper or block.imprint.page):
                block.take("", "")
        elif not block.role and not (near and bylines.byline_line(block.text)):
            near = False


def _ends_of_articles(blocks: Sequence[Block]) -> list[bool]:
    """For each block, whether no more text of its article follows."""
    ends = []
    following = "headline"
    for block in reversed(blocks):
        ends.append(following in _PARTS)
        if block.role not in _FURNITURE:
            following = block.role
    return ends[::-1]


class _Assembly:
    """Assembles blocks with roles into drafts; ``ledger`` receives every piece of text."""

    def __init__(self, blocks: Sequence[Block], ledger: list[Segment], *, web: bool) -> None:
        self.blocks = blocks
        self.ledger = ledger
        self.web = web
        self.has_headlines = any(block.role == "headline" for block in blocks)
        self.draft: ArticleDraft | None = None
        self.badge = ""
        self.context = Facts()
        self.last_text = max((at for at, block in enumerate(blocks) if block.role not in _FURNITURE), default=-1)
        self.at = 0
        self.waiting = ArticleDraft()  # what precedes an article's headline and belongs to it

    def drafts(self) -> Iterator[ArticleDraft]:
        """Yield the articles in order."""
        for at, block in enumerate(self.blocks):
            self.at = at
            if self.draft is not None and self._ends_at(block):
                yield self.draft
                self.draft = None
            if block.role in _PARTS and (self.draft is None or _begins_another(self.draft, block.role)):
                if self.draft is not None:
                    yield self.draft
                self._begin()
            if block.role in ("", "subhead"):
                self._take_text(block)
            else:
                self.ledger.append(Segment(block.line, block.role, block.why, block.text))
                self._take_other(block)
        if self.draft is not None:
            yield self.draft

    def _ends_at(self, block: Block) -> bool:
        """Whether the block names a section or another page, with a headline below it, and thus ends an article."""
        if block.role == "masthead":
            page = from_line(block, "masthead").page
            if page is None or self.context.page in (None, page):
                return False
        elif block.role != "section":
            return False
        near = self.blocks[self.at + 1 : self.at + 1 + _NEAR]
        below = (after.role for after in near if after.role not in _FURNITURE)
        return next((role for role in below if role not in ("section", "badge")), "") in ("kicker", "headline")

    def _begin(self) -> ArticleDraft:
        self.draft, self.waiting, self.badge = self.waiting, ArticleDraft(), ""
        self.draft.facts = self.draft.facts.over(self.context)
        return self.draft

    def _take_text(self, block: Block) -> None:
        if self.draft is None and self.has_headlines and not block.role:
            if self._stands_apart(block):
                return
            block.take("unrecognised", "text before the first headline")
        if self.draft is None:
            self.waiting.section = self.badge
            self._begin()
        assert self.draft is not None
        self.ledger.extend(_take_text(self.draft, block))

    def _stands_apart(self, block: Block) -> bool:
        """Set aside text before the first headline: a photo caption for its article, or a short line of the site."""
        credit = people.photo_credit(block.text) if block.form is Form.TEXT else None
        if credit:
            self.waiting.byline.add(credit.people)
            self.waiting.note("caption", block)
            if credit.rest:
                self.waiting.captions.append(tight(credit.rest))
            self.ledger.append(Segment(block.line, "caption", "a photo credit before the headline", block.text))
        elif self.web and len(block.text) < _LEAST_TEXT:
            self.ledger.append(Segment(block.line, "site", "a short line of the site before the headline", block.text))
        else:
            return False
        return True

    def _take_other(self, block: Block) -> None:
        draft = self.draft
        if block.role == "badge":
            self.badge = self.waiting.section = block.text
        elif block.role == "section":
            self.context = Facts(section=tight(block.text)).over(self.context)
        elif block.role in _PARTS and draft is not None:
            getattr(draft, block.role).append(block.text)
            draft.note(block.role, block)
        elif block.role == "jump to" and draft is not None and (match := furniture.JUMP_TO.match(block.text)):
            draft.jump_to = furniture.page_number(match["page"])
        elif block.role == "image" and (draft is not None or self.has_headlines):
            target = draft or self.waiting
            target.note("picture" if block.form is Form.IMAGE and not block.text else "caption", block)
            credit = people.photo_credit(block.text)
            target.byline.add(credit.people if credit else People())
            caption = tight(credit.rest if credit else block.text)
            target.captions.extend([caption] if caption else [])
        elif block.role == "masthead":
            self._take_masthead(block)
        elif block.role == "source":
            target = self.waiting if draft is None else draft
            target.facts = from_line(block, "line beside the article").over(target.facts)
            if block.imprint:
                target.byline.add(block.imprint.people)

    def _take_masthead(self, block: Block) -> None:
        found = from_line(block, "masthead")
        if found.page is not None and found.page != self.context.page:
            self.context = Facts(self.context.paper, self.context.date)
        self.context = found.over(self.context)
        if self.draft is not None and (not self.draft.body or self.at > self.last_text):
            self.draft.facts = self.draft.facts.over(found)


def _begins_another(draft: ArticleDraft, role: str) -> bool:
    """Whether a headline part begins the next article: this one has text, or already has a later part."""
    if draft.body or draft.byline:
        return True
    return bool((draft.subtitle and role != "subtitle") or (draft.headline and role == "kicker"))


def _take_text(draft: ArticleDraft, block: Block) -> Iterator[Segment]:
    """Add a line of text to the draft's parts: jump mark, credit and caption, byline, body, signature."""

    def segment(role: str, why: str, text: str) -> Segment:
        return Segment(block.line, role, why, text)

    if block.form is not Form.TEXT or block.role == "subhead":
        role = block.role or block.form.value
        draft.body.append(Block(block.form, block.text, block.line, role=role, places=block.places, page=block.page))
        yield segment(role, block.why or "looks like one", block.text)
        return
    text = block.text
    if jump := furniture.JUMP_FROM.match(text):
        draft.jump_from = furniture.page_number(jump["page"])
        yield segment("jump from", "continues from an earlier page", jump[0])
        text = text[jump.end() :]
    if ("摄" in text or "攝" in text) and (glued := people.glued_caption(text)):
        caption, text = glued
        if credit := people.photo_credit(caption):
            draft.byline.add(credit.people)
            draft.captions.append(tight(credit.rest or caption))
        yield segment("caption", "a caption joined to the paragraph", caption)
    names = bylines.byline_line(text)
    if (credit := people.photo_credit(text)) and not (names and names.reporters):
        draft.byline.add(credit.people)
        draft.note("caption", block)
        if credit.rest:
            draft.captions.append(tight(credit.rest))
            yield segment("caption", "text before a photo credit", credit.rest)
        elif draft.body and _CAPTION.match(draft.body[-1].text):
            draft.captions.append(tight(draft.body.pop().text))
        yield segment("photo credit", "names whoever took the picture", text[len(credit.rest) :])
        return
    if names is None and draft.headline and not draft.body and not draft.byline and len(text) <= _LONGEST_NAMES:
        names = bylines.bare_names(text)
    if names:
        draft.byline.add(names)
        draft.note("byline", block)
        draft.closed = True
        yield segment("byline", "a line of names with roles", text)
        return
    if byline := people.opening(text):
        draft.byline.add(byline.people)
        draft.dateline = draft.dateline or byline.dateline
        yield segment("byline", "a dateline that opens the text", text[: len(text) - len(byline.rest)])
        text = byline.rest
    yield from _take_end(draft, block, text, segment)


def _take_end(
    draft: ArticleDraft, block: Block, text: str, segment: Callable[[str, str, str], Segment]
) -> Iterator[Segment]:
    """Add a line's text, and what it ends with: a signature, or a reference to a later page."""
    tail = furniture.JUMP_TO_TAIL.search(text, max(0, len(text) - 40))
    if tail:
        draft.jump_to = number(tail["page"] or tail["page_marked"])
        text = text[: tail.start()]
    signed = people.signature(text)
    if signed:
        draft.byline.add(signed.people)
    body = signed.rest if signed else text
    if body.strip():
        draft.body.append(
            replace(block, form=Form.TEXT, text=body.strip(), role="paragraph", apart=draft.closed or block.apart)
        )
        draft.closed = False
        yield segment(block.role or "paragraph", block.why or "running text", body)
    if signed:
        yield segment("signature", "names in brackets at the end", text[len(signed.rest) :])
    if tail:
        yield segment("jump to", "sends the reader to a later page", tail[0])
