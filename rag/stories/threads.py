"""A thread: the later and earlier reports on the matter of a report, as a time line."""

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

_CANDIDATES = 150  # passages looked at
_ASKED = 25  # words that they are searched by
ALIKE = 0.19  # reports at least so alike are of one matter; set by eye; fitted ones do no better
REPRINT = 0.5  # of their shingles: the same text again, nothing that went on
DAYS = 90


@dataclass(frozen=True)
class Follow:
    """A report of the thread: how alike it is to the one asked about, days after it (before: negative), and by what."""

    article: Article
    score: float
    days: int
    shared: tuple[str, ...]

    def as_dict(self) -> JsonObject:
        """As JSON values, with the beginning of the body."""
        return place(self.article) | {"score": round(self.score, 3), "days": self.days, "shared": list(self.shared)}


@dataclass(frozen=True)
class Thread:
    """A report and the others on its matter, each side by date."""

    article: Article
    earlier: tuple[Follow, ...]
    later: tuple[Follow, ...]

    def as_dict(self) -> JsonObject:
        """As JSON values."""
        sides = {"earlier": [f.as_dict() for f in self.earlier], "later": [f.as_dict() for f in self.later]}
        return {"article": place(self.article), **sides}


def place(article: Article) -> JsonObject:
    """What a list tells of a report."""
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
    """The thread of a report.

    Args:
        store: the archive's state.
        identity: the report's id.
        days: how many days before and after it to look.
        least: how alike the others must be.
        most: reports on each side, the most alike ones.
        visible: which articles whoever asks may see; None: all.

    Raises:
        BaowenError: there is no such report, or it has no date.
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
    """The articles with passages that have most of a report's words, with their numbers."""
    asked = sorted(own.words, key=lambda word: -own.words[word])[:_ASKED]
    hits = store.lexical(asked, _CANDIDATES, where)
    ids = list(dict.fromkeys(p.article_id for p in store.texts([hit.number for hit in hits])))
    numbers = store.search.numbers_of(ids)
    if visible is not None:
        numbers = store.search.numbers(And((visible, Numbers(tuple(numbers)))), "oldest", max(1, len(numbers)))
    yield from zip(numbers, store.search.articles(numbers), strict=True)


def require(store: Store, identity: str) -> Article:
    """An article by its id.

    Raises:
        BaowenError: it is not held.
    """
    article = store.catalogue.article(identity)
    if article is None:
        raise BaowenError(f"馆藏里没有文章 {identity!r} (no such article)；可用 baowen search 查看编号")
    return article
