"""HTML: saved or crawled e-paper pages, pages of news sites, WeChat public accounts' articles."""

from __future__ import annotations

import datetime
import json
import re
from itertools import pairwise
from pathlib import Path

from index.types import JsonObject

from ..articles.plain import could_be_headline
from ..blocks import Block, Form, dropped
from ..content.files import read_text_noted
from ..content.markup import Markup, read_markup
from ..facts import furniture
from ..facts.dates import iso_date
from ..facts.fields import as_line, mapped
from ..facts.imprint import paper_name, read_imprint
from ..facts.known import Facts, facts, page_value, paper_value
from ..facts.people import from_field
from ..facts.roles import People
from . import site
from .area import places_by_file
from .base import FileText, Format, Options, PageText

# Additional or different names in e-paper systems: their ``channel`` is an internal number.
_SYSTEM_NAMES = {"introtitle": "kicker", "nodename": "section", "channel": "channelnumber"}
_TITLE_PARTS = re.compile(r"\s*(?:[-_|｜—–]{1,3}|[-_|—–]\s+)\s*")
_SITE_NAME = re.compile(r"数字[报報]|电子版|[报報社]$|[网網]$|新聞雲|新聞網|新闻网|首页|官网|客户端")
# A paper's name in a page's title, and what systems add to it.
_NAMED_PAPER = re.compile(r"[\u4e00-\u9fff]{1,10}(?:[日晚早时時周商导導学學青][报報]|都市[报報])")
_OF_SITE = re.compile(r"[·\s]*(?:多媒体)?(?:[数數]字(?:[报報](?:刊)?(?:平台)?)|[电電]子(?:版|[报報]))$")
_LONGEST_LABEL = 8
_SITE_HEADING = re.compile(r"^[\u4e00-\u9fff]{2,8}(?:网|網|数字[报報]|[电電]子[报報]|客户端|新聞雲)$")


def read_html(path: Path, _options: Options) -> FileText:
    """Read a web page as one page."""
    text, notes = read_text_noted(path)
    return FileText([page(text, path)], notes=notes)


def page(text: str, path: Path | None = None) -> PageText:
    """An HTML page: its blocks, its title, and the facts in its head and in its system's markup."""
    markup = read_markup(text)
    said = _said(markup)
    _part_author(markup.blocks, as_line(said.get("reporters")))
    furniture.mark(markup.blocks)
    if markup.titles:
        _set_around_title(markup.blocks, markup.titles[0])
    for block in markup.blocks:
        if block.form is Form.HEADING and not block.role and _SITE_HEADING.match(block.text):
            block.take("site", "a heading that is the site's name")
    _mark_labels(markup.blocks)
    named = _named_titles(markup, said)
    title = "" if markup.titles else site.keep_article(text, markup, named)
    title = title or _show_title(markup.blocks, named)
    _show_parts(markup, said)
    areas = places_by_file(markup, path) if path and markup.areas else {}
    return PageText(
        {}, markup.blocks, facts=_facts(said, markup), people=_people(said), title=title, web=True, areas=areas
    )


def _said(markup: Markup) -> JsonObject:
    """The page's metadata with our names: a system's markup first, then structured data, then meta tags."""
    said: JsonObject = {_SYSTEM_NAMES.get(name, name): value for name, value in markup.said.items()}
    values = dict(mapped(said).values)
    for script in markup.scripts:
        for name, value in _from_script(script).items():
            values.setdefault(name, value)
    for name, value in mapped(markup.meta).values.items():
        values.setdefault(name, value)
    return values


def _from_script(script: str) -> JsonObject:
    if seconds := re.search(r"var ct\s*=\s*[\"'](\d{10})[\"']", script):
        day = datetime.datetime.fromtimestamp(int(seconds[1]), datetime.timezone(datetime.timedelta(hours=8)))
        return {"date": day.date().isoformat()}
    if script.lstrip()[:1] not in "{[":
        found = re.search(r"publish_time\s*=\s*[\"'](\d{4}-\d{2}-\d{2})", script)
        return {"date": found[1]} if found else {}
    try:
        data = json.loads(script)
    except (ValueError, RecursionError):
        return {}
    data = next((item for item in data if isinstance(item, dict)), {}) if isinstance(data, list) else data
    return {name: value for name, value in mapped(data).values.items() if name in ("title", "date", "reporters")}


def _part_author(blocks: list[Block], author: str) -> None:
    """Remove the author named in the page's head from the source line."""
    for at, block in enumerate(blocks if author else ()):
        text = as_line(block.text)
        if text.startswith(author) and read_imprint(text[len(author) :].strip()):
            block.text = text[len(author) :].strip()
            blocks.insert(at, dropped(author, block.line, "the page names its reporters"))
            return


