"""The files of the next snapshot in preparation."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import BaowenError
from index.search.listing import Listing
from index.search.names import Tagger

from .dense import ROWS, TABLE, TABLE_TYPE, RowWriter
from .lexical import LexicalWriter
from .local import DATABASE, create_database
from .pages import forget_unshown, has_pictures

_CACHE_KIB = 8 << 10
_CHUNK = 1 << 14


class SnapshotWriter:
    """The files of the next snapshot, opened for writing; the folder is removed if the build fails.

    They start as a copy of the previous snapshot's files. First articles are deleted, then ``keep_rows`` is called,
    then articles are added, so that the rows of vectors stay in the order of passage numbers. ``drop`` comes last.
    """

    def __init__(self, folder: Path, previous: Path | None, dimension: int, tagger: Tagger | None = None) -> None:
        self.folder = folder
        self._previous = previous
        path = folder / DATABASE
        if previous is None:
            self.database = create_database(path)
        else:
            shutil.copyfile(previous / DATABASE, path)
            self.database = sqlite3.connect(path)
        self.database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")  # its indexes are filled in random order
        self.database.execute("PRAGMA synchronous = OFF")  # the snapshot is synced as a whole before publication
        self.words = LexicalWriter(folder, previous)
        self._listing = Listing(folder, previous, self.database, tagger)
        self.rows = RowWriter(folder, dimension)
        self._dimension = dimension
        self._dropped: list[int] = []

    def __enter__(self) -> SnapshotWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.database.close()
        self.rows.close()
        if kind is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        if isinstance(error, sqlite3.OperationalError):
            raise BaowenError(f"写入馆藏失败 (cannot write the archive): {error}；已发布的内容没有改变") from error

    def delete(self, condition: str, *values: str | int) -> list[int]:
        """Delete articles with their passages; returns the passages' numbers."""
        passages = self.clear(condition, *values)
        articles = f"SELECT number FROM articles WHERE {condition}"
        for table in ("regions", "shown"):  # the next article may get the same number
            self.database.execute(f"DELETE FROM {table} WHERE article IN ({articles})", values)
        self.database.execute(f"DELETE FROM articles WHERE {condition}", values)
        return passages

    def clear(self, condition: str, *values: str | int) -> list[int]:
        """Delete articles' passages and lists so that they can be rebuilt; returns the passages' numbers."""
        articles = f"SELECT number FROM articles WHERE {condition}"
        self._listing.remove([number for (number,) in self.database.execute(articles, values)])
        query = f"SELECT number FROM passages WHERE article IN ({articles})"
        passages = [number for (number,) in self.database.execute(query, values)]
        self.words.remove(passages)
        self.database.execute(f"DELETE FROM facets WHERE article IN ({articles})", values)
        self.database.execute(f"DELETE FROM passages WHERE article IN ({articles})", values)
        return passages

    def delete_file(self, path: str, key: str) -> None:
        """Delete the articles of one file of the issue ``key``."""
        self.delete("source_key = ? AND json_extract(fields, '$.source') = ?", key, path)

    def drop(self, articles: Sequence[int]) -> None:
        """Remove articles, by number, when the snapshot is finished."""
        self._dropped.extend(articles)

    def keep_rows(self) -> None:
        """Copy the vectors of the passages that were not deleted."""
        if self._previous is not None:
            numbers = self.database.execute("SELECT number FROM passages ORDER BY number")
            self.rows.copy(self._previous, np.fromiter((number for (number,) in numbers), np.int64))

    def close(self) -> tuple[int, int]:
        """Finish the files; returns the numbers of articles and passages."""
        kept = self._drop()
        if has_pictures(self.database):
            forget_unshown(self.database)
        self._listing.close()
        self.database.commit()
        query = (
            "SELECT p.number, p.article, CAST(replace(coalesce(a.date, '0'), '-', '') AS INTEGER) "
            "FROM passages p JOIN articles a ON a.number = p.article ORDER BY p.number"
        )
        table = np.fromiter(self.database.execute(query), TABLE_TYPE)
        np.save(self.folder / TABLE, table)
        articles = self.database.execute("SELECT count(*) FROM articles").fetchone()[0]
        self.database.close()
        self.words.close()
        self.rows.close()
        if kept is not None:
            _keep_rows(self.folder / ROWS, self._dimension, kept)
        return articles, len(table)

    def _drop(self) -> NDArray[np.bool_] | None:
        """Delete dropped articles; returns for each vector row whether it stays, or None if all do."""
        if not self._dropped:
            return None
        query = "SELECT number FROM passages ORDER BY number"
        before = np.fromiter((number for (number,) in self.database.execute(query)), np.int64)
        gone = [passage for article in self._dropped for passage in self.delete("number = ?", article)]
        return np.isin(before, gone, invert=True)


def _keep_rows(path: Path, dimension: int, kept: NDArray[np.bool_]) -> None:
    """Keep only some rows of a file of vectors."""
    if not kept.any():
        path.write_bytes(b"")
        return
    rows = np.memmap(path, "<f2", "r", shape=(len(kept), dimension))
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for start in range(0, len(kept), _CHUNK):
            file.write(rows[start : start + _CHUNK][kept[start : start + _CHUNK]].tobytes())
    del rows
    partial.replace(path)
