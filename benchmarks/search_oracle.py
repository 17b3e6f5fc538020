"""A slow, obvious search to compare the real one with, and queries with every operator for both.

It shares no code with the product: texts are folded and scanned one after another, and each query is generated together
with the function that decides what matches it.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import opencc

from index.article import Article

NAMES = ("person", "organisation", "place")
FACETS = ("year", "month", "paper", "section", "page", "reporter", *NAMES)

_OPERATORS = ("与", "或", "非")
_T2S = opencc.OpenCC("t2s")


@cache
def _character(character: str) -> str:
    return "".join(_T2S.convert(c) for c in unicodedata.normalize("NFKC", character).casefold() if c.isprintable())


def plain(text: str) -> str:
    """Half-width, simplified, lower-case text without white space."""
    return "".join("".join(map(_character, text)).split())


@dataclass(frozen=True)
class Scanned:
    """An article as scanned: headline parts and body in plain form, and the names in it by kind."""

    article: Article
    titles: tuple[str, ...]
    body: str
    names: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, article: Article, known: Mapping[str, str] | None = None) -> Scanned:
        """Prepare an article; ``known``: the names known to the archive's tagger, each with its kind."""
        parts = (article.kicker, article.title, article.subtitle)
        printed = (" ".join(filter(None, parts)), *article.paragraphs)
        stand = [name for name in known or () if any(name in text for text in printed)]
        names = {kind: sorted({plain(name) for name in stand if (known or {})[name] == kind}) for kind in NAMES}
        return cls(article, tuple(plain(part) for part in parts if part), plain(article.body), names)

    def texts(self, part: str) -> tuple[str, ...]:
        """The texts of ``title``, ``body`` or both (empty)."""
        return (*(self.titles if part != "body" else ()), *((self.body,) if part != "title" else ()))


Fits = Callable[[Scanned], bool]


@dataclass(frozen=True)
class Question:
    """A query, what matches it, and the operator it was generated for."""

    query: str
    fits: Fits
    operator: str

    def hits(self, articles: Sequence[Scanned]) -> set[str]:
        """The ids of the matching articles."""
        return {scanned.article.id for scanned in articles if self.fits(scanned)}


