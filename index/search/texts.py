"""The character lists of whole articles in tantivy: every two adjacent characters are a term, with positions.

Thus any sequence of characters, however long, is a phrase of terms, and is found exactly where it occurs. An end mark
after each text makes its last character begin a term, too.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tantivy

from index.article import Article, date_number
from index.text.folding import fold

from .facets import EVERY, counted
from .lists import ListsWriter, open_index

TEXTS = "texts"
END = "\x01"  # does not occur in texts: folding removes control characters
_APART = 256  # positions between kicker, headline and subtitle: more than any wildcard or distance can span

# What hits are counted by; each article has values for these. The names in it are stored folded.
FACETS = ("year", "month", "paper", "section", "page", "reporter", "person", "organisation", "place")
_SEARCHED = ("paper", "section", "reporter")  # folded copies, which queries search
NAMED = ("person", "organisation", "place")

_SHORTEST = 40  # letters; shorter texts may be alike without being the same article
_LAST_DATE = (1 << 25) - 1
_LAST_PAGE = 1023
_LAST_NUMBER = (1 << 29) - 1


@dataclass(frozen=True)
class Entry:
    """An article to list: its number, the article, and the names in it by kind."""

    number: int
    article: Article
    names: Mapping[str, Sequence[str]]


def _schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("number", indexed=True, fast=True)
    schema.add_unsigned_field("date", indexed=True, fast=True)
    schema.add_unsigned_field("page_number", indexed=True, fast=True)
    schema.add_unsigned_field("text_key", indexed=True, fast=True)
    for order in ("newest", "oldest"):
        schema.add_unsigned_field(order, fast=True)
    for part in ("title", "body"):
        schema.add_text_field(part, tokenizer_name="whitespace", index_option="position")
    for facet in FACETS[1:]:
        schema.add_text_field(facet, tokenizer_name="raw", index_option="basic", fast=True)
    for field in _SEARCHED:
        schema.add_text_field(f"{field}_folded", tokenizer_name="raw", index_option="basic")
    return schema.build()


def searched_field(kind: str) -> str:
    """The field in which a folded name or title is searched."""
    return f"{kind}_folded" if kind in _SEARCHED else kind


HEADING = ("kicker", "title", "subtitle")  # the parts of an article's headline


def headings(article: Article) -> list[str]:
    """Kicker, headline and subtitle, folded; missing ones are left out."""
    return [folded for name in HEADING if (folded := fold(getattr(article, name)))]


class TextsWriter(ListsWriter):
    """Changes a snapshot's character lists."""

    name = TEXTS
    heap = 64 << 20
    failed = "写入检索表失败 (cannot write the search lists)"
    schema = staticmethod(_schema)

    def add(self, entry: Entry) -> None:
        """Add an article.

        Raises:
            BaowenError: it cannot be written.
        """
        self.add_document(_document(entry))


def _document(entry: Entry) -> tantivy.Document:
    article = entry.article
    document = tantivy.Document()
    date = min(date_number(article.date), _LAST_DATE - 1)
    page = min(article.page or _LAST_PAGE, _LAST_PAGE)
    document.add_unsigned("number", entry.number)
    document.add_unsigned("date", date)
    document.add_unsigned("newest", date << 39 | (_LAST_PAGE - page) << 29 | (_LAST_NUMBER - entry.number))
    document.add_unsigned("oldest", (date or _LAST_DATE) << 39 | page << 29 | entry.number)
    for number in article.pages:
        document.add_unsigned("page_number", number)
    folded = fold(article.body)
    document.add_unsigned("text_key", text_key(folded))
    document.add_text("body", " ".join(_terms(folded)))
    document.add_pre_tokenized_text("title", _apart(headings(article)))
    for facet, values in facet_values(entry).items():
        for value in values:
            document.add_text(facet, value)
            if facet in _SEARCHED:
                document.add_text(f"{facet}_folded", fold(value))
    return document


def facet_values(entry: Entry) -> dict[str, list[str]]:
    """The facet values of an article, without duplicates; years are counted through months."""
    article = entry.article
    return {
        "month": [article.date[:7]] if article.date else [],
        "paper": [article.paper] if article.paper else [],
        "section": [article.section] if article.section else [],
        "page": [str(page) for page in dict.fromkeys(article.pages)],
        "reporter": list(dict.fromkeys((*article.reporters, *article.correspondents))),
        **{kind: [name for name in dict.fromkeys(entry.names.get(kind, ())) if name] for kind in NAMED},
    }


def text_key(folded: str) -> int:
    """A key shared by texts that differ only in punctuation; 0 for texts of fewer than 40 letters."""
    letters = "".join(filter(str.isalnum, folded))
    if len(letters) < _SHORTEST:
        return 0
    return int.from_bytes(hashlib.blake2b(letters.encode(), digest_size=7).digest(), "big")


