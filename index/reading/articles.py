"""Put a page's blocks together as articles, and account for every line of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from . import furniture, people
from .blocks import Block, Form, tight
from .headlines import mark_headlines
from .paragraphs import join_paragraphs

_PARTS = ("kicker", "headline", "subtitle")


@dataclass(frozen=True)
class Segment:
    """Part of a line, what it was taken for, and why. All segments of a page together are its text."""

    line: int
    role: str
    why: str
    text: str


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


@dataclass
class Reading:
    """What was read from one page: its articles, and where each piece of its text went."""

    drafts: list[Draft]
    ledger: list[Segment]

    @property
    def unrecognised(self) -> int:
        """Lines kept in an article though nothing says that they belong to it."""
        return sum(segment.role == "unrecognised" for segment in self.ledger)


def read_blocks(blocks: Sequence[Block]) -> Reading:
    """The articles of one page, in order."""
    furniture.mark(blocks)
    mark_headlines(blocks)
    ledger: list[Segment] = []
    return Reading(list(_assemble(blocks, ledger)), ledger)


def one_line(lines: Sequence[str]) -> str:
    """Lines of one headline together; spaces that stand inside a line are the printer's and stay."""
    return re.sub(r"\s+", " ", "".join(lines)).strip()


def _assemble(blocks: Sequence[Block], ledger: list[Segment]) -> Iterator[Draft]:
    draft: Draft | None = None
    badge = ""
    has_headlines = any(block.role == "headline" for block in blocks)
    for block in blocks:
        if block.role in _PARTS and (draft is None or _begins_another(draft, block.role)):
            if draft is not None:
                yield draft
            draft, badge = Draft(section=badge), ""
        if block.role in ("", "subhead"):
            if draft is None:
                draft = Draft()
                if has_headlines and not block.role:
                    block.take("unrecognised", "text before the first headline")
            ledger.extend(_take_text(draft, block))
            continue
        ledger.append(Segment(block.line, block.role, block.why, block.text))
        if block.role == "badge":
            badge = block.text
        elif block.role in _PARTS and draft is not None:
            getattr(draft, block.role).append(block.text)
        elif block.role == "jump to" and draft is not None and (match := furniture.JUMP_TO.match(block.text)):
            draft.jump_to = furniture.page_number(match["page"])
        elif block.role == "image" and draft is not None and block.text:
            draft.captions.append(tight(block.text))
    if draft is not None:
        yield draft


def _begins_another(draft: Draft, role: str) -> bool:
    """Whether a headline part begins the next article: this one has text, or already has a later part."""
    if draft.body or draft.byline:
        return True
    return bool((draft.subtitle and role != "subtitle") or (draft.headline and role == "kicker"))


def _take_text(draft: Draft, block: Block) -> Iterator[Segment]:
    """Put a line of text where it belongs: jump mark, credit and caption, byline, body, signature."""

    def segment(role: str, why: str, text: str) -> Segment:
        return Segment(block.line, role, why, text)

    if block.form is not Form.TEXT or block.role == "subhead":
        role = block.role or block.form.value
        draft.body.append(Block(block.form, block.text, block.line, role=role))
        yield segment(role, block.why or "set as one", block.text)
        return
    text = block.text
    if jump := furniture.JUMP_FROM.match(text):
        draft.jump_from = furniture.page_number(jump["page"])
        yield segment("jump from", "goes on from an earlier page", jump[0])
        text = text[jump.end() :]
    if credit := people.photo_credit(text):
        draft.byline.add(credit.people)
        if credit.rest:
            draft.captions.append(tight(credit.rest))
            yield segment("caption", "stands before a photo credit", credit.rest)
        yield segment("photo credit", "names whoever took the picture", text[len(credit.rest) :])
        return
    if names := people.byline_line(text):
        draft.byline.add(names)
        yield segment("byline", "a line of names by role", text)
        return
    if byline := people.opening(text):
        draft.byline.add(byline.people)
        yield segment("byline", "a dateline that opens the text", text[: len(text) - len(byline.rest)])
        text = byline.rest
    tail = furniture.JUMP_TO_TAIL.search(text, max(0, len(text) - 40))
    if tail:
        draft.jump_to = furniture.page_number(tail["page"])
        text = text[: tail.start()]
    signed = people.signature(text)
    if signed:
        draft.byline.add(signed.people)
    body = signed.rest if signed else text
    if body.strip():
        draft.body.append(Block(Form.TEXT, body.strip(), block.line, role="paragraph"))
        yield segment(block.role or "paragraph", block.why or "running text", body)
    if signed:
        yield segment("signature", "names in brackets at the end", text[len(signed.rest) :])
    if tail:
        yield segment("jump to", "sends the reader to a later page", tail[0])
