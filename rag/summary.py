"""Summaries: the articles of an issue, a page or a topic, each with its headline and its lead sentence, cited.

No model writes them: such a list is most useful in the newspaper's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.article import Article, Span
from index.config import Settings
from index.models.embedder import Embedder
from index.storage.store import Filter, Store
from index.text.folding import folded
from index.text.passages import sentences

from .answering import Asked, outside
from .citations import Numbered, marked
from .results import Answer, Done, Event, Found, Passage, Sentence, Verdict
from .retrieval.hybrid import search
from .retrieval.ranking import covered, word_weights
from .serving.stopwatch import Stopwatch
from .verification.checker import citation

_MOST = 8
_LOOKED_AT = 24
_LEAST_COVERAGE = 0.5  # share of the topic's words that an article about it must contain
_LONGEST_LEAD = 80


def summary_events(store: Store, embedder: Embedder, asked: Asked, topic: str, settings: Settings) -> Iterator[Event]:
    """List the articles about ``topic``, or without a topic those of ``asked.where``, by default the newest issue."""
    stopwatch = Stopwatch(settings.answers.time_limit)
    if asked.where and not store.articles(1, where=asked.where):
        yield Found((), asked.narrowing)
        yield Done(outside(store, asked, stopwatch))
        return
    if topic:
        found = _about(store, embedder, topic, asked.where, settings)
    else:
        where = asked.where if asked.where else _newest(store)
        found = [_lead(article) for article in sorted(store.articles(200, where=where), key=_place)]
    stopwatch.retrieved()
    yield Found(tuple(found[:_MOST]), asked.narrowing)
    yield Done(_summary(found, asked, stopwatch))


def _newest(store: Store) -> Filter:
    last = store.dates()[1]
    return Filter(last, last)


def _place(article: Article) -> tuple[str, int]:
    return article.date or "", article.page or 999


def _about(store: Store, embedder: Embedder, topic: str, where: Filter, settings: Settings) -> list[Passage]:
    found = search(store, embedder, [(topic, where)], _LOOKED_AT, settings.retrieval)[0]
    weights = word_weights(store, topic)
    firsts = {passage.article.id: passage for passage in reversed(found)}
    about = [p for p in firsts.values() if covered(weights, folded(f"{p.article.heading} {p.text}")) >= _LEAST_COVERAGE]
    return sorted((_lead(passage.article) for passage in about), key=lambda passage: _place(passage.article))


def _lead(article: Article) -> Passage:
    """The first sentence of an article that is long enough to say something, as a passage."""
    spans = sentences(article.body)
    span = next((s for s in spans if s.end - s.start >= 12), spans[0] if spans else None)
    start, end = (span.start, span.end) if span else (0, 0)
    return Passage(article.body[start:end], 0.0, start, end, article)


def _summary(found: Sequence[Passage], asked: Asked, stopwatch: Stopwatch) -> Answer:
    numbered = Numbered()
    lines, told = [], []
    for passage in found[:_MOST]:
        own = citation(1, passage.article, Span(passage.start, passage.end))
        sentence = Sentence(passage.text, numbered.numbers([own]), Verdict(passage.text, True, (), (own,), 1.0))
        told.append(sentence)
        article = passage.article
        place = "".join(
            part
            for part in (f"{article.date} " if article.date else "", f"第{article.page}版 " if article.page else "")
        )
        lines.append(f"· {place}《{article.title}》：{marked(replace(sentence, text=_shortened(sentence.text)))}")
    more = f"\n另有 {len(found) - _MOST} 篇。" if len(found) > _MOST else ""
    head = f"共 {len(found)} 篇：\n"
    refused = not found
    text = "馆藏的报纸里没有查到与这个问题有关的报道。" if refused else head + "\n".join(lines) + more
    return Answer(
        text,
        "refused" if refused else "quoted",
        "nothing relevant" if refused else "",
        tuple(told),
        tuple(numbered.found),
        tuple(found[:_MOST]),
        stopwatch.timings(),
        asked.question,
        asked.narrowing,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LEAD else text[: _LONGEST_LEAD - 1] + "…"
