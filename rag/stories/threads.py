"""A thread: the earlier and later reports on the same matter as a report, as a timeline."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from index.article import Article
from index.errors import BaowenError
from index.reading.articles.reprints import overlap, shingles
from index.search.expression import And, Expression, Numbers
from index.storage.store import Filter, Store
from index.types import JsonObject

from .likeness import Profile, likeness, shared

_CANDIDATES = 150  # passages considered
_ASKED = 25  # words used to search for them
ALIKE = 0.19  # least likeness of reports on one matter; set by eye, since fitted values do no better
REPRINT = 0.5  # least overlap of shingles of reprints, which are not part of a thread
DAYS = 90


@dataclass(frozen=True)
class Follow:
    """A report in a thread: its likeness to the original, its distance in days (negative: earlier), shared words."""

    article: Article
    score: float
    days: int
    shared: tuple[str, ...]

    def as_dict(self) -> JsonObject:
        """Return the report as JSON values, with the beginning of its body."""
        return place(self.article) | {"score": round(self.score, 3), "days": self.days, "shared": list(self.shared)}


@dataclass(frozen=True)
class Thread:
    """A report with the earlier and later reports on the same matter, each by date."""

    article: Article
    earlier: tuple[Follow, ...]
    later: tuple[Follow, ...]

    def as_dict(self) -> JsonObject:
        """Return the thread as JSON values."""
        sides = {"earlier": [f.as_dict() for f in self.earlier], "later": [f.as_dict() for f in self.later]}
        return {"article": place(self.article), **sides}


def place(article: Article) -> JsonObject:
    """Return the fields of a report that lists show."""
    values = {name: getattr(article, name) for name in ("id", "title", "date", "paper", "page")}
    return values | {"beginning": article.body[:80]}


def thread(
    store: Store,
    identity: str,
    days: int = DAYS,
    least: float = ALIKE,
    most: int = 30,
    visible: Expression | None = None,
) -> Thread:
    """Return the thread of a report.

    Args:
        store: the archive's snapshot.
        identity: the report's id.
        days: how many days before and after the report to search.
        least: the least likeness of the others.
        most: the number of earlier and of later reports; the most similar ones are chosen.
        visible: the articles that the reader may see; None: all.

    Raises:
        BaowenError: the report does not exist or has no date.
    """
    article = require(store, identity)
    if article.date is None:
        raise BaowenError(f"文章 {identity!r} 没有日期，排不进时间线 (it has no date)")
    day = datetime.date.fromisoformat(article.date)
    span = datetime.timedelta(days=days)
    where = Filter((day - span).isoformat(), (day + span).isoformat())
    own = Profile.of(article, store.search.numbers_of([identity])[0], store)
    text = shingles(article.body)
    found = []
    for number, other in candidates(store, own, where, visible):
        profile = Profile.of(other, number, store)
        score = likeness(own, profile)
        if other.id != identity and score >= least and overlap(text, shingles(other.body)) < REPRINT:
            apart = (datetime.date.fromisoformat(other.date or article.date) - day).days
            found.append(Follow(other, score, apart, tuple(shared(own, profile))))
    found.sort(key=lambda follow: -follow.score)
    sides = ([f for f in found if f.days < 0][:most], [f for f in found if f.days >= 0][:most])
    earlier, later = (sorted(side, key=lambda follow: follow.days) for side in sides)
    return Thread(article, tuple(earlier), tuple(later))


def candidates(
    store: Store, own: Profile, where: Filter, visible: Expression | None = None
) -> Iterator[tuple[int, Article]]:
    """Yield the articles whose passages share most words with a report, with their numbers."""
    asked = sorted(own.words, key=lambda word: -own.words[word])[:_ASKED]
    hits = store.lexical(asked, _CANDIDATES, where)
    ids = list(dict.fromkeys(p.article_id for p in store.texts([hit.number for hit in hits])))
    numbers = store.search.numbers_of(ids)
    if visible is not None:
        numbers = store.search.numbers(And((visible, Numbers(tuple(numbers)))), "oldest", max(1, len(numbers)))
    yield from zip(numbers, store.search.articles(numbers), strict=True)


def require(store: Store, identity: str) -> Article:
    """Return an article by its id.

    Raises:
        BaowenError: the article is not in the archive.
    """
    article = store.catalogue.article(identity)
    if article is None:
        raise BaowenError(f"馆藏里没有文章 {identity!r} (no such article)；可用 baowen search 查看编号")
    return article
