"""Articles given whole, as records: from JSON, from tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.types import JsonObject

from ...article import Article
from ..blocks import tight
from ..facts import known as page_facts
from ..facts import people
from ..facts.dates import iso_date
from ..facts.fields import as_line, as_text

_HTML = re.compile(r"<(?:p|br|div|span|img)\b[^>]*>", re.IGNORECASE)
# Where a dump glued the page's own line to the text: 第3版()专栏：春耕短讯
_GLUED = re.compile(
    r"^\s*第\s*(?P<page>\d{1,3})\s*版\s*(?:[（(][^（()）]*[)）])?\s*"
    r"(?:专栏\s*[:：]\s*(?P<section>[^\s　]{0,16}))?[\s　]*"
)
_INDENT = re.compile(r"[\u3000\xa0]{2,}| {4,}")


def given_articles(records: Sequence[JsonObject], source: str, facts: page_facts.Facts) -> Iterator[Article]:
    """Articles from records under our names; ``facts``: what the file's name tells of them all."""
    for ordinal, record in enumerate(records, 1):
        yield _article(record, f"{source}#{ordinal}", source, facts)


def _article(record: JsonObject, identity: str, source: str, facts: page_facts.Facts) -> Article:
    known = page_facts.from_front_matter(record, "record")
    if not known.date:
        known = page_facts.facts("record", date=_date_in_parts(record)).over(known)
    body, glued = _body(as_text(record["text"]), as_line(record.get("title")))
    noted = [page_facts.from_note(note) for note in record.get("notes", ())]
    known = next((note for note in noted if note.date), page_facts.Facts()).over(known).over(glued).over(facts)
    credited = _people(record)
    return Article(
        id=as_line(record.get("id")) or identity,
        title=as_line(record.get("title")),
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
    """A record's paragraphs, and what a page's line that is glued to them tells."""
    known = page_facts.Facts()
    if _HTML.search(text):
        from ..content.markup import html_blocks

        text = "\n".join(block.text for block in html_blocks(text) if not block.role)
    if (match := _GLUED.match(text)) and match.end():
        text = text[match.end() :]
        known = page_facts.facts("the text", page=int(match["page"]), section=match["section"] or "")
        text = text.removeprefix(title)
        text = _INDENT.sub("\n", text)
    paragraphs = [tight(line) for line in text.splitlines()]
    return "\n".join(paragraph for paragraph in paragraphs if paragraph), known


def _date_in_parts(record: JsonObject) -> str | None:
    """A date whose year, month and day are fields of their own."""
    parts = [as_line(record.get(name)) for name in ("year", "month", "day")]
    return iso_date("-".join(parts)) if all(parts) else None


def _people(record: JsonObject) -> people.People:
    found = people.People()
    for name in ("reporters", "correspondents", "photographers"):
        value = record.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value) and not _has_roles(value):
            found.add(people.People(**{name: [str(item) for item in value if str(item).strip()]}))
        elif value:
            named = people.from_field(as_line(value))
            alone = name != "reporters" and not (named.correspondents or named.photographers)
            found.add(people.People(**{name: named.reporters}) if alone else named)
    return found


def _has_roles(names: list[str]) -> bool:
    return any(re.search(r"[记記]者|通[讯訊]|[摄攝]影|[:：]", name) for name in names)
