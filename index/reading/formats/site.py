"""Pages of news sites: keep the article and leave out the site around it, with the help of trafilatura."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..blocks import Block, Form
from ..content.markup import Markup

_MANY_LINKS = 15
_MANY_BLOCKS = 30
_LEAST_EXTRACTED = 100
_LONG = 40
_SHORT = 12  # characters; up to this length a line must equal an extracted line, beyond it may be part of one
_MOST_HEADINGS = 2  # on a page whose headline is unknown
_OPEN = ("", "source", "masthead", "image", "link")
_WHY = "outside the article, as trafilatura sees the page"


def keep_article(text: str, markup: Markup, titles: Sequence[str]) -> str:
    """Remove the site's own lines from a page with many links; returns the headline if it is one of ``titles``.

    Text that the extractor misses is kept if it is a sentence between lines of the article.
    """
    blocks = markup.blocks
    if markup.links < _MANY_LINKS or len(blocks) < _MANY_BLOCKS:
        return ""
    headline = _headline(blocks, titles)
    if headline is None and sum(block.form is Form.HEADING and not block.role for block in blocks) > _MOST_HEADINGS:
        return ""
    lines = _extracted(text)
    if sum(map(len, lines)) < _LEAST_EXTRACTED:
        return ""
    inside = [_is_inside(block, lines) for block in blocks]
    if headline is None:
        for block, kept in zip(blocks, inside, strict=True):
            if not (block.role or kept or block.form is Form.HEADING or len(block.text) >= _LEAST_EXTRACTED):
                block.take("site", _WHY)
        return ""
    _keep_below(blocks, headline, inside)
    return headline.text


def _keep_below(blocks: Sequence[Block], headline: Block, inside: Sequence[bool]) -> None:
    """Keep the headline, the article's lines below it, and picture captions between them."""
    start = next(index for index, block in enumerate(blocks) if block is headline)
    kept = [index for index, within in enumerate(inside) if within and index > start]
    last = max((at for at in kept if blocks[at].role in _OPEN and not _is_list(blocks[at])), default=start)
    headline.take("headline", "the title in the page's head")
    for index, block in enumerate(blocks):
        if block is headline or block.role not in _OPEN or _is_imprint(block):
            continue
        between = start < index <= last
        if between and inside[index] and _bare(block.text) != _bare(headline.text):
            block.role = "" if block.role in ("link", "masthead") else block.role
            if block.form is Form.HEADING and not block.role:
                block.take("subhead", "a heading inside the article")
        elif not (between and (_is_sentence(block) or _is_caption(block))):
            block.take("site", _WHY)


def _headline(blocks: Sequence[Block], titles: Sequence[str]) -> Block | None:
    """The block that shows one of ``titles``; a heading is preferred to a plain line."""
    for title in map(_bare, titles):
        shown = [
            block for block in blocks if block.role in ("", "link") and _bare(block.text) == title and not block.link
        ]
        headings = [block for block in shown if block.form is Form.HEADING]
        if shown:
            return (headings or shown)[0]
    return None


def _extracted(text: str) -> frozenset[str]:
    import trafilatura

    extracted = trafilatura.extract(text, include_comments=False, favor_recall=True, output_format="txt") or ""
    return frozenset(filter(None, map(_bare, extracted.split("\n"))))


def _is_inside(block: Block, lines: frozenset[str]) -> bool:
    bare = _bare(block.text.replace(" | ", ""))
    if not bare or block.form is Form.IMAGE:
        return False
    return bare in lines or (len(bare) > _SHORT and any(bare in line for line in lines))


def _is_list(block: Block) -> bool:
    """Whether a line belongs to a list of other articles after the text: a link, a heading, or only a time."""
    return block.link or block.form in (Form.HEADING, Form.IMAGE) or not re.search(r"[^\W\d]", block.text)


def _is_imprint(block: Block) -> bool:
    return block.role in ("source", "masthead") and block.imprint is not None and block.imprint.date is not None


def _is_sentence(block: Block) -> bool:
    return not block.link and len(block.text) >= _LONG and block.text[-1] in "。！？!?”」』）)"


def _is_caption(block: Block) -> bool:
    return block.form is Form.IMAGE and len(re.findall(r"[\u4e00-\u9fff]", block.text)) >= 6


def _bare(text: str) -> str:
    return "".join(text.split())
