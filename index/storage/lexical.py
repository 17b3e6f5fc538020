"""The lexical retriever: BM25 over jieba's words in tantivy, which keeps its lists on disk and extends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tantivy

from index.search.lists import ListsWriter, open_index

WORDS = "words"

# Weight of a word in the heading (kicker, headline, subtitle), relative to one in the passage's text.
_HEADING_WEIGHT = 1.0


def _schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("number", stored=False, indexed=True, fast=True)
    schema.add_unsigned_field("date", stored=False, indexed=True, fast=True)
    schema.add_text_field("facet", stored=False, tokenizer_name="raw", index_option="basic")
    for field in ("heading", "text"):
        schema.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="freq")
    return schema.build()


class LexicalWriter(ListsWriter):
    """Changes a snapshot's word lists."""

    name = WORDS
    heap = 16 << 20
    failed = "写入词索引失败 (cannot write the words)"
    schema = staticmethod(_schema)

    def add(self, number: int, heading: Sequence[str], text: Sequence[str], date: int, facets: Sequence[str]) -> None:
        """Add a passage's words; ``date`` as 20240730, 0 if unknown."""
        document = tantivy.Document()
        document.add_unsigned("number", number)
        document.add_unsigned("date", date)
        for facet in facets:
            document.add_text("facet", facet)
        document.add_text("heading", " ".join(heading))
        document.add_text("text", " ".join(text))
        self.add_document(document)


class LexicalIndex:
    """Reads a snapshot's word lists.

    Raises:
        ValueError: they are damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._index = open_index(folder / WORDS)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self,
        words: Sequence[str],
        k: int,
        dates: tuple[int | None, int | None],
        facets: Sequence[str],
        among: list[int] | None = None,
    ) -> list[tuple[int, float]]:
        """The ``k`` passages with the best BM25 score for any of ``words``, as (passage number, score).

        Args:
            words: as split by ``index.text.words``.
            k: number of hits.
            dates: first and last date, as 20240730; None means no limit.
            facets: conditions that must all hold.
            among: the numbers of the passages to search; None: all.
        """
        if not words or among == []:
            return []
        query = self._any(words)
        conditions = [self._term("facet", facet, "basic") for facet in facets]
        if dates != (None, None):
            first = 1 if dates[0] is None else dates[0]
            conditions.append(
                tantivy.Query.range_query(self._schema, "date", tantivy.FieldType.Unsigned, first, dates[1])
            )
        if among is not None:
            conditions.append(tantivy.Query.term_set_query(self._schema, "number", among))
        if conditions:
            must = [(tantivy.Occur.Must, tantivy.Query.const_score_query(c, 0.0)) for c in conditions]
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *must])
        hits = self._searcher.search(query, k, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return [(int(number), float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]

    def count(self, word: str) -> int:
        """The number of passages that contain a word in the text or the heading."""
        return max(int(self._searcher.doc_freq(field, word)) for field in ("heading", "text"))

    def _any(self, words: Sequence[str]) -> tantivy.Query:
        terms = [self._term("text", word, "freq") for word in words]
        headings = [tantivy.Query.boost_query(self._term("heading", word, "freq"), _HEADING_WEIGHT) for word in words]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in [*terms, *headings]])

    def _term(self, field: str, word: str, option: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, word, index_option=option)
