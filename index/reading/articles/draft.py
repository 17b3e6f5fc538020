"""An article as it appears on one page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ...regions import Region
from ..blocks import Block
from ..facts.known import Facts
from ..facts.roles import People
from ..layout.places import body_regions, part_regions
from .paragraphs import join_paragraphs, join_placed


@dataclass
class ArticleDraft:
    """An article as it appears on one page, before pieces on other pages are joined.

    ``facts`` come from lines next to the article or from the page heading above it. ``closed``: the text so far ends
    with a byline, so that the next line begins a paragraph. ``parts`` are the blocks outside the body that have places
    on the page, each with its kind.
    """

    headline: list[str] = field(default_factory=list)
    kicker: list[str] = field(default_factory=list)
    subtitle: list[str] = field(default_factory=list)
    section: str = ""
    byline: People = field(default_factory=People)
    captions: list[str] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    parts: list[tuple[str, Block]] = field(default_factory=list)
    page: int | None = None
    source: str = ""
    facts: Facts = field(default_factory=Facts)
    dateline: str = ""
    closed: bool = False
    jump_to: int | None = None
    jump_from: int | None = None

    @property
    def title(self) -> str:
        """The headline in one line, with line breaks of the layout removed."""
        return one_line(self.headline)

    @property
    def paragraphs(self) -> list[str]:
        """The paragraphs of the body, with breaks of the layout removed."""
        return join_paragraphs(self.body)

    def note(self, kind: str, block: Block) -> None:
        """Keep the places of a block outside the body."""
        if block.places:
            self.parts.append((kind, block))


def one_line(lines: Sequence[str]) -> str:
    """Join the lines of one headline; spaces within a line were printed and are kept."""
    return re.sub(r"\s+", " ", "".join(lines)).strip()


def joined_body(pieces: Sequence[ArticleDraft]) -> tuple[str, tuple[Region, ...]]:
    """The body of an article printed in pieces on several pages, and the places of its parts."""
    paragraphs, placed = join_placed(block for piece in pieces for block in piece.body)
    body = "\n".join(paragraphs)
    owners = {id(block): piece for piece in pieces for block in piece.body}
    regions: list[Region] = []
    for piece in pieces:
        for kind, block in piece.parts:
            regions.extend(_of(piece, block, part_regions(kind, block.places)))
    for block, start, end in placed:
        if block.places:
            regions.extend(_of(owners[id(block)], block, body_regions(block.places, body[start:end], start)))
    return body, tuple(regions)


def _of(piece: ArticleDraft, block: Block, regions: Iterator[Region]) -> Iterator[Region]:
    page = block.page if block.page is not None else piece.page
    return (replace(region, page=page, source=piece.source) for region in regions)
