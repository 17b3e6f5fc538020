"""Pages of one issue as articles: facts shared, pieces on several pages joined."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..article import Article
from . import facts as page_facts
from .articles import Draft, Reading, Segment, one_line, read_blocks
from .blocks import tight
from .files import UnreadableFileError
from .formats import PageText, read_pages, read_records
from .reprints import link_reprints

# How alike two headlines must be for one to be taken for the other, printed again where the article goes on.
_SAME_HEADLINE = 0.8


@dataclass
class Page:
    """One file as it was read."""

    source: str
    facts: page_facts.Facts
    reading: Reading

    @property
    def drafts(self) -> list[Draft]:
        """Its articles, or the pieces of them that it holds."""
        return self.reading.drafts

    @property
    def ledger(self) -> list[Segment]:
        """Where each piece of its text went."""
        return self.reading.ledger


@dataclass
class Issue:
    """What was read from the files of one issue.

    ``failed``: a clear sentence for each file, or part of one, that was skipped; ``warnings``: for what was read but
    not understood.
    """

    articles: list[Article] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_issue(files: Iterable[tuple[Path, str]]) -> Issue:
    """Read the files of one issue, given as (path, name to cite it by)."""
    issue = Issue()
    for path, source in files:
        try:
            if path.suffix.lower() == ".jsonl":
                issue.articles.extend(_from_record(record, source) for record in read_records(path))
            else:
                text = read_pages(path)
                issue.pages.extend(_read_page(page, path, source) for page in text.pages)
                issue.failed.extend(text.problems)
        except UnreadableFileError as error:
            issue.failed.append(str(error))
    _share_facts(issue.pages)
    issue.articles.extend(link_reprints(list(_articles(issue.pages))))
    for page in issue.pages:
        if page.reading.unrecognised:
            issue.warnings.append(f"{page.source}: {page.reading.unrecognised} 行认不出归属 (lines not recognised)")
    return issue


def _read_page(page: PageText, path: Path, source: str) -> Page:
    reading = read_blocks(page.blocks)
    known = page_facts.from_front_matter(page.front).over(page_facts.from_path(path.absolute()))
    facts = known.over(page_facts.from_masthead(page.blocks)).over(page_facts.from_position(page.number))
    for draft in reading.drafts:
        draft.page, draft.source = facts.page, source
    return Page(source, facts, reading)


def _share_facts(pages: Sequence[Page]) -> None:
    """A date or paper that every page which names one agrees on holds for the others of the issue."""
    for name in ("date", "paper"):
        values = {getattr(page.facts, name) for page in pages} - {None, ""}
        if len(values) == 1:
            shared = page_facts.Facts(**{name: values.pop()}, origins=((name, "another page of the issue"),))
            for page in pages:
                page.facts = page.facts.over(shared)


def _articles(pages: Sequence[Page]) -> Iterator[Article]:
    first_parts = [draft for page in pages for draft in page.drafts if draft.jump_from is None]
    rests = [draft for page in pages for draft in page.drafts if draft.jump_from is not None]
    joined: dict[int, list[Draft]] = {id(draft): [draft] for draft in first_parts}
    alone = []
    for rest in rests:
        if first := _first_part(rest, first_parts):
            joined[id(first)].append(rest)
        else:
            alone.append(rest)
    facts = {id(draft): page.facts for page in pages for draft in page.drafts}
    counts: dict[str, int] = {}
    for draft in [*first_parts, *alone]:
        pieces = joined.get(id(draft), [draft])
        article = _article(pieces, facts[id(draft)], counts.get(draft.source, 0) + 1)
        if article.body or article.title:
            counts[draft.source] = counts.get(draft.source, 0) + 1
            yield article


def _first_part(rest: Draft, first_parts: Sequence[Draft]) -> Draft | None:
    """The piece that ``rest`` continues: it points to this page, from the page named, under the same headline."""
    pointing = [d for d in first_parts if d.jump_to is not None and rest.page in (None, d.jump_to)]
    pointing = [d for d in pointing if d.page in (None, rest.jump_from)]
    if not pointing:
        return None
    if not rest.title:
        return pointing[0] if len(pointing) == 1 else None
    best = max(pointing, key=lambda draft: _likeness(draft.title, rest.title))
    alike = _likeness(best.title, rest.title) >= _SAME_HEADLINE
    return best if alike or len(pointing) == 1 else None


def _likeness(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a, b).ratio()


def _article(pieces: Sequence[Draft], facts: page_facts.Facts, ordinal: int) -> Article:
    first = pieces[0]
    whole = Draft(body=[block for piece in pieces for block in piece.body])
    for piece in pieces:
        whole.byline.add(piece.byline)
    pages = dict.fromkeys(piece.page for piece in pieces if piece.page is not None)
    return Article(
        id=f"{first.source}#{ordinal}",
        title=first.title,
        kicker=one_line(first.kicker),
        subtitle=one_line(first.subtitle),
        body="\n".join(whole.paragraphs),
        date=facts.date,
        paper=facts.paper,
        pages=tuple(pages),
        section=tight(first.section) or facts.section,
        reporters=tuple(whole.byline.reporters),
        correspondents=tuple(whole.byline.correspondents),
        photographers=tuple(whole.byline.photographers),
        captions=tuple(caption for piece in pieces for caption in piece.captions),
        source=first.source,
        origins=facts.origins,
    )


def _from_record(record: dict[str, Any], source: str) -> Article:
    """An article from a JSONL object; unknown keys are left aside."""
    page = record.get("page")
    paragraphs = [tight(line) for line in record["text"].splitlines()]
    return Article(
        id=str(record["id"]),
        title=str(record.get("title") or ""),
        kicker=str(record.get("kicker") or ""),
        subtitle=str(record.get("subtitle") or ""),
        body="\n".join(paragraph for paragraph in paragraphs if paragraph),
        date=page_facts.iso_date(str(record.get("date") or "")),
        paper=str(record.get("paper") or ""),
        pages=(int(str(page)),) if str(page).isdigit() else (),
        section=str(record.get("section") or ""),
        reporters=_names(record, "reporters"),
        correspondents=_names(record, "correspondents"),
        photographers=_names(record, "photographers"),
        source=source,
    )


def _names(record: dict[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    return tuple(map(str, value)) if isinstance(value, list) else ()
