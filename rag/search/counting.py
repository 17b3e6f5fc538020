"""Answers to questions that ask for a number, a list, a first or last time: from the search, exact for the query shown.

A network reads the questions (``rag.search.counting_questions``); nothing is estimated by a model.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from index.article import Article, Span
from index.errors import BaowenError
from index.models.pair import PairModel
from index.overlay.names import NameEdits
from index.search.facets import EVERY
from index.search.query import FACET_FIELDS, as_phrase, narrowed
from index.storage.store import Filter, Store
from index.text.dates import Day
from index.text.passages import sentences
from rag.results import Answer, Citation, MetadataFilter, Passage, Searched, Sentence, Verdict, printed_date

from .counting_questions import Counted, read_counting
from .counting_tagger import load_tagger
from .hits import Hit, Hits, find
from .holdings import holdings

_MOST_LISTED = 50
_MOST_NAMES = 10
_FACETS = {
    "by_month": "month",
    "by_year": "year",
    "by_paper": "paper",
    "by_section": "section",
    "by_page": "page",
    "by_reporter": "reporter",
    "most_person": "person",
    "most_organisation": "organisation",
    "most_place": "place",
    "most_reporter": "reporter",
}


def counting_answer(
    store: Store,
    model: PairModel,
    question: str,
    where: Filter,
    narrowing: MetadataFilter | None,
    today: Day | None = None,
    edits: Callable[[], NameEdits] = NameEdits,
) -> Answer | None:
    """The answer to a counting question, computed from the search.

    None where the question asks something else; where no report of any date is of the author, section or newspaper that
    it names alone; or where the archive cannot be searched exactly.

    Args:
        store: the archive's state.
        model: what the question's reader sees it through.
        question: as it is understood.
        where: what the search is limited to besides.
        narrowing: what of that was read from the question.
        today: what 昨天 in the question is counted from; None: the day it is.
        edits: returns the names that people merged, which are asked for and counted as one, or hid; called only where
            the question counts.
    """
    counted = _read(store, model, question, today)
    return counted_answer(store, counted, question, where, narrowing, edits) if counted else None


def counted_answer(
    store: Store,
    counted: Counted,
    question: str,
    where: Filter,
    narrowing: MetadataFilter | None,
    edits: Callable[[], NameEdits] = NameEdits,
) -> Answer | None:
    """The answer to a question that is understood; None and arguments as for ``counting_answer``."""
    held = partial(holdings, store, where)
    where = _without(where, narrowing)
    fields: dict[str, object] = {"报名": where.paper, "版名": where.section, "版": where.page, "作者": where.reporter}
    if where.since or where.until:
        fields["日期"] = where.since if where.since == where.until else f"{where.since or ''}..{where.until or ''}"
    try:
        search = partial(find, store, edits=edits())
        hits = search(narrowed(counted.query, fields), "newest" if counted.wanted == "last" else "oldest")
        found = hits.total or counted.topic or (counted.undated and search(counted.undated, "oldest").total)
        return _answer(search, counted, hits, question, narrowing, held) if found else None
    except BaowenError:
        return None


def _read(store: Store, model: PairModel, question: str, today: Day | None) -> Counted | None:
    """The question, read with the archive's last date and names."""

    def known(field: str, value: str) -> bool:
        return find(store, f"{field}:{as_phrase(value)}").total > 0

    tagger = load_tagger()
    if tagger is None:
        return None
    try:
        last = store.dates()[1]
        return read_counting(question, model, tagger, today, datetime.date.fromisoformat(last) if last else None, known)
    except BaowenError:
        return None


def _without(where: Filter, narrowing: MetadataFilter | None) -> Filter:
    """The filter without what was read from the question: a counting question's own dates and page are in its query."""
    if narrowing is None:
        return where
    dated = narrowing.since or narrowing.until
    return replace(
        where,
        since=None if dated else where.since,
        until=None if dated else where.until,
        page=None if narrowing.page is not None else where.page,
    )


