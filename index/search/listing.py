"""Keeps the character lists of the next snapshot in step with its articles."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from index.article import load_article

from .names import ArticleNames, Tagger, forget_names, names_in, prepare_names, record_names
from .texts import TEXTS, Entry, TextsWriter

_READ_AT_ONCE = 200


class Listing:
    """The lists of the next snapshot, copied from the previous snapshot's, or built from scratch if it has none.

    Args:
        folder: the next snapshot's folder.
        previous: the published snapshot's folder.
        database: the next snapshot's database, a copy of the previous one.
        tagger: finds the names in articles; None: no names are recorded.
    """

    def __init__(
        self, folder: Path, previous: Path | None, database: sqlite3.Connection, tagger: Tagger | None
    ) -> None:
        self._database = database
        self._tagger = tagger
        prepare_names(database)
        held = previous if previous is not None and (previous / TEXTS).is_dir() else None
        self._writer = TextsWriter(folder, held)
        self._listed = set(self._numbers()) if held else set[int]()

    def remove(self, articles: Sequence[int]) -> None:
        """Remove articles; must be called before ``close`` adds new ones."""
        self._writer.remove([number for number in articles if number in self._listed])
        self._listed.difference_update(articles)
        forget_names(self._database, articles)

    def close(self) -> None:
        """List the articles that are not listed yet, and finish."""
        missing = [number for number in self._numbers() if number not in self._listed]
        for entry in tqdm(self._entries(missing), total=len(missing), unit="篇", desc="建检索表", disable=None):
            self._writer.add(entry)
        self._writer.close()

    def _numbers(self) -> list[int]:
        return [number for (number,) in self._database.execute("SELECT number FROM articles ORDER BY number")]

    def _entries(self, numbers: Sequence[int]) -> Iterator[Entry]:
        for start in range(0, len(numbers), _READ_AT_ONCE):
            some = numbers[start : start + _READ_AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT number, id, fields, body FROM articles WHERE number IN ({marks}) ORDER BY number"
            for number, *row in self._database.execute(query, some).fetchall():
                article = load_article(*row)
                names = names_in(article, self._tagger()) if self._tagger else ArticleNames()
                record_names(self._database, number, names)
                yield Entry(number, article, names.by_kind)