def _facts(said: JsonObject, markup: Markup) -> Facts:
    return facts(
        "the page's head",
        paper=_paper(said) or _titled_paper(markup),
        date=iso_date(as_line(said.get("date"))),
        page=page_value(said.get("page")),
    )


def _paper(said: JsonObject) -> str:
    name = paper_value(said.get("paper"))
    return name if name.endswith(("报", "報", "社")) else ""


def _titled_paper(markup: Markup) -> str:
    """The paper in the page's title, if no line of the page names one: 江州日报数字报, 水文站换新尺-江州晚报."""
    if any(block.imprint and block.imprint.paper for block in markup.blocks):
        return ""
    names = (_OF_SITE.sub("", part) for part in _TITLE_PARTS.split(markup.title))
    return next((name for name in names if _NAMED_PAPER.fullmatch(name) and paper_name(name) == name), "")


def _people(said: JsonObject) -> People:
    people = from_field(as_line(said.get("reporters")))
    named = [
        name
        for name in people.reporters
        if re.fullmatch(r"[\u4e00-\u9fff·]{2,4}|[\u4e00-\u9fff]+·[\u4e00-\u9fff·]+", name)
        and not _SITE_NAME.search(name)
    ]
    return People(named, people.correspondents, people.photographers)


def _named_titles(markup: Markup, said: JsonObject) -> list[str]:
    """Possible headlines from the page's head, most likely first."""
    candidates = [as_line(said.get("title"))] if said.get("title") else []
    if markup.title:
        candidates += [markup.title, *sorted(_TITLE_PARTS.split(markup.title), key=len, reverse=True)]
    candidates += _alone(markup, "title")
    parts = [part for title in candidates[:1] for part in sorted(_TITLE_PARTS.split(title), key=len, reverse=True)]
    return [
        title
        for title in dict.fromkeys([*candidates, *parts])
        if len(title) > 1 and not _SITE_NAME.search(title) and not read_imprint(title)
    ]


def _alone(markup: Markup, name: str) -> list[str]:
    """The text of the page's only element with a class of this name."""
    texts = [text for text in markup.classed.get(name, ()) if text]
    return texts if len(texts) == 1 else []


def _mark_labels(blocks: list[Block]) -> None:
    """Mark short lines directly above links as the labels of their list: 今日要闻."""
    for block, first, second in zip(blocks, blocks[1:], blocks[2:], strict=False):
        plain = not block.role and block.form is not Form.HEADING and len(block.text) <= _LONGEST_LABEL
        if plain and first.role == second.role == "link":
            block.take("contents", "the label of a list of links")


def _show_parts(markup: Markup, said: JsonObject) -> None:
    """Turn the lines next to the headline that repeat the kicker and subtitle of the page's head into headings."""
    blocks = [block for block in markup.blocks if block.role != "dropped"]
    parts = {name: [as_line(said.get(name)), *_alone(markup, name)] for name in ("kicker", "subtitle")}
    for before, block in pairwise(blocks):
        for part, title, name in ((before, block, "kicker"), (block, before, "subtitle")):
            shown = any(text and "".join(text.split()) == "".join(part.text.split()) for text in parts[name])
            if shown and part.form is not Form.HEADING and title.form is Form.HEADING and title.level == 1:
                part.form, part.level, part.role = Form.HEADING, 2, ""


def _show_title(blocks: list[Block], candidates: list[str]) -> str:
    """The headline from the page's head; if the page shows it, that line becomes its heading."""
    open_blocks = [block for block in blocks if not block.role or block.role == "link"]
    if any(block.form is Form.HEADING for block in open_blocks):
        return ""
    for title in candidates:
        for block in open_blocks:
            if "".join(block.text.split()) == "".join(title.split()) and not block.link:
                block.form, block.level = Form.HEADING, 1
                return title
    return candidates[0] if candidates else ""


def _set_around_title(blocks: list[Block], title: Block) -> None:
    """Mark the lines directly above and below a headline marked by the system as its kicker and subtitle."""
    at = next(index for index, block in enumerate(blocks) if block is title)
    for block in reversed(blocks[:at]):
        if block.role or not could_be_headline(block):
            break
        block.form, block.level = Form.HEADING, 2
    for block in blocks[at + 1 :]:
        if block.role == "dropped":
            continue
        if block.role or not could_be_headline(block) or block.indented or len(block.text) > 40:
            break
        block.form, block.level = Form.HEADING, 2


def _is_html(head: bytes) -> bool:
    return re.match(rb"\s*<(?:!doctype html|html)\b", head.removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE) is not None


FORMATS = (Format("html", (".html", ".htm", ".xhtml", ".shtml"), read_html, _is_html),)
