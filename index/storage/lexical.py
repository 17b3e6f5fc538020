"""The lexical leg: BM25 over jieba's words, by tantivy, which keeps its lists on disk and adds to them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tantivy

from index.errors import BaowenError

WORDS = "words"
LOCKS = ("*.lock",)  # made by every reader and writer; no part of a snapshot

# Weight of a word in the heading (kicker, headline, subtitle) against one in the passage's text.
_HEADING_WEIGHT = 1.0
_HEAP = 16 << 20


def _schema() -> Any:
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("number", stored=False, indexed=True, fast=True)
    schema.add_unsigned_field("date", stored=False, indexed=True, fast=True)
    schema.add_text_field("facet", stored=False, tokenizer_name="raw", index_option="basic")
    for field in ("heading", "text"):
        schema.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="freq")
    return schema.build()


class LexicalWriter:
    """Changes a snapshot's lists of words; nothing is seen before ``close``."""

    def __init__(self, folder: Path, previous: Path | None) -> None:
        path = folder / WORDS
        if previous is None:
            path.mkdir()
            self._index = tantivy.Index(_schema(), path=str(path))
        else:
            shutil.copytree(previous / WORDS, path, ignore=shutil.ignore_patterns(*LOCKS))
            self._index = tantivy.Index.open(str(path))
        self._writer = self._index.writer(_HEAP, 1)

    def add(self, number: int, heading: Sequence[str], text: Sequence[str], date: int, facets: Sequence[str]) -> None:
        """Add a passage's words; ``date`` as 20240730, 0 where unknown."""
        document = tantivy.Document()
        document.add_unsigned("number", number)
        document.add_unsigned("date", date)
        for facet in facets:
            document.add_text("facet", facet)
        document.add_text("heading", " ".join(heading))
        document.add_text("text", " ".join(text))
        try:
            self._writer.add_document(document)
        except ValueError as error:
            raise _cannot_write(error) from error

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove passages."""
        if numbers:
            query = tantivy.Query.term_set_query(self._index.schema, "number", list(numbers))
            self._writer.delete_documents_by_query(query)

    def close(self) -> None:
        """Finish writing.

        Raises:
            BaowenError: it cannot be written.
        """
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except ValueError as error:
            raise _cannot_write(error) from error


def _cannot_write(error: Exception) -> BaowenError:
    return BaowenError(f"写入词索引失败 (cannot write the words): {error}；已发布的内容没有改变")


class LexicalIndex:
    """Reads a snapshot's lists of words.

    Raises:
        ValueError: they are damaged.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / WORDS
        try:
            self._index = tantivy.Index.open(str(path))
        except ValueError as error:
            if "lock" not in str(error).lower():
                raise
            self._index = _open_read_only(path)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self, words: Sequence[str], k: int, dates: tuple[int | None, int | None], facets: Sequence[str]
    ) -> list[tuple[int, float]]:
        """The ``k`` passages with the best BM25 score for any of ``words``, as (passage number, score).

        Args:
            words: as ``index.text.words`` cuts them.
            k: how many.
            dates: first and last, as 20240730; None leaves an end open.
            facets: all must hold.
        """
        if not words:
            return []
        query = self._any(words)
        conditions = [self._term("facet", facet, "basic") for facet in facets]
        if dates != (None, None):
            first = 1 if dates[0] is None else dates[0]
            conditions.append(
                tantivy.Query.range_query(self._schema, "date", tantivy.FieldType.Unsigned, first, dates[1])
            )
        if conditions:
            must = [(tantivy.Occur.Must, tantivy.Query.const_score_query(c, 0.0)) for c in conditions]
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *must])
        hits = self._searcher.search(query, k, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return [(int(number), float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]

    def count(self, word: str) -> int:
        """In how many passages a word stands, in the text or the heading."""
        return max(int(self._searcher.doc_freq(field, word)) for field in ("heading", "text"))

    def _any(self, words: Sequence[str]) -> Any:
        terms = [self._term("text", word, "freq") for word in words]
        headings = [tantivy.Query.boost_query(self._term("heading", word, "freq"), _HEADING_WEIGHT) for word in words]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in [*terms, *headings]])

    def _term(self, field: str, word: str, option: str) -> Any:
        return tantivy.Query.term_query(self._schema, field, word, index_option=option)


def _open_read_only(path: Path) -> Any:
    """Open lists in a folder that may not be written to: the lock that tantivy takes goes to a folder of links."""
    with tempfile.TemporaryDirectory(prefix="baowen-") as folder:
        for file in (file for file in path.iterdir() if file.suffix != ".lock"):
            Path(folder, file.name).symlink_to(file.resolve())
        return tantivy.Index.open(folder)
