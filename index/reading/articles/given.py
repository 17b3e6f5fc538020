"""Complete articles given as records, from JSON or tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from index.types import JsonObject

from ...article import Article
from ..blocks import Block, Form, tight
from ..content.characters import INVISIBLE
from ..facts import furniture, people
from ..facts import known as page_facts
from ..facts.fields import as_id, as_line, as_text
from ..facts.imprint import read_imprint
from ..facts.roles import People

_HTML = re.compile(r"<(?:p|br|div|span|img)\b[^>]*>", re.IGNORECASE)
# Text to which a dump glued the page line: 第3版()专栏：春耕短讯
_GLUED = re.compile(
    r"^\s*第\s*(?P<page>\d{1,3})\s*版\s*(?:[（(][^（()）]*[)）])?\s*"
    r"(?:专栏\s*[:：]\s*(?P<section>[^\s　]{0,16}))?[\s　]*"
)
_MOST_ABOVE = 15  # maximum lines of a page between its headline and its text
_LONGEST_ABOVE = 30
_BELOW = ("editors", "tools", "site", "link", "hotline", "contents")
_INDENT = re.compile(r"[\u3000\xa0]{2,}| {4,}")


def given_articles(records: Sequence[JsonObject], source: str, facts: page_facts.Facts) -> Iterator[Article]:
    """Yield articles from records with our field names; ``facts`` come from the file's name and apply to all."""
    for ordinal, record in enumerate(records, 1):
        yield _article(record, f"{source}#{ordinal}", source, facts)


def _article(record: JsonObject, identity: str, source: str, facts: page_facts.Facts) -> Article:
    known = page_facts.from_front_matter(record, "record")
    title = as_line(record.get("title"))
    body, glued = _body(INVISIBLE.sub("", as_text(record["text"])), title)
    noted = [page_facts.from_note(note) for note in record.get("notes", ())]
    if as_id(record.get("id")) == PurePosixPath(source).stem:
        facts = replace(facts, page=None)  # the name is the article's: its last number counts articles
    known = next((note for note in noted if note.date), page_facts.Facts()).over(known).over(glued).over(facts)
    credited = _people(record)
    return Article(
        id=as_id(record.get("id")) or identity,
        title=title,
        kicker=as_line(record.get("kicker")),
        subtitle=as_line(record.get("subtitle")),
        body=body,
        date=known.date,
        paper=known.paper,
        pages=(known.page,) if known.page is not None else (),
        section=known.section,
        reporters=tuple(credited.reporters),
        correspondents=tuple(credited.correspondents),
        photographers=tuple(credited.photographers),
        source=source,
        origins=known.origins,
    )


def _body(text: str, title: str) -> tuple[str, page_facts.Facts]:
    """A record's paragraphs, and the facts from a page line that is glued to them."""
    known = page_facts.Facts()
    if _HTML.search(text):
        from ..content.markup import html_blocks

        text = "\n".join(block.text for block in html_blocks(text) if not block.role)
    if (match := _GLUED.match(text)) and match.end():
        text = text[match.end() :]
        known = page_facts.facts("the text", page=int(match["page"]), section=match["section"] or "")
        text = text.removeprefix(title)
        text = _INDENT.sub("\n", text)
    paragraphs = [paragraph for line in text.splitlines() if (paragraph := tight(line))]
    paragraphs, printed = _without_furniture(paragraphs, tight(title))
    return "\n".join(paragraphs), known.over(printed)


def _without_furniture(paragraphs: list[str], title: str) -> tuple[list[str], page_facts.Facts]:
    """A record's text without page lines at its end, or at its beginning if the page's headline is repeated there."""
    while len(paragraphs) > 1 and _is_below(paragraphs[-1]):
        paragraphs = paragraphs[:-1]
    if not title or len(paragraphs) < 2 or paragraphs[0] != title:
        return paragraphs, page_facts.Facts()
    lines = paragraphs[1 : 1 + _MOST_ABOVE]
    start = next((at for at, line in enumerate(lines) if len(line) > _LONGEST_ABOVE or line[-1] in "。！？"), 0)
    printed = read_imprint(" ".join(lines[:start]))
    above = page_facts.facts("the text", paper=printed.paper, date=printed.date) if printed else page_facts.Facts()
    return paragraphs[1 + start :], above


def _is_below(line: str) -> bool:
    block = Block(Form.TEXT, line, 1)
    furniture.mark([block])
    return block.role in _BELOW


def _people(record: JsonObject) -> People:
    found = People()
    for name in ("reporters", "correspondents", "photographers"):
        value = record.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value) and not _has_roles(value):
            found.add(People(**{name: [str(item) for item in value if str(item).strip()]}))
        elif value:
            named = people.from_field(as_line(value))
            alone = name != "reporters" and not (named.correspondents or named.photographers)
            found.add(People(**{name: named.reporters}) if alone else named)
    return found


def _has_roles(names: list[str]) -> bool:
    return any(re.search(r"[记記]者|通[讯訊]|[摄攝]影|[:：]", name) for name in names)