def facets(found: Sequence[Scanned]) -> dict[str, dict[str, int]]:
    """The number of occurrences of each facet value."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for article in (scanned.article for scanned in found):
        if article.date:
            counts["year"][article.date[:4]] += 1
            counts["month"][article.date[:7]] += 1
        for facet, value in (("paper", article.paper), ("section", article.section)):
            if value:
                counts[facet][value] += 1
        counts["page"].update({str(page) for page in article.pages})
        counts["reporter"].update({*article.reporters, *article.correspondents})
    for kind in NAMES:
        counts[kind].update(name for scanned in found for name in scanned.names[kind])
    return {facet: dict(count) for facet, count in counts.items()}


class Questions:
    """Generates queries from the articles' texts; the same seed gives the same queries."""

    def __init__(self, articles: Sequence[Scanned], seed: int = 0) -> None:
        self._articles = articles
        self._random = random.Random(seed)
        self._makers: dict[str, Callable[[], Question]] = {
            "word": self._word,
            "phrase": self._phrase,
            "character": self._character,
            "and": self._and,
            "or": self._or,
            "not": self._not,
            "brackets": self._brackets,
            "near": self._near,
            "one": self._one,
            "many": self._many,
            "edge": self._edge,
            "part": self._part,
            "date": self._date,
            "page": self._page,
            "value": self._value,
        }

    def make(self, count: int) -> list[Question]:
        """Generate ``count`` queries, one operator after another."""
        makers = list(self._makers.values())
        return [makers[number % len(makers)]() for number in range(count)]

    def _stretch(self, least: int, most: int) -> str:
        """Some consecutive letters and digits of a random text."""
        while True:
            texts = self._random.choice(self._articles).texts("")
            text = self._random.choice([text for text in texts if text] or [""])
            length = self._random.randint(least, most)
            start = self._random.randrange(max(1, len(text) - length))
            found = text[start : start + length]
            if len(found) == length and found.isalnum() and found not in _OPERATORS:
                return found

    def _word(self, least: int = 2, most: int = 4) -> Question:
        word = self._stretch(least, most)
        return Question(word, lambda a: any(word in text for text in a.texts("")), "word")

    def _phrase(self) -> Question:
        found = self._word(5, 9)
        return replace(found, query=f'"{found.query[:3]} {found.query[3:]}"', operator="phrase")

    def _character(self) -> Question:
        return replace(self._word(1, 1), operator="character")

    def _and(self) -> Question:
        a, b = self._word(), self._word(1, 2)
        sign = self._random.choice((" AND ", " 与 ", " ", "　"))
        return Question(f"{a.query}{sign}{b.query}", lambda x: a.fits(x) and b.fits(x), "and")

    def _or(self) -> Question:
        a, b = self._word(), self._word()
        sign = self._random.choice((" OR ", " 或 "))
        return Question(f"{a.query}{sign}{b.query}", lambda x: a.fits(x) or b.fits(x), "or")

    def _not(self) -> Question:
        a, b = self._word(1, 2), self._word()
        sign = self._random.choice((" NOT ", " AND NOT ", " 非 "))
        return Question(f"{a.query}{sign}{b.query}", lambda x: a.fits(x) and not b.fits(x), "not")

    def _brackets(self) -> Question:
        a, b, c = self._or(), self._random.choice((self._near, self._many, self._word))(), self._word(1, 2)
        query = f"（{a.query}）({b.query} OR NOT ({c.query}))"
        return Question(query, lambda x: a.fits(x) and (b.fits(x) or not c.fits(x)), "brackets")

    def _pair(self) -> tuple[str, str]:
        """Two words in the same text, often not far from each other."""
        while True:
            text = self._random.choice(self._articles).body
            start = self._random.randrange(max(1, len(text) - 40))
            lengths = [self._random.choice((1, 2, 2, 2, 3, 4)) for _ in range(2)]
            later = start + lengths[0] + self._random.randint(0, 30)
            pair = text[start : start + lengths[0]], text[later : later + lengths[1]]
            if all(word.isalnum() for word in pair):
                return pair if self._random.random() < 0.5 else (pair[1], pair[0])

    def _near(self) -> Question:
        a, b = self._pair()
        most = self._random.choice((0, 1, 5, 8, 20))
        return Question(f'"{a} {b}"~{most}', lambda x: any(_near(t, a, b, most) for t in x.texts("")), "near")

    def _one(self) -> Question:
        word = self._stretch(3, 6)
        place = self._random.randrange(1, len(word) - 1)
        before, after = word[:place], word[place + 1 :]
        sign = self._random.choice("?？")
        pattern = re.compile(f"{re.escape(before)}.{re.escape(after)}")
        return Question(f"{before}{sign}{after}", lambda x: any(pattern.search(t) for t in x.texts("")), "one")

    def _many(self) -> Question:
        a, b = self._pair()
        pattern = re.compile(f"{re.escape(a)}.{{0,20}}{re.escape(b)}")
        return Question(f"{a}*{b}", lambda x: any(pattern.search(t) for t in x.texts("")), "many")

    def _edge(self) -> Question:
        word = self._stretch(2, 3)
        before, after = self._random.choice((("", "?"), ("?", ""), ("*", "*"), ("", "??")))
        pattern = re.compile("." * before.count("?") + re.escape(word) + "." * after.count("?"))
        return Question(before + word + after, lambda x: any(pattern.search(t) for t in x.texts("")), "edge")

    def _part(self) -> Question:
        word = self._stretch(2, 3)
        name, part = self._random.choice((("题名", "title"), ("正文", "body"), ("title", "title")))
        colon = self._random.choice((":", "："))
        return Question(f"{name}{colon}{word}", lambda x: any(word in t for t in x.texts(part)), "part")

    def _date(self) -> Question:
        date = self._random.choice([x.article.date for x in self._articles if x.article.date])
        until = self._random.choice([x.article.date for x in self._articles if x.article.date])
        since, until = sorted((date, until))
        form = self._random.choice((4, 7, 10))
        query, first, last = self._random.choice(
            (
                (date[:form], date[:form], date[:form]),
                (f"{since[:form]}..{until[:form]}", since[:form], until[:form]),
                (f"{date}..", date, "9999"),
                (f"..{date}", "0000", date),
            )
        )
        other = self._word(1, 2)

        def fits(x: Scanned) -> bool:
            held = x.article.date or ""
            return bool(held) and first <= held[: len(first)] and held[: len(last)] <= last and other.fits(x)

        return Question(f"日期:{query} {other.query}", fits, "date")

    def _page(self) -> Question:
        first = self._random.randint(1, 4)
        last = self._random.randint(first, 6)
        query = f"版:{first}..{last}" if last > first else f"版：{first}"
        return Question(query, lambda x: any(first <= page <= last for page in x.article.pages), "page")

    def _value(self) -> Question:
        name, values = self._random.choice(_VALUES)
        held = [value for x in self._articles for value in values(x) if value]
        if not held:
            return self._word()
        value = self._random.choice(held)
        if len(value) > 2 and self._random.random() < 0.4:
            start, end = plain(value[:1]), plain(value[-1:])
            return Question(
                f"{name}:{start}*{end}",
                lambda x: any(len(p := plain(v)) > 1 and p.startswith(start) and p.endswith(end) for v in values(x)),
                "value",
            )
        return Question(f'{name}:"{value}"', lambda x: plain(value) in map(plain, values(x)), "value")


_VALUES: tuple[tuple[str, Callable[[Scanned], Sequence[str]]], ...] = (
    ("报名", lambda x: [x.article.paper]),
    ("版名", lambda x: [x.article.section]),
    ("作者", lambda x: [*x.article.reporters, *x.article.correspondents]),
    ("人物", lambda x: x.names["person"]),
    ("单位", lambda x: x.names["organisation"]),
    ("地点", lambda x: x.names["place"]),
)


def _near(text: str, a: str, b: str, most: int) -> bool:
    """Whether a text contains two words with at most ``most`` characters between them, in either order."""
    places = {word: [m.start() for m in re.finditer(f"(?={re.escape(word)})", text)] for word in (a, b)}
    return any(
        0 <= second - (first + len(one)) <= most
        for one, other in ((a, b), (b, a))
        for first in places[one]
        for second in places[other]
    )
