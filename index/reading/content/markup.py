"""HTML as blocks, and its metadata: titles, meta tags, the markup of e-paper systems."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ..blocks import Block, Form, dropped
from ..facts.fields import our_name

_BREAKING = (
    "p div br li ul ol dl dt dd tr td th table tbody section article header footer main aside blockquote "
    "h1 h2 h3 h4 h5 h6 figure figcaption center body hr pre form founder-content"
)
_BREAKS = frozenset(_BREAKING.split())
_HIDING = "script style head template noscript nav select option button textarea iframe object svg title"
_HIDDEN = frozenset(_HIDING.split())
_CLOSABLE = "noscript|nav|template|select|button|textarea|iframe|object|svg"
# A tag that starts the body closes a head that was left open.
_BEGINNING = "body h1 h2 h3 p div table center article section"
_BODY = frozenset(_BEGINNING.split())
# The names that e-paper systems and WeChat public accounts use for the parts of an article.
_CAPTURED = {
    "activity-name": "title",
    "js_name": "paper",
    "publish_time": "date",
    "js_author_name": "reporters",
    "founder-author": "reporters",
    "value-founder-author": "reporters",
    "meta_content": "about",  # an account's line with author, name and place
    "newsarticletitle": "title",
    "newsarticleauthor": "reporters",
    "newseditionname": "section",
}
# Classes that sites give to an article's headline and the lines around it; one that occurs twice says nothing.
_CLASSES = ("title", "kicker", "subtitle")
_CLASSED = _BREAKS - {"br", "hr"} | {"span", "strong", "b", "font"}
_NO_CLASS = ("name", "head", "heading")
_TITLES = ("founder-title", "value-founder-title")
_CELL_LENGTH = 80
_SHORT = 20  # a line with fewer characters is not joined with the paragraph below it
_LONGEST_SAID = 200
_MOST_AREAS = 1000
_PROPERTY = re.compile(
    r"<(?P<whole>(?:value-)?(?:founder-)?(?P<name>[a-z]+))>(?P<value>.{0,400}?)</(?P=whole)>", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^<>]*>")


def html_blocks(text: str) -> list[Block]:
    """The blocks of an HTML page: headings, paragraphs, bold lines, table rows, images; hidden text is dropped."""
    return read_markup(text).blocks


@dataclass(frozen=True)
class MappedPicture:
    """A picture with an image map; its size in the page's markup, 0 if unspecified."""

    map: str
    address: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Area:
    """A linked area of a picture."""

    map: str
    shape: str
    coords: str
    address: str


@dataclass
class Markup:
    """A page's blocks and its metadata.

    ``said`` maps our field names to values from elements that e-paper systems use. ``meta`` maps names to contents.
    ``titles`` are the blocks that a system marks as headline. ``classed`` maps our field names to the texts of elements
    with a class of such a name. ``scripts`` are the texts of scripts that contain data.
    """

    blocks: list[Block] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    title: str = ""
    titles: list[Block] = field(default_factory=list)
    classed: dict[str, list[str]] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    links: int = 0
    pictures: list[MappedPicture] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)


def read_markup(text: str) -> Markup:
    """Parse an HTML page. Hiding tags that are never closed do not hide anything."""
    parser = _Html(_unclosed(text))
    parser.feed(_comment_closed(text))
    parser.close()
    return parser.page


def _unclosed(text: str) -> frozenset[str]:
    opened, closed = (
        Counter(tag.lower() for tag in re.findall(rf"<{slash}({_CLOSABLE})\b", text, re.IGNORECASE))
        for slash in ("", "/")
    )
    return frozenset(tag for tag, count in opened.items() if closed[tag] < count)


def _comment_closed(text: str) -> str:
    """Escape a script, style or comment that is never closed, so that it does not swallow the rest of the page."""
    for opening, closing in (("<script", "</script"), ("<style", "</style"), ("<!--", "-->")):
        start = text.lower().rfind(opening)
        if start >= 0 and closing not in text[start:].lower():
            text = text[:start] + text[start:].replace("<", "&lt;", 1)
    return text


