"""A report on a topic: one dated line per newspaper report, in its own words, not written by a language model."""

from __future__ import annotations

from collections.abc import Sequence

from index.article import Article
from index.config import Settings
from index.models.embedder import Embedder
from index.models.pair import PairModel
from index.reading.articles.reprints import overlap, shingles
from index.storage.store import Filter, Store
from index.text.folding import folded
from rag.citations import Numbered, quoted
from rag.generation.quoting import Quoted, best_quotes
from rag.results import Answer, AnswerPart, Passage, Sentence, Verdict, printed_date
from rag.retrieval.hybrid import search
from rag.retrieval.ranking import covered, word_weights
from rag.retrieval.reranking import read_passages
from rag.serving.stopwatch import Stopwatch
from rag.verification.checker import citation
from rag.verification.evidence import pieces

from .likeness import Profile, likeness
from .threads import REPRINT

_MOST = 20  # lines
_LOOKED_AT = 40  # passages
# Set by eye on nine topics; not yet measured on labelled reports.
_ALIKE = 0.19  # likeness to the best report
_BEGINNING = 400  # characters of a report that say what it is about
_LEAST = 0.6  # share of the topic's words that a report on it must contain
_NEWS = 220  # characters at the beginning of a report that say what happened
_SHORTEST = 12  # characters of an informative sentence
_SAME = 0.8  # share of a sentence's pieces in earlier lines from which it says nothing new


def report(store: Store, embedder: Embedder, pair: PairModel, topic: str, where: Filter, settings: Settings) -> Answer:
    """Return what the reports on a topic say, by date, each line cited; a refusal if there are none."""
    stopwatch = Stopwatch(settings.answers.time_limit)
    found = _news(pair, topic, _reports_on(store, embedder, topic, where, settings)[:_MOST])
    stopwatch.retrieved()
    numbered, sentences, parts = Numbered(), [], []
    for quote in found:
        own = citation(1, quote.article, quote.span)
        sentences.append(Sentence(quote.text, numbered.numbers([own]), Verdict(quote.text, True, (), (own,), 1.0)))
        parts.append(AnswerPart(printed_date(quote.article.date), quoted(sentences[-1])))
    return Answer(
        "\n".join(part.line for part in parts) or "馆藏的报纸里没有查到这个题目的报道。",
        "quoted" if parts else "refused",
        "" if parts else "nothing relevant",
        tuple(sentences),
        tuple(numbered.found),
        tuple(one.passage for one in numbered.found),
        stopwatch.timings(),
        topic,
        parts=tuple(parts),
    )


def _reports_on(
    store: Store, embedder: Embedder, topic: str, where: Filter, settings: Settings
) -> list[Sequence[Passage]]:
    """The reports on a topic that belong to one thread with the best of them, each as its passages.

    The best report of each date comes first.
    """
    weights, groups = word_weights(store, topic), dict[str, list[Passage]]()
    for passage in search(store, embedder, [(topic, where)], _LOOKED_AT, settings.retrieval)[0]:
        groups.setdefault(passage.article.id, []).append(passage)
    about = [own for own in groups.values() if covered(weights, _beginning(own)) >= _LEAST and own[0].article.date]
    if not about:
        return []
    profiles = {own[0].article.id: _profile(store, own[0].article) for own in about}
    best = profiles[about[0][0].article.id]
    alike = [own for own in _distinct(about) if likeness(best, profiles[own[0].article.id]) >= _ALIKE]
    firsts = {own[0].article.date: own for own in reversed(alike)}
    return sorted(alike, key=lambda own: firsts[own[0].article.date] is not own)


def _beginning(passages: Sequence[Passage]) -> str:
    article = passages[0].article
    return folded(f"{article.heading} {article.body[:_BEGINNING]} {passages[0].text}")


def _profile(store: Store, article: Article) -> Profile:
    return Profile.of(article, store.search.numbers_of([article.id])[0], store)


def _distinct(reports: Sequence[Sequence[Passage]]) -> list[Sequence[Passage]]:
    """The reports without reprints of earlier ones in the list."""
    kept: list[tuple[frozenset[str], Sequence[Passage]]] = []
    for own in reports:
        text = shingles(own[0].article.body)
        if all(overlap(text, other) < REPRINT for other, _ in kept):
            kept.append((text, own))
    return [own for _, own in kept]


def _news(pair: PairModel, topic: str, reports: Sequence[Sequence[Passage]]) -> list[Quoted]:
    """The first sentence near the beginning of each report that says something new, by date.

    Newspaper reports say at the beginning what happened.
    """
    question = f"{topic}，发生了什么？"
    found: list[Quoted] = []
    known = pieces(question)
    for own in sorted(reports, key=lambda own: (own[0].article.date or "", own[0].article.page or 0)):
        quotes = best_quotes(pair, question, read_passages(pair, question, own), "")
        leads = [q for q in quotes if q.span.start < _NEWS and len(q.text) >= _SHORTEST and _share(q, known) < _SAME]
        if leads:
            found.append(min(leads, key=lambda quote: quote.span.start))
            known |= pieces(found[-1].text)
    return found


def _share(quote: Quoted, known: set[str]) -> float:
    held = pieces(quote.text)
    return len(held & known) / (len(held) or 1)