def _answer(
    search: Callable[[str, str], Hits],
    counted: Counted,
    hits: Hits,
    question: str,
    narrowing: MetadataFilter | None,
    held: Callable[[], str],
) -> Answer | None:
    """The number, a row a report, each with its citation, and the query that was run.

    ``held`` says what the archive holds, for a question that no report fits.
    """
    counts = _counts(counted, hits) if hits.total else {}
    listed = hits
    if hits.total and counted.wanted.startswith("most_"):
        if not counts:
            return None  # no names were recorded
        field = FACET_FIELDS[_FACETS[counted.wanted]]
        listed = search(narrowed(hits.query, {field: next(iter(counts))}), "oldest")
    shown = listed.page(1 if counted.wanted in ("first", "last") else _MOST_LISTED)
    citations = tuple(_citation(number, hit) for number, hit in enumerate(shown, 1))
    head = f"馆藏里没有这样的报道：0 篇。{held()}。"
    if hits.total:
        head = _head(counted, hits, shown, counts, _without_value(search, counted, hits, counts))
    told = (Sentence(head, tuple(c.number for c in citations[:1]), Verdict(head, True, (), citations[:1], 1.0)),)
    rows = [f"{c.number}. {_row(c.passage.article)}[{c.number}]" for c in citations]
    more = f"（此处列出前 {len(rows)} 篇，其余见检索）" if listed.total > len(rows) > 1 else ""
    note = f"检索式：{hits.query}（题名或正文里有这些字，就算一篇；写明字段的，看那个字段）"
    return Answer(
        "\n".join(part for part in (head, *rows, more, note) if part),
        "answered",
        sentences=told if hits.total else (),
        citations=citations,
        passages=tuple(citation.passage for citation in citations),
        question=question,
        narrowing=narrowing,
        search=Searched(
            hits.query,
            "newest" if counted.wanted == "last" else "oldest",
            hits.total,
            listed.query,
            listed.total,
            _FACETS.get(counted.wanted, ""),
            counts,
        ),
    )


def _counts(counted: Counted, hits: Hits) -> dict[str, int]:
    """The values that are asked for with how many reports have each; empty where none are."""
    facet = _FACETS.get(counted.wanted)
    if facet is None:
        return {}
    if counted.wanted.startswith("most_"):
        return hits.facets([facet], _MOST_NAMES)[facet]
    counts = hits.facets([facet], EVERY)[facet]
    if facet == "page":
        return dict(sorted(counts.items(), key=lambda entry: int(entry[0])))
    return dict(sorted(counts.items())) if facet in ("month", "year") else counts


def _without_value(
    search: Callable[[str, str], Hits], counted: Counted, hits: Hits, counts: Mapping[str, int]
) -> int | None:
    """How many reports have no value of what they are counted by; None: not known, as one may have several."""
    facet = _FACETS.get(counted.wanted)
    if facet == "page":
        return hits.total - search(narrowed(hits.query, {"版": "1..999"}), "oldest").total
    return hits.total - sum(counts.values()) if facet in ("month", "year", "paper", "section") else None


def _head(counted: Counted, hits: Hits, shown: list[Hit], counts: Mapping[str, int], without_value: int | None) -> str:
    if counted.wanted in ("first", "last"):
        name = "最早" if counted.wanted == "first" else "最近"
        date = shown[0].article.date
        if not date:
            return f"共 {hits.total} 篇，都没有日期，说不出{name}的一篇。"
        return f"{name}的一篇是{printed_date(date)}的；共 {hits.total} 篇。"
    facet = _FACETS.get(counted.wanted)
    if facet is None:
        return f"共 {hits.total} 篇。"
    field = "版次" if facet == "page" else FACET_FIELDS[facet]
    if not counts:
        return f"共 {hits.total} 篇，都没有{field}。"
    printed = "第{}版" if facet == "page" else "{}"
    values = "、".join(f"{printed.format(value)} {count} 篇" for value, count in counts.items())
    if counted.wanted.startswith("most_"):
        first = next(iter(counts))
        return f"共 {hits.total} 篇，其中最多的{field}：{values}。以下是{first}的 {counts[first]} 篇："
    rest = f"；另有 {without_value} 篇没有{field}" if without_value else ""
    return f"共 {hits.total} 篇：{values}{rest}。"


def _row(article: Article) -> str:
    pages = "、".join(f"第{page}版" for page in article.pages)
    title = f"《{article.title or article.id}》"
    return " ".join(part for part in (printed_date(article.date), article.paper, pages, title) if part)


def _citation(number: int, hit: Hit) -> Citation:
    """The sentences of the body in which the words of the query first stand, else its first sentence."""
    body = hit.article.body
    marks = [(s.start + start, s.start + end) for s in hit.snippets if s.part == "body" for start, end in s.marks]
    start, end = marks[0] if marks else (0, 1)
    around = [span for span in sentences(body) if span.start < end and span.end > start] or sentences(body)[:1]
    span = Span(around[0].start, around[-1].end) if around else Span(0, 0)
    passage = Passage(body[span.start : span.end], 0.0, span.start, span.end, hit.article)
    return Citation(number, passage.text, span.start, span.end, passage)
