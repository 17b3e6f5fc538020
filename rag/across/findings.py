"""The dated findings of a matter: the reports on it by date, and of each the newspaper's own sentence that tells it."""

from __future__ import annotations

from collections.abc import Sequence

from index.article import Article
from index.config import Settings
from index.models.pair import PairModel
from index.reading.articles.reprints import overlap, shingles
from index.storage.store import Filter, Store
from index.text.folding import folded
from rag.answering import Models
from rag.generation.quoting import Quoted, best_quotes
from rag.query.part_questions import asked_how, of_quantity
from rag.results import Passage
from rag.retrieval.hybrid import search
from rag.retrieval.ranking import covered, word_weights
from rag.retrieval.reranking import read_passages
from rag.stories.likeness import Profile, likeness
from rag.stories.threads import ALIKE, REPRINT
from rag.verification.evidence import pieces

_LOOKED_AT = 40  # passages
_LEAD = 400  # characters of a report that say what it is about
_LEAST = 0.6  # of the matter's words, for a report to be on it
_CHOICES = 8  # sentences of a report, where a figure is asked for
_NEWS = 220  # characters at the beginning of a report that tell what happened
_SHORTEST = 12  # characters of a sentence that tells something
_KNOWN = 6.0  # logits: what a sentence loses that tells only what earlier findings told; set by eye
_SAME = 0.8  # of a sentence's pairs of characters are in earlier findings: it tells nothing new


def reports_on(store: Store, models: Models, matter: str, where: Filter, settings: Settings) -> list[list[Passage]]:
    """The reports on a matter, best first, each with its passages that were found; reprints left out."""
    found = search(store, models.embedder, [(matter, where)], _LOOKED_AT, settings.retrieval)[0]
    weights = word_weights(store, matter)
    groups: dict[str, list[Passage]] = {}
    for passage in found:
        groups.setdefault(passage.article.id, []).append(passage)
    about = [own for own in groups.values() if covered(weights, _beginning(own)) >= _LEAST and own[0].article.date]
    return _matched(store, _distinct(about))


def _beginning(passages: Sequence[Passage]) -> str:
    article = passages[0].article
    return folded(f"{article.heading} {article.body[:_LEAD]} {passages[0].text}")


def _distinct(reports: Sequence[list[Passage]]) -> list[list[Passage]]:
    kept: list[tuple[frozenset[str], list[Passage]]] = []
    for own in reports:
        text = shingles(own[0].article.body)
        if all(overlap(text, other) < REPRINT for other, _ in kept):
            kept.append((text, own))
    return [own for _, own in kept]


def _matched(store: Store, reports: Sequence[list[Passage]]) -> list[list[Passage]]:
    """Those of one thread with the best one."""
    if not reports:
        return []
    profiles = [_profile(store, own[0].article) for own in reports]
    return [own for own, profile in zip(reports, profiles, strict=True) if likeness(profiles[0], profile) >= ALIKE]


def _profile(store: Store, article: Article) -> Profile:
    return Profile.of(article, store.search.numbers_of([article.id])[0], store)


def told(pair: PairModel, matter: str, reports: Sequence[list[Passage]], most: int) -> list[Quoted]:
    """Of each report the sentence that tells best how much the matter is, or what happened, and is new; by date.

    What happened stands at the beginning of a report, as newspapers write; figures may stand anywhere.

    Args:
        matter: what the reports are on.
        reports: best first, each the passages of a report; ``most`` of them are read, first one a date.
    """
    found: list[Quoted] = []
    best: Quoted | None
    question, happened = asked_how(matter), not of_quantity(matter)
    known = pieces(question)
    for own in sorted(_spread(reports)[:most], key=lambda own: (own[0].article.date or "", own[0].article.page or 0)):
        quotes = best_quotes(pair, question, read_passages(pair, question, own), "")
        known_of = {quote: _share(pieces(quote.text), known) for quote in quotes}
        leads = [q for q in quotes if q.span.start < _NEWS and len(q.text) >= _SHORTEST and known_of[q] < _SAME]
        if happened and leads:
            best = min(leads, key=lambda quote: quote.span.start)
        else:
            best = max(quotes[:_CHOICES], key=lambda quote: quote.score - _KNOWN * known_of[quote], default=None)
        if best and known_of[best] < _SAME:
            found.append(best)
            known |= pieces(best.text)
    return found


def _share(held: set[str], known: set[str]) -> float:
    return len(held & known) / (len(held) or 1)


def _spread(reports: Sequence[list[Passage]]) -> list[list[Passage]]:
    """The best report of each date, then the others."""
    firsts = {own[0].article.date: own for own in reversed(reports)}
    best = [own for own in reports if firsts[own[0].article.date] is own]
    return [*best, *(own for own in reports if own not in best)]
