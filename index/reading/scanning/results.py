"""Recognition results, stored by the picture's hash: recognition is slow, and interrupted builds continue here."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..layout.scans import RecognisedLine
from .recogniser import VERSION, Recognition

log = logging.getLogger(__name__)

_TABLE = "CREATE TABLE IF NOT EXISTS recognised (picture BLOB PRIMARY KEY, file TEXT NOT NULL, found BLOB NOT NULL)"


class Results:
    """Recognition results in a file at ``path``; with None, nothing is stored."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def get(self, picture: NDArray[np.uint8]) -> Recognition | None:
        """The stored result for a picture; None if it was never recognised."""
        if self._path is None or not self._path.exists():
            return None
        try:
            with closing(self._opened(self._path)) as database:
                row = database.execute("SELECT found FROM recognised WHERE picture = ?", (_key(picture),)).fetchone()
                return _unpacked(row[0]) if row else None
        except (sqlite3.DatabaseError, zlib.error, ValueError):
            log.warning("识别结果 %s 已损坏，重新识别 (damaged, recognising again)", self._path)
            self._path.unlink(missing_ok=True)
            return None

    def put(self, picture: NDArray[np.uint8], file: str, found: Recognition) -> None:
        """Store the result for a picture; ``file`` is the SHA-256 of its file."""
        if self._path is None:
            return
        with closing(self._opened(self._path)) as database, database:
            database.execute(
                "INSERT OR REPLACE INTO recognised VALUES (?, ?, ?)", (_key(picture), file, _packed(found))
            )

    def keep(self, files: Iterable[str]) -> None:
        """Delete the results for pictures of files other than these, given by SHA-256."""
        if self._path is None or not self._path.exists():
            return
        with closing(self._opened(self._path)) as database, database:
            held = {file for (file,) in database.execute("SELECT DISTINCT file FROM recognised")}
            gone = [(file,) for file in held - set(files)]
            database.executemany("DELETE FROM recognised WHERE file = ?", gone)

    def _opened(self, path: Path) -> sqlite3.Connection:
        database = sqlite3.connect(path)
        database.execute(_TABLE)
        return database


def _key(picture: NDArray[np.uint8]) -> bytes:
    digest = hashlib.sha256(f"{VERSION} {picture.shape}".encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.digest()


def _packed(found: Recognition) -> bytes:
    return zlib.compress(json.dumps([found.lines, found.rules], ensure_ascii=False).encode())


def _unpacked(packed: bytes) -> Recognition:
    lines, rules = json.loads(zlib.decompress(packed))
    return Recognition([RecognisedLine(corners, text, how, tuple(sure)) for corners, text, how, sure in lines], rules)
