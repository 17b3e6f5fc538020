"""Vectors that need not be computed again: from the published snapshot, and from an interrupted build."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .dense import RowReader
from .local import DATABASE

log = logging.getLogger(__name__)

_CACHE_KIB = 8 << 10


def text_hash(text: str) -> bytes:
    """The hash under which a text's vector is stored."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def short_keys(keys: Iterable[bytes]) -> NDArray[np.uint64]:
    """The first eight bytes of hashes: enough to skip known texts."""
    return np.fromiter((int.from_bytes(key[:8], "big") for key in keys), np.uint64)


class Journal:
    """Work done for a state that is not published yet, so that an interrupted build can continue.

    It contains vectors of passages, and issues read by other machines; issues read locally are quick to read again.
    """

    def __init__(self, path: Path, embedder: str) -> None:
        try:
            self._database = sqlite3.connect(path)
            self._database.execute("PRAGMA quick_check")
        except sqlite3.DatabaseError:
            log.warning("未完成的向量 %s 已损坏，重新计算 (damaged journal, starting over)", path)
            path.unlink()
            self._database = sqlite3.connect(path)
        self._database.executescript(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB, vector BLOB); "
            "CREATE INDEX IF NOT EXISTS vectors_key ON vectors (key);"
            "CREATE TABLE IF NOT EXISTS issues (key BLOB PRIMARY KEY, issue BLOB);"
        )
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._embedder = embedder.encode()

    def get(self, key: bytes) -> NDArray[np.float32] | None:
        """The vector of a text by the text's hash, or None."""
        row = self._database.execute("SELECT vector FROM vectors WHERE key = ?", (self._embedder + key,)).fetchone()
        return np.frombuffer(row[0], "<f2").astype(np.float32) if row else None

    def put(self, vectors: Iterable[tuple[bytes, NDArray[np.float32]]]) -> None:
        """Store vectors by the hash of their text, durably."""
        rows = [(self._embedder + key, vector.astype("<f2").tobytes()) for key, vector in vectors]
        self._database.executemany("INSERT INTO vectors VALUES (?, ?)", rows)
        self._database.commit()

    def keys(self) -> Iterable[bytes]:
        """The hashes of the texts with stored vectors."""
        own = (len(self._embedder) + 1, len(self._embedder), self._embedder)
        return (
            key
            for (key,) in self._database.execute("SELECT substr(key, ?) FROM vectors WHERE substr(key, 1, ?) = ?", own)
        )

    def issue_keys(self) -> set[bytes]:
        """The keys of the stored issues."""
        return {key for (key,) in self._database.execute("SELECT key FROM issues")}

    def issue(self, key: bytes) -> bytes | None:
        """A stored issue, exactly as it was stored."""
        row = self._database.execute("SELECT issue FROM issues WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def put_issue(self, key: bytes, issue: bytes) -> None:
        """Store an issue durably; its vectors must be stored first."""
        self._database.execute("INSERT OR REPLACE INTO issues VALUES (?, ?)", (key, issue))
        self._database.commit()

    def close(self) -> None:
        """Close the file."""
        self._database.close()


class KnownVectors:
    """Vectors by the hash of the embedded text: from the previous snapshot, else from the journal."""

    def __init__(self, previous: Path | None, journal: Journal, dimension: int) -> None:
        self._journal = journal
        self._database = sqlite3.connect(previous / DATABASE) if previous else None
        self._previous = previous
        self._dimension = dimension

    @cached_property
    def _rows(self) -> RowReader:
        """The snapshot's vectors, opened when first needed: most builds have only new texts."""
        assert self._previous is not None
        return RowReader(self._previous, self._dimension)

    def get(self, key: bytes) -> NDArray[np.float32] | None:
        """The vector of a text by the text's hash, or None."""
        if self._database is not None:
            row = self._database.execute("SELECT number FROM passages WHERE embedded = ?", (key,)).fetchone()
            if row is not None:
                held: NDArray[np.float32] = self._rows.rows(self._rows.places(np.array(row)))[0].astype(np.float32)
                return held
        return self._journal.get(key)

    def short_keys(self) -> NDArray[np.uint64]:
        """``short_keys`` of all texts with a vector, sorted."""
        found = [short_keys(self._journal.keys())]
        if self._database is not None:
            found.append(short_keys(key for (key,) in self._database.execute("SELECT embedded FROM passages")))
        return np.unique(np.concatenate(found))

    def close(self) -> None:
        """Close the snapshot; the journal is closed by its owner."""
        if self._database is not None:
            self._database.close()
