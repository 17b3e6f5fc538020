"""Questions that ask for a number, a list, a first or last time: answered from the search, exact for the query shown.

A question is recognised by its form alone, and what it asks about becomes a query; nothing is estimated by a model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.article import Article, Span
from index.search.parser import QueryError
from index.search.query import narrowed, quoted
from index.storage.store import Filter, Store
from index.text.passages import sentences
from rag.results import Answer, Citation, MetadataFilter, Passage, Sentence, Timings, Verdict, printed_date

from .hits import Hits, find

Wanted = Literal["number", "list", "first", "last", "by_month", "by_year", "by_paper"]

_MOST_LISTED = 50
_REPORTS = "(?:报道|文章|新闻|稿件|稿子|消息)"
_ABOUT = "(?:同时|都|曾经?|专门)?(?:提到|提及|谈到|写到|讲到|报道|涉及|关于|(?<!所)有关|出现)"

# Each with questions that it must match; they are its tests. ``topic``: what the reports are about.
_FORMS: tuple[tuple[Wanted, str], ...] = (
    # 每个月有几篇报道提到夜校？ 按月统计关于高温津贴的报道
    (
        "by_month",
        rf"(?:每个?月|各月|按月)(?:份)?[^，。？?]{{0,8}}?(?:{_ABOUT}了?过?)+(?P<topic>.+?)(?:的{_REPORTS})?",
    ),
    ("by_year", rf"(?:每年|各年|按年)(?:份)?[^，。？?]{{0,8}}?(?:{_ABOUT}了?过?)+(?P<topic>.+?)(?:的{_REPORTS})?"),
    # 各报分别有多少篇报道提到夜校？
    (
        "by_paper",
        rf"(?:各|每)[家种份]?(?:报纸?|报社)[^，。？?]{{0,10}}?(?:{_ABOUT}了?过?)+(?P<topic>.+?)(?:的{_REPORTS})?",
    ),
    # 最早什么时候报道了夜校专线？ 第一次提到技师工作站是什么时候？
    ("first", rf"(?:最早|最先|第一次|首次)[^，。？?]{{0,8}}?(?:{_ABOUT}了?过?)+(?P<topic>.+?)"),
    ("last", rf"(?:最近一次|最后一次|最晚)[^，。？?]{{0,8}}?(?:{_ABOUT}了?过?)+(?P<topic>.+?)"),
    # 有多少篇报道提到高温津贴？ 关于夜校的报道有几篇？ 提到工会的文章一共有多少篇？
    (
        "number",
        rf"(?:一共|总共|共)?有?(?:多少|几)[篇条则](?:{_REPORTS})?(?:里|中)?(?:{_ABOUT}了?过?)+(?P<topic>.+?)",
    ),
    (
        "number",
        rf"(?:{_ABOUT}了?过?)+(?P<topic>.+?)的?{_REPORTS}?(?:一共|总共|共)?有?(?:多少|几)[篇条则次]{_REPORTS}?",
    ),
    ("number", r"(?P<topic>.+?)(?:一共|总共|共)?(?:被报道|见报|上报)了?(?:过)?(?:多少|几)[次篇回]"),
    # 列出2024年所有关于夜校的报道 哪些报道提到了彭望舒？
    (
        "list",
        rf"(?:列出|列举|找出)[^，。？?]{{0,6}}?(?:{_ABOUT}了?过?)+(?P<topic>.+?)的?(?:全部|所有)?(?:{_REPORTS})?",
    ),
    ("list", rf"(?:有)?哪些{_REPORTS}(?:里|中)?(?:{_ABOUT}了?过?)+(?P<topic>.+?)"),
)
_LEAD = re.compile(
    r"^(?:请问|请|帮我|麻烦|馆藏|报纸上|报上|报纸|本报|我们报|在|里|中|的|，|,|\s|统计|查一?下|一下|查|一共|总共|共)+"
)
_DATE = re.compile(
    r"(?:从|自|在)?(?P<year>(?:19|20)\d{2})年(?:(?P<month>\d{1,2})月(?:份)?)?(?:(?P<day>\d{1,2})[日号])?(?:里|中|的|间)*"
)
_TAIL = re.compile(
    r"(?:的事|这件事|这个词|的情况)?(?:的|是|在)*(?:什么时候|哪一?天|何时|哪一?年|几月几日)?(?:的|吗|呢|啊)?$"
)
_BETWEEN = re.compile(r"\s*(?P<sign>和|与|以及|或者?|、)\s*")
_QUOTES = "“”\"'《》「」‘’ 　"


@dataclass(frozen=True)
class Counted:
    """A counting question, understood: what is wanted, and the query that says of what."""

    wanted: Wanted
    query: str


def read_counting(question: str) -> Counted | None:
    """What a counting question asks for; None where it asks something else."""
    asked = question.strip().rstrip("？?。！! ")
    dates = list(_DATE.finditer(asked))
    bare = _LEAD.sub("", _DATE.sub("", asked)) if len(dates) == 1 else _LEAD.sub("", asked)
    for wanted, form in _FORMS:
        match = re.fullmatch(form, bare) or re.fullmatch(form, _TAIL.sub("", bare))
        if match and (topic := _query(match["topic"])):
            date = "-".join(part.zfill(2) for part in dates[0].groups() if part) if len(dates) == 1 else ""
            return Counted(wanted, narrowed(topic, {"日期": date}))
    return None


def _query(topic: str) -> str:
    """The topic as a query: its characters as they stand; what is named in quotes or joined by 和 or 或 apart."""
    cleaned = _TAIL.sub("", topic.strip()).strip(_QUOTES)
    if not cleaned or len(cleaned) > 40:
        return ""
    if "“" in topic or "《" in topic or '"' in topic:
        return quoted(cleaned)
    either = any(match["sign"].startswith("或") for match in _BETWEEN.finditer(cleaned))
    words = [word for word in _BETWEEN.split(cleaned)[::2] if word]
    return (" OR " if either else " AND ").join(quoted(word) for word in words)


def counting_answer(store: Store, question: str, where: Filter, narrowing: MetadataFilter | None) -> Answer | None:
    """The answer to a counting question, computed from the search; None where the question asks something else.

    Args:
        store: the archive's state.
        question: as it is understood.
        where: what the search is limited to besides.
        narrowing: what of that was read from the question.
    """
    counted = read_counting(question)
    if counted is None and narrowing is not None:  # 去年有多少篇报道提到夜校？
        counted = read_counting(question.replace(narrowing.phrase, "", 1))
    if counted is None:
        return None
    fields = {"报名": where.paper, "版名": where.section, "版": where.page, "作者": where.reporter}
    if where.since or where.until:
        fields["日期"] = f"{where.since or ''}..{where.until or ''}"
    try:
        query = narrowed(counted.query, fields)
        order = "newest" if counted.wanted == "last" else "oldest"
        hits = find(store, query, order)
    except QueryError:
        return None
    return _answer(replace(counted, query=query), hits, question, narrowing)


def _answer(counted: Counted, hits: Hits, question: str, narrowing: MetadataFilter | None) -> Answer:
    """The number, a row a report, each with its citation, and the query that was run."""
    shown = [hit.article for hit in hits.page(1 if counted.wanted in ("first", "last") else _MOST_LISTED)]
    citations = tuple(_citation(number, article) for number, article in enumerate(shown, 1))
    head = _head(counted, hits, shown)
    told = (Sentence(head, tuple(c.number for c in citations[:1]), Verdict(head, True, (), citations[:1], 1.0)),)
    rows = [f"{c.number}. {_row(c.passage.article)}[{c.number}]" for c in citations]
    more = f"（此处列出前 {_MOST_LISTED} 篇，其余见检索）" if hits.total > len(rows) and len(rows) > 1 else ""
    note = f"检索式：{counted.query}（题名或正文里有这些字，就算一篇）"
    text = "\n".join(part for part in (head, *rows, more, note) if part)
    return Answer(
        text,
        "answered",
        sentences=told if hits.total else (),
        citations=citations,
        passages=tuple(citation.passage for citation in citations),
        timings=Timings(0.0, None, 0.0),
        question=question,
        narrowing=narrowing,
    )


def _head(counted: Counted, hits: Hits, shown: Sequence[Article]) -> str:
    if not hits.total:
        return "馆藏里没有这样的报道：0 篇。"
    if counted.wanted in ("first", "last"):
        dated = [article for article in shown if article.date]
        name = "最早" if counted.wanted == "first" else "最近"
        if not dated:
            return f"共 {hits.total} 篇，都没有日期，说不出{name}的一篇。"
        return f"{name}的一篇是{printed_date(dated[0].date)}的；共 {hits.total} 篇。"
    facet = {"by_month": "month", "by_year": "year", "by_paper": "paper"}.get(counted.wanted)
    if facet is None:
        return f"共 {hits.total} 篇。"
    counts = hits.facets([facet], 1000)[facet]
    ordered = sorted(counts.items()) if facet != "paper" else list(counts.items())
    unnamed = hits.total - sum(counts.values())
    rest = f"；另有 {unnamed} 篇没有{'报名' if facet == 'paper' else '日期'}" if unnamed else ""
    return f"共 {hits.total} 篇：{'、'.join(f'{value} {count} 篇' for value, count in ordered)}{rest}。"


def _row(article: Article) -> str:
    pages = "、".join(f"第{page}版" for page in article.pages)
    title = f"《{article.title or article.id}》"
    return " ".join(part for part in (printed_date(article.date), article.paper, pages, title) if part)


def _citation(number: int, article: Article) -> Citation:
    spans = sentences(article.body)
    span = spans[0] if spans else Span(0, 0)
    passage = Passage(article.body[span.start : span.end], 0.0, span.start, span.end, article)
    return Citation(number, passage.text, span.start, span.end, passage)
