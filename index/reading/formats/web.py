"""HTML: e-paper pages as saved or crawled, pages of news sites, public accounts' articles."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

from index.types import JsonObject

from .. import furniture
from ..blocks import Block, Form
from ..dates import iso_date
from ..facts import Facts, facts, page_value, paper_value
from ..fields import as_line, mapped
from ..files import read_text_noted
from ..imprint import read_imprint
from ..markup import Markup, read_markup
from ..people import People, from_field
from ..plain import could_be_headline
from .base import FileText, Format, Options, PageText

# Names that e-paper systems use beside the usual ones: of headline parts and of pages.
_SYSTEM_NAMES = {"introtitle": "kicker", "nodename": "section"}
_TITLE_PARTS = re.compile(r"\s*(?:[-_|｜—–]{1,3}|[-_|—–]\s+)\s*")
_SITE_NAME = re.compile(r"数字[报報]|电子版|[报報]$|网$|新闻网|首页|官网|客户端")
_MANY_LINKS = 15
_MANY_BLOCKS = 30
_LEAST_EXTRACTED = 100


def read_html(path: Path, _options: Options) -> FileText:
    """One page of a site."""
    text, notes = read_text_noted(path)
    return FileText([page(text)], notes=notes)


def page(text: str) -> PageText:
    """An HTML page: its blocks, its title, and the facts that its head and its system's marks tell."""
    markup = read_markup(text)
    said = _said(markup)
    furniture.mark(markup.blocks)
    if markup.titles:
        _set_around_title(markup.blocks, markup.titles[0])
    title = _find_title(markup, said)
    if not markup.titles and markup.links >= _MANY_LINKS and len(markup.blocks) >= _MANY_BLOCKS:
        _leave_out_site(text, markup.blocks)
    return PageText({}, markup.blocks, facts=_facts(said), people=_people(said), title=title, web=True)


def _said(markup: Markup) -> JsonObject:
    """What the page says of itself, under our names: a system's marks first, then structured data, then meta tags."""
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


def _facts(said: JsonObject) -> Facts:
    return facts(
        "the page's head",
        paper=_paper(said),
        date=iso_date(as_line(said.get("date"))),
        page=page_value(said.get("page")),
    )


def _paper(said: JsonObject) -> str:
    name = paper_value(said.get("paper"))
    return name if name.endswith(("报", "報", "社")) else ""


def _people(said: JsonObject) -> People:
    people = from_field(as_line(said.get("reporters")))
    named = [
        name
        for name in people.reporters
        if re.fullmatch(r"[\u4e00-\u9fff·]{2,4}|[\u4e00-\u9fff]+·[\u4e00-\u9fff·]+", name)
    ]
    return People(named, people.correspondents, people.photographers)


def _find_title(markup: Markup, said: JsonObject) -> str:
    """The headline that the page's head names; where the page shows it, that line becomes its heading."""
    candidates = [as_line(said.get("title"))] if said.get("title") else []
    if markup.title:
        candidates += [markup.title, *sorted(_TITLE_PARTS.split(markup.title), key=len, reverse=True)]
    candidates = [
        title for title in candidates if len(title) > 1 and not _SITE_NAME.search(title) and not read_imprint(title)
    ]
    open_blocks = [block for block in markup.blocks if not block.role or block.role == "link"]
    if any(block.form is Form.HEADING for block in open_blocks):
        return ""
    for title in candidates:
        for block in open_blocks:
            if "".join(block.text.split()) == "".join(title.split()) and not block.link:
                block.form, block.level = Form.HEADING, 1
                return title
    return candidates[0] if candidates else ""


def _set_around_title(blocks: list[Block], title: Block) -> None:
    """Lines right above and below a headline that the system marks are its kicker and its subtitle."""
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


def _leave_out_site(text: str, blocks: list[Block]) -> None:
    """Leave out what a maintained extractor takes for the site's, on a page of many links."""
    if sum(block.form is Form.HEADING and not block.role for block in blocks) > 2:
        return
    import trafilatura

    extracted = trafilatura.extract(text, include_comments=False, favor_recall=True, output_format="txt") or ""
    kept = "".join(extracted.split())
    if len(kept) < _LEAST_EXTRACTED:
        return
    for block in blocks:
        inside = "".join(part for cell in block.text.split(" | ") for part in cell.split()) in kept
        if not block.role and block.form is not Form.HEADING and not inside and len(block.text) < _LEAST_EXTRACTED:
            block.take("site", "outside the article, as trafilatura sees the page")


def _is_html(head: bytes) -> bool:
    return re.match(rb"\s*<(?:!doctype html|html)\b", head.removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE) is not None


FORMATS = (Format("html", (".html", ".htm", ".xhtml", ".shtml"), read_html, _is_html),)
