"""An article as one page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ...regions import Region
from ..blocks import Block
from ..facts import people
from ..facts.known import Facts
from ..layout.places import body_regions, part_regions
from .paragraphs import join_paragraphs, join_placed


@dataclass
class ArticleDraft:
    """An article as one page shows it, before the pieces on other pages are joined.

    ``facts``: what the lines beside it say of it, or the page heading above it. ``closed``: a byline stands where the
    text has come to, so that the next line begins a paragraph. ``parts``: the blocks that are no text of the body but
    have places on the page, each with what it is.
    """

    headline: list[str] = field(default_factory=list)
    kicker: list[str] = field(default_factory=list)
    subtitle: list[str] = field(default_factory=list)
    section: str = ""
    byline: people.People = field(default_factory=people.People)
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
        """The headline in one line; one that the layout cut over two lines is put together."""
        return one_line(self.headline)

    @property
    def paragraphs(self) -> list[str]:
        """The body as it was before the layout cut it."""
        return join_paragraphs(self.body)

    def note(self, kind: str, block: Block) -> None:
        """Keep the places of a block that is no text of the body."""
        if block.places:
            self.parts.append((kind, block))


def one_line(lines: Sequence[str]) -> str:
    """Lines of one headline together; spaces that stand inside a line are the printer's and stay."""
    return re.sub(r"\s+", " ", "".join(lines)).strip()


def joined_body(pieces: Sequence[ArticleDraft]) -> tuple[str, tuple[Region, ...]]:
    """The body of an article that is printed in pieces on several pages, and where its parts are."""
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
