"""HTML pages as blocks."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from .blocks import Block, Form, dropped


def html_blocks(text: str) -> list[Block]:
    """The blocks of an HTML page: headings, paragraphs, bold lines, table rows, images; hidden text is dropped."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    return parser.blocks


class _Html(HTMLParser):
    """Flattens HTML to blocks without recursion, so that deep nesting costs nothing."""

    _BREAKS = frozenset(
        [
            "p",
            "div",
            "br",
            "li",
            "ul",
            "ol",
            "tr",
            "table",
            "section",
            "article",
            "header",
            "footer",
            "blockquote",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "figure",
            "figcaption",
        ]
    )
    _HIDDEN = frozenset(["script", "style", "head", "template", "noscript", "nav"])

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._plain_text = False
        self._level = 0
        self._hidden = 0
        self._strong = 0
        self._in_row = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._HIDDEN:
            self._hidden += 1
        if tag in self._BREAKS:
            self._flush()
        if re.fullmatch(r"h[1-6]", tag):
            self._level = int(tag[1])
        if tag in ("b", "strong"):
            self._strong += 1
        self._in_row = tag == "tr" or (self._in_row and tag not in ("table", "p"))
        if tag == "img":
            self._flush()
            self.blocks.append(Block(Form.IMAGE, dict(attrs).get("alt") or "", self.getpos()[0]))
        if tag in ("td", "th") and "".join(self._text).strip():
            self._text.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag in self._BREAKS:
            self._flush()
        if re.fullmatch(r"h[1-6]", tag):
            self._level = 0
        if tag in ("b", "strong"):
            self._strong = max(0, self._strong - 1)

    def handle_data(self, data: str) -> None:
        if self._hidden and data.strip():
            self.blocks.append(dropped(data.strip(), self.getpos()[0], "hidden from the reader"))
        elif data:
            self._text.append(data)
            self._plain_text = self._plain_text or bool(data.strip() and not self._strong)

    def close(self) -> None:
        super().close()
        self._flush()

    def _flush(self) -> None:
        text = re.sub(r"\s+", " ", "".join(self._text)).strip()
        if text:
            form = Form.TEXT if self._plain_text else Form.BOLD
            if self._level or self._in_row:
                form = Form.HEADING if self._level else Form.TABLE
            self.blocks.append(Block(form, text, self.getpos()[0], level=self._level))
        self._text, self._plain_text = [], False