def _terms(folded: str) -> list[str]:
    """All pairs of adjacent characters in a folded text, the last one with the end mark."""
    return list(map("".join, zip(folded, folded[1:] + END, strict=True))) if folded else []


def _apart(parts: Sequence[str]) -> tantivy.Query:
    """The terms of several texts, with large gaps between their positions."""
    tokens, start = [], 0
    for part in parts:
        tokens += [tantivy.Token(term, start + place, 0, 0) for place, term in enumerate(_terms(part))]
        start += len(part) + _APART
    return tantivy.PreTokenizedString("", tokens)


class Texts:
    """Reads a snapshot's character lists.

    Raises:
        ValueError: they are damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.index = open_index(folder / TEXTS)
        self.schema = self.index.schema
        self._searcher = self.index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def count(self, query: tantivy.Query) -> int:
        """The number of matching articles."""
        return int(self._searcher.search(query, 1, count=True, order_by_field="number").count)

    def frequency(self, field: str, value: str) -> int:
        """The number of articles with a value, including deleted ones that are not yet merged away."""
        return int(self._searcher.doc_freq(field, value))

    def numbers(
        self,
        query: tantivy.Query,
        limit: int,
        offset: int = 0,
        order: str | None = None,
        without: Collection[int] = (),
    ) -> list[int]:
        """The numbers of matching articles, best first, or by ``order`` (``newest``, ``oldest``, ``number``).

        ``without``: the numbers of articles to leave out.
        """
        limit = min(limit, len(self) - offset)  # tantivy allocates memory for all requested and skipped hits
        if limit < 1:
            return []
        if without:
            others = tantivy.Query.term_set_query(self.schema, "number", list(without))
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.MustNot, others)])
        if order is None:
            hits = self._searcher.search(query, limit, count=False, offset=offset).hits
        else:
            way = tantivy.Order.Desc if order == "newest" else tantivy.Order.Asc
            found = self._searcher.search(query, limit, count=False, offset=offset, order_by_field=order, order=way)
            hits = found.hits
        return [int(number) for number in self._values("number", hits)]

    def _values(self, field: str, hits: Sequence[tuple[object, tantivy.DocAddress]]) -> Sequence[int]:
        return self._searcher.fast_field_values(field, [address for _, address in hits])  # type: ignore[no-any-return]

    def alike(self, query: tantivy.Query, order: str | None = None) -> list[list[int]]:
        """The numbers of matching articles with identical text, as one list per text.

        Args:
            query: the query to match.
            order: the order within each list, as in ``numbers``.
        """
        must = tantivy.Occur.Must
        both = tantivy.Query.boolean_query([(must, query), (must, self._repeated)])
        found = self.numbers(both, len(self._keys), 0, order)
        texts: dict[int, list[int]] = {}
        for number in found:
            texts.setdefault(self._keys[number], []).append(number)
        return [held for held in texts.values() if len(held) > 1]

    @cached_property
    def _keys(self) -> dict[int, int]:
        """The text key of articles whose text occurs several times, by article number."""
        hits = self._searcher.search(tantivy.Query.all_query(), max(1, len(self)), count=False).hits
        numbers, keys = (self._values(field, hits) for field in ("number", "text_key"))
        often = Counter(keys)
        return {int(number): int(key) for number, key in zip(numbers, keys, strict=True) if key and often[key] > 1}

    @cached_property
    def _repeated(self) -> tantivy.Query:
        """A query that finds the articles of ``_keys``."""
        keys = sorted(set(self._keys.values()))
        if not keys:
            return tantivy.Query.empty_query()
        return tantivy.Query.const_score_query(tantivy.Query.term_set_query(self.schema, "text_key", keys), 0.0)

    def facets(self, query: tantivy.Query, names: Sequence[str], most: int) -> dict[str, dict[str, int]]:
        """For each facet, its values with their number of matching articles, most frequent first.

        Args:
            query: the query to match.
            names: names from ``FACETS``.
            most: maximum values per facet; the counts are exact nevertheless.
        """
        if not names:
            return {}
        wanted = {"month" if name == "year" else name: most for name in names}
        if "year" in names:
            wanted["month"] = EVERY
        counts = counted(self._searcher, self.schema, query, wanted)
        return {name: _sorted(_years(counts["month"]) if name == "year" else counts[name], most) for name in names}


def _years(months: Mapping[str, int]) -> dict[str, int]:
    years: dict[str, int] = {}
    for month, count in months.items():
        years[month[:4]] = years.get(month[:4], 0) + count
    return years


def _sorted(counts: Mapping[str, int], most: int) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:most])
