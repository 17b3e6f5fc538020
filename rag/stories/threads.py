"""A thread: the earlier and later reports on the same matter as a report, as a timeline."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Article, Span
from index.errors import BaowenError
from index.models.embedder import Embedder
from index.reading.articles.reprints import overlap, shingles
from index.search.expression import And, Expression, Numbers
from index.storage.store import Filter, Store, embedded_text
from index.types import JsonObject

from .likeness import Profile, shared
from .matter import FITTED_FOR, Signals, likelihood

_CANDIDATES = 150  # passages considered
_ASKED = 25  # words used to search for them
REPRINT = 0.5  # least overlap of shingles of reprints, which are not part of a thread
DAYS = 90


@dataclass(frozen=True)
class Follow:
    """A report in a thread: how likely it is on the same matter, days from the original (negative: earlier), words."""

    article: Article
    score: float
    days: int
    shared: tuple[str, ...]

    def as_dict(self) -> JsonObject:
        """Return the report as JSON values, with the beginning of its body."""
        return report_fields(self.article) | {
            "score": round(self.score, 3),
            "days": self.days,
            "shared": list(self.shared),
        }


@dataclass(frozen=True)
class ArticleCandidate:
    """An article that shares words with a report, its number, and its passages that do."""

    number: int
    article: Article
    passages: tuple[int, ...]


@dataclass(frozen=True)
class Thread:
    """A report with the earlier and later reports on the same matter, each by date."""

    article: Article
    earlier: tuple[Follow, ...]
    later: tuple[Follow, ...]

    def as_dict(self) -> JsonObject:
        """Return the thread as JSON values."""
        sides = {"earlier": [f.as_dict() for f in self.earlier], "later": [f.as_dict() for f in self.later]}
        return {"article": report_fields(self.article), **sides}


def report_fields(article: Article) -> JsonObject:
    """Return the fields of a report that lists show."""
    values = {name: getattr(article, name) for name in ("id", "title", "date", "paper", "page")}
    return values | {"beginning": article.body[:80]}


def thread(
    store: Store,
    embedder: Embedder,
    identity: str,
    days: int = DAYS,
    most: int = 30,
    visible: Expression | None = None,
) -> Thread:
    """Return the thread of a report.

    Args:
        store: the archive's snapshot.
        embedder: the model the archive was built with.
        identity: the report's id.
        days: how many days before and after the report to search.
        most: the number of earlier and of later reports; the likeliest ones are chosen.
        visible: the articles that the reader may see; None: all.

    Raises:
        BaowenError: the report does not exist or has no date.
    """
    article = require_article(store, identity)
    if article.date is None:
        raise BaowenError(f"文章 {identity!r} 没有日期，排不进时间线 (it has no date)")
    day = datetime.date.fromisoformat(article.date)
    span = datetime.timedelta(days=days)
    where = Filter((day - span).isoformat(), (day + span).isoformat())
    own = Profile.of(article, store.search.numbers_of([identity])[0], store)
    others = [other for other in candidates(store, own, where, visible) if other.article.id != identity]
    close, text = _closeness(store, embedder, article, others), shingles(article.body)
    found = []
    for other in others:
        same = overlap(text, shingles(other.article.body))
        if same >= REPRINT:
            continue
        profile = Profile.of(other.article, other.number, store)
        apart = (datetime.date.fromisoformat(other.article.date or article.date) - day).days
        score = likelihood(Signals.of(own, profile, same, apart, close.get(other.number)))
        if score is not None:
            found.append(Follow(other.article, score, apart, tuple(shared(own, profile))))
    found.sort(key=lambda follow: -follow.score)
    sides = ([f for f in found if f.days < 0][:most], [f for f in found if f.days >= 0][:most])
    earlier, later = (sorted(side, key=lambda follow: follow.days) for side in sides)
    return Thread(article, tuple(earlier), tuple(later))


def candidates(store: Store, own: Profile, where: Filter, visible: Expression | None = None) -> list[ArticleCandidate]:
    """Return the articles whose passages share most words with a report."""
    asked = sorted(own.words, key=lambda word: -own.words[word])[:_ASKED]
    passages: dict[str, list[int]] = {}
    for passage in store.texts([hit.number for hit in store.lexical(asked, _CANDIDATES, where)]):
        passages.setdefault(passage.article_id, []).append(passage.number)
    numbers = store.search.numbers_of(list(passages))
    if visible is not None:
        numbers = store.search.numbers(And((visible, Numbers(tuple(numbers)))), "oldest", max(1, len(numbers)))
    articles = store.search.articles(numbers)
    return [ArticleCandidate(number, a, tuple(passages[a.id])) for number, a in zip(numbers, articles, strict=True)]


def beginning(article: Article, length: int) -> str:
    """Return the text of a report's beginning as a passage's is embedded."""
    return embedded_text(article, Span(0, length))


def _closeness(
    store: Store, embedder: Embedder, article: Article, others: Sequence[ArticleCandidate]
) -> dict[int, float]:
    """Return by number the cosine of a report's beginning with each article's nearest passage.

    Empty if the archive was built with another embedder than the weights were fitted for.
    """
    if store.stamp.embedder != FITTED_FOR or not others:
        return {}
    vector = embedder.encode([beginning(article, store.stamp.passage_length)])[0]
    passages = [passage for other in others for passage in other.passages]
    cosines = dict(zip(passages, store.cosines(vector, passages), strict=True))
    return {other.number: max(cosines[passage] for passage in other.passages) for other in others}


def require_article(store: Store, identity: str) -> Article:
    """Return an article by its id.

    Raises:
        BaowenError: the article is not in the archive.
    """
    article = store.catalogue.article(identity)
    if article is None:
        raise BaowenError(f"馆藏里没有文章 {identity!r} (no such article)；可用 baowen search 查看编号")
    return article