@dataclass
class _Row:
    """A table row: the cells seen so far, each with its blocks."""

    cells: list[list[Block]] = field(default_factory=list)


class _Html(HTMLParser):
    """Flattens HTML to blocks without recursion, so that deep nesting is harmless."""

    def __init__(self, unclosed: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Markup()
        self._hides = _HIDDEN - unclosed
        self._text: list[str] = []
        self._plain_text = False
        self._level = 0
        self._hidden: list[str] = []
        self._strong = 0
        self._linked = 0
        self._link_characters = 0
        self._rows: list[_Row] = []
        self._classed: tuple[str, str, list[str]] | None = None  # tag, our name and the text so far
        self._paragraph = False
        self._last = ""
        self._captures: list[tuple[str, str]] = []  # tag and our name for the field being captured
        self._indent = False
        self._map = ""
        self._after_span = False  # adjacent parts are separated by the page's style

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BODY and "head" in self._hidden:
            self._hidden = []
        if tag in self._hides:
            if tag == "option" and "option" in self._hidden:
                return
            self._hidden.append(tag)
            return
        values = {name: value or "" for name, value in attrs}
        if tag == "meta" and (values.get("content") or "").strip():
            self._take_meta(values)
        if tag in _BREAKS:
            self._flush()
            self._paragraph = tag == "p"
        self._take_class(tag, values.get("class", ""))
        if re.fullmatch(r"h[1-6]", tag):
            self._level = int(tag[1])
        elif tag in _TITLES:
            self._flush()
            self._level = 1
        elif tag in ("b", "strong"):
            self._strong += 1
        elif tag == "a":
            self._linked += 1
        elif tag == "img":
            self._flush()
            if values.get("usemap"):
                size = (_pixels(values.get("width")), _pixels(values.get("height")))
                self.page.pictures.append(MappedPicture(values["usemap"].lstrip("#"), values.get("src", ""), *size))
            caption = values.get("alt") or _bare(values.get("data-original-title", ""))
            self._place(Block(Form.IMAGE, caption, self.getpos()[0]))
        elif tag == "map":
            self._map = values.get("name") or values.get("id", "")
        elif tag == "area" and len(self.page.areas) < _MOST_AREAS:
            area = Area(self._map, values.get("shape", ""), values.get("coords", ""), values.get("href", ""))
            self.page.areas.append(area)
        elif tag == "tr":
            self._rows.append(_Row())
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].cells.append([])
        named = _CAPTURED.get(tag) or _CAPTURED.get(values.get("id", "").lower())
        if named:
            self._captures.append((tag, named))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden and self._hidden.pop() != tag:
                pass
            return
        if tag in _BREAKS:
            self._flush()
        if re.fullmatch(r"h[1-6]", tag):
            self._level = 0
        elif tag in _TITLES:
            self._flush(is_title=True)
            self._level = 0
        elif tag in ("b", "strong"):
            self._strong = max(0, self._strong - 1)
        elif tag == "a":
            self._linked = max(0, self._linked - 1)
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag == "span":
            self._after_span = True
        if self._captures and self._captures[-1][0] == tag:
            self._captures.pop()
        if self._classed and self._classed[0] == tag:
            _, name, texts = self._classed
            self.page.classed.setdefault(name, []).append(" ".join("".join(texts).split()))
            self._classed = None

    def handle_data(self, data: str) -> None:
        if self._hidden and data.strip():
            self._take_hidden(data.strip())
        elif data and not self._hidden:
            if self._classed:
                self._classed[2].append(data)
            if self._captures and data.strip():
                name = self._captures[-1][1]
                self.page.said[name] = f"{self.page.said.get(name, '')} {data.strip()}".strip()[:_LONGEST_SAID]
                if name in ("date", "reporters", "paper", "about"):
                    self._place(dropped(data.strip(), self.getpos()[0], f"the page names its {name}"))
                    return
            if not self._text and data.strip():
                self._indent = data.lstrip("\n\r")[:1] in ("\u3000", "\xa0")
            if self._after_span and self._text and _stand_apart(self._text[-1], data):
                self._text.append(" ")
            self._after_span = False
            self._text.append(data)
            self._plain_text = self._plain_text or bool(data.strip() and not self._strong)
            if self._linked:
                self._link_characters += len("".join(data.split()))

    def handle_comment(self, data: str) -> None:
        if "enpproperty" in data:  # the properties that an e-paper system adds to an article
            for match in _PROPERTY.finditer(data):
                if value := _bare(match["value"]):
                    self.page.said.setdefault(match["name"].lower(), value)

    def close(self) -> None:
        super().close()
        self._flush()
        while self._rows:
            self._end_row()

    def _take_class(self, tag: str, classes: str) -> None:
        named = {our_name(word) for word in classes.lower().split() if word not in _NO_CLASS} & set(_CLASSES)
        if len(named) == 1 and not self._linked and tag in _CLASSED:
            self._classed = (tag, named.pop(), [])

    def _take_meta(self, values: dict[str, str]) -> None:
        name = values.get("property") or values.get("name") or values.get("itemprop") or ""
        if name:
            self.page.meta.setdefault(name, " ".join(values["content"].split()))

    def _take_hidden(self, data: str) -> None:
        if self._hidden[-1] == "title":
            self.page.title = self.page.title or " ".join(data.split())
        elif self._hidden[-1] == "script" and ("headline" in data or "var ct" in data or "publish_time" in data):
            self.page.scripts.append(data)
        self._place(dropped(data, self.getpos()[0], "hidden from the reader"))

    def _flush(self, *, is_title: bool = False) -> None:
        text = re.sub(r"\s+", " ", "".join(self._text)).strip()
        if text:
            form = Form.HEADING if self._level else Form.TEXT if self._plain_text else Form.BOLD
            block = Block(form, text, self.getpos()[0], level=self._level, indented=self._indent, gap=True)
            words = len(re.sub(r"[^\w]", "", text))
            block.link = bool(words) and self._link_characters >= 0.8 * words
            self.page.links += block.link
            if is_title:
                self.page.titles.append(block)
            block.apart = self._paragraph and (self._indent or len(self._last) < _SHORT)
            self._last = text
            self._place(block)
        self._text, self._plain_text, self._link_characters, self._indent = [], False, 0, False

    def _place(self, block: Block) -> None:
        if self._rows and self._rows[-1].cells:
            self._rows[-1].cells[-1].append(block)
        else:
            self.page.blocks.append(block)

    def _end_row(self) -> None:
        """Close a table row: short cells become one table block; the blocks of other, layout rows stay separate."""
        if not self._rows:
            return
        row = self._rows.pop()
        cells = [cell for cell in row.cells if any(block.text for block in cell)]
        single = all(len(cell) == 1 and cell[0].form in (Form.TEXT, Form.BOLD) and not cell[0].role for cell in cells)
        if len(cells) > 1 and single and all(_is_cell(cell[0]) for cell in cells):
            row_text = " | ".join(cell[0].text for cell in cells)
            self._place(Block(Form.TABLE, row_text, cells[0][0].line))
            return
        for cell in row.cells:
            for block in cell:
                self._place(block)


def _bare(value: str) -> str:
    """The text of a value that may contain tags: <introtitle><p>引题</p></introtitle>."""
    return " ".join(_TAG.sub(" ", value).split())


def _pixels(value: str | None) -> int:
    match = re.match(r"\s*(\d{1,5})(?:px)?\s*$", value or "")
    return int(match[1]) if match else 0


def _stand_apart(before: str, after: str) -> bool:
    """Whether adjacent parts are separate words: not digits of one number, but for example a time and a date."""
    return not (before[-1:].isascii() and after[0].isascii()) or bool(re.search(r"\d:\d\d$", before))


def _is_cell(block: Block) -> bool:
    return not block.link and len(block.text) <= _CELL_LENGTH
