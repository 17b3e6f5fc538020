"""Turn the pages of one issue into articles: share facts, and join pieces on several pages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..article import Article
from .articles.assembly import PageReading, Segment, read_blocks
from .articles.draft import ArticleDraft, joined_body, one_line
from .articles.given import given_articles
from .articles.reprints import link_reprints
from .blocks import Block, Form, tight
from .content.files import UnreadableFileError
from .facts import known as page_facts
from .facts.roles import People
from .formats import Options, PageText, read_pages
from .formats.mets import is_mets
from .layout.places import Place

# Minimum similarity of two headlines to count as the same one, repeated where an article continues.
_SAME_HEADLINE = 0.8


@dataclass
class Page:
    """One page as read.

    ``is_contents``: a web page that lists articles but contains none. ``areas`` maps a file to the place of its article
    on the page image that this page shows.
    """

    source: str
    facts: page_facts.Facts
    reading: PageReading
    is_contents: bool = False
    path: Path = Path()
    areas: Mapping[Path, tuple[Place, ...]] = field(default_factory=dict)

    @property
    def drafts(self) -> list[ArticleDraft]:
        """Its articles, or the pieces of articles on it."""
        return self.reading.drafts

    @property
    def ledger(self) -> list[Segment]:
        """The role of each piece of its text."""
        return self.reading.ledger


@dataclass
class Issue:
    """The result of reading the files of one issue.

    ``failed`` has a clear sentence for each file or part of a file that was skipped; ``warnings`` has one for
    everything that was read but not understood. ``fields`` maps each file with labelled fields to our names → its own.
    ``waiting``: some pages are left for later recognition.
    """

    articles: list[Article] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    waiting: bool = False


def read_issue(
    files: Iterable[tuple[Path, str]],
    fields: Mapping[str, str] | None = None,
    *,
    recognised: Path | None = None,
    later: bool = False,
) -> Issue:
    """Read the files of one issue, given as (path, name to cite it by).

    Args:
        fields: our field names → the source's own, if it has unusual ones.
        recognised: the file that stores recognition results; None: they are not stored.
        later: skip pages that need recognition.
    """
    issue = Issue()
    options = Options(fields or {}, recognised, later)
    covered: set[Path] = set()
    for path, source in sorted(files, key=lambda file: not is_mets(file[0])):
        if path.resolve() in covered:
            continue
        try:
            text = read_pages(path, options)
        except UnreadableFileError as error:
            issue.failed.append(str(error))
            continue
        covered |= text.covered
        issue.waiting = issue.waiting or text.waiting
        known = page_facts.from_path(path.absolute())
        issue.articles.extend(given_articles(text.records, source, known))
        issue.pages.extend(_read_page(page, known, source, path) for page in text.pages)
        issue.failed.extend(text.problems)
        issue.warnings.extend(text.notes)
        if text.mapped:
            issue.fields[source] = text.mapped
    _share_facts(issue.pages)
    _place_articles(issue.pages)
    issue.articles.extend(link_reprints(list(_articles(issue.pages))))
    issue.warnings.extend(_remarks(issue.pages))
    return issue


def _remarks(pages: Sequence[Page]) -> Iterator[str]:
    for page in pages:
        if page.reading.unrecognised:
            yield f"{page.source}: {page.reading.unrecognised} 行认不出归属 (lines not recognised)"
        if page.is_contents:
            yield f"{page.source}: 只有标题和链接，没有正文，是目录页 (a contents page: no text)"


def _read_page(page: PageText, named: page_facts.Facts, source: str, path: Path) -> Page:
    source = f"{source}/{page.inner}" if page.inner else source
    reading = read_blocks(page.blocks, web=page.web, title=page.title, whole=page.whole)
    articles = [draft for draft in reading.drafts if draft.body or (draft.captions and draft.byline) or not page.web]
    is_contents = page.web and not articles
    reading.drafts = articles
    known = page_facts.from_front_matter(page.front).over(page.facts).over(named)
    facts = known.over(page_facts.from_masthead(page.blocks)).over(page_facts.from_position(page.number))
    for draft in reading.drafts:
        draft.byline.add(page.people)
    _settle(reading.drafts, known)
    for draft in reading.drafts:
        draft.page = draft.facts.page if draft.facts.page is not None else facts.page
        draft.source = source
    return Page(source, facts, reading, is_contents, path, page.areas)


def _settle(drafts: Sequence[ArticleDraft], known: page_facts.Facts) -> None:
    """Let facts from the file's name or head override articles' own lines, unless those differ among articles."""
    for name in ("date", "paper", "page", "section"):
        own = {getattr(draft.facts, name) for draft in drafts} - {None, ""}
        if getattr(known, name) in (None, "") or len(own) > 1:
            continue
        for draft in drafts:
            origins = tuple(pair for pair in draft.facts.origins if pair[0] != name)
            draft.facts = replace(draft.facts, origins=origins, **{name: getattr(page_facts.Facts(), name)})


def _share_facts(pages: Sequence[Page]) -> None:
    """Give the other pages of the issue a date or paper on which all pages that name one agree."""
    for name in ("date", "paper"):
        values = {getattr(page.facts, name) for page in pages} - {None, ""}
        if len(values) == 1:
            shared = page_facts.Facts(**{name: values.pop()}, origins=((name, "another page of the issue"),))
            for page in pages:
                page.facts = page.facts.over(shared)


def _place_articles(pages: Sequence[Page]) -> None:
    """Find the place of a page's only article, in the page's own image map or else in those of other pages.

    A contents page takes precedence over another article's page, which shows the same image.
    """
    maps = [page for page in sorted(pages, key=lambda page: not page.is_contents) if page.areas]
    for page in pages if maps else ():
        if len(page.drafts) != 1:
            continue
        file = page.path.absolute()
        shown = [other for other in (page, *maps) if file in other.areas]
        contents = [other for other in shown if other.is_contents]  # an article may be on several pages
        for other in contents if shown and shown[0].is_contents else shown[:1]:
            number = other.facts.page if other.is_contents else None
            page.drafts[0].note("area", Block(Form.IMAGE, "", 0, places=other.areas[file], page=number))


def _articles(pages: Sequence[Page]) -> Iterator[Article]:
    first_parts = [draft for page in pages for draft in page.drafts if draft.jump_from is None]
    rests = [draft for page in pages for draft in page.drafts if draft.jump_from is not None]
    joined: dict[int, list[ArticleDraft]] = {id(draft): [draft] for draft in first_parts}
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


def _first_part(rest: ArticleDraft, first_parts: Sequence[ArticleDraft]) -> ArticleDraft | None:
    """The piece that ``rest`` continues: it points to this page, is on the named page, and has the same headline."""
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


def _article(pieces: Sequence[ArticleDraft], page: page_facts.Facts, ordinal: int) -> Article:
    first = pieces[0]
    facts = first.facts.over(page)
    body, regions = joined_body(pieces)
    byline = People()
    for piece in pieces:
        byline.add(piece.byline)
    shown = [page for piece in pieces for page in (piece.page, *(block.page for block in piece.body))]
    pages = dict.fromkeys(page for page in shown if page is not None)
    return Article(
        id=f"{first.source}#{ordinal}",
        title=first.title,
        kicker=one_line(first.kicker),
        subtitle=one_line(first.subtitle),
        body=body,
        date=facts.date,
        paper=facts.paper,
        pages=tuple(pages),
        section=tight(first.section) or facts.section,
        reporters=tuple(byline.reporters),
        correspondents=tuple(byline.correspondents),
        photographers=tuple(byline.photographers),
        captions=tuple(caption for piece in pieces for caption in piece.captions),
        dateline=first.dateline,
        source=first.source,
        origins=facts.origins,
        regions=regions,
    )
