"""The archive's records of the files it was built from."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from index.reading import Issue
from index.sources import File, Source
from index.storage.pages import TABLES
from index.text.words import harmless

# In separate tables, so that archives of this format built without them can still be read and extended.
_TABLES = """
CREATE TABLE IF NOT EXISTS places (
    path TEXT PRIMARY KEY, location BLOB NOT NULL, added INTEGER NOT NULL, modified INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS problems (
    source TEXT NOT NULL, path TEXT NOT NULL, problem TEXT NOT NULL, lost INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS problems_source ON problems (source);
CREATE TABLE IF NOT EXISTS superseded (winner TEXT NOT NULL, loser TEXT NOT NULL, PRIMARY KEY (winner, loser))
WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS regions (article INTEGER PRIMARY KEY, packed BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that the archive was built from.

    ``source``: the key of its issue; ``location``: its folder, None if not recorded; ``added``: the number of the
    update that added these bytes; ``modified``: when they were written, in nanoseconds.
    """

    digest: str
    source: str
    location: bytes | None = None
    added: int = 0
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an issue that could not be read.

    ``path``: the file's name if nothing of it was read, else empty; ``lost``: the number of records not read.
    """

    text: str
    path: str = ""
    lost: int = 0


@dataclass
class Held:
    """The files of a published snapshot.

    ``hashes``: key of an issue → hash; ``superseded``: file → files with an article of which it contains a later text.
    """

    hashes: dict[str, str] = field(default_factory=dict)
    files: dict[str, HeldFile] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    superseded: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, database: Path | None) -> Held:
        """Read the records from a snapshot's database; empty if there is none."""
        held = cls()
        if database is None:
            return held
        with closing(sqlite3.connect(database)) as opened:
            held.hashes = dict(opened.execute("SELECT key, hash FROM sources"))
            known = bool(opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'superseded'").fetchone())
            more = (
                ("p.location, p.added, p.modified", "LEFT JOIN places p USING (path)") if known else ("NULL, 0, 0", "")
            )
            for path, *values in opened.execute(f"SELECT path, sha256, source, {more[0]} FROM files {more[1]}"):
                digest, source, location, added, modified = values
                held.files[path] = HeldFile(digest, source, location, added or 0, modified or 0)
            if known:
                for source, *problem in opened.execute("SELECT source, problem, path, lost FROM problems"):
                    held.problems.setdefault(source, []).append(Problem(*problem))
                for winner, loser in opened.execute("SELECT winner, loser FROM superseded"):
                    held.superseded.setdefault(winner, []).append(loser)
        return held

    @cached_property
    def by_source(self) -> dict[str, list[str]]:
        """Key of an issue → its files."""
        found: dict[str, list[str]] = {}
        for path, file in self.files.items():
            found.setdefault(file.source, []).append(path)
        return found

    @cached_property
    def by_digest(self) -> dict[str, str]:
        """SHA-256 → the file with these bytes that was added last."""
        ordered = sorted(self.files.items(), key=lambda item: (item[1].added, item[1].modified))
        return {file.digest: path for path, file in ordered}

    @property
    def folders(self) -> dict[str, set[bytes | None]]:
        """Folder name in the archive → locations; None stands for an unknown one."""
        found: dict[str, set[bytes | None]] = {}
        for path, file in self.files.items():
            found.setdefault(path.rpartition("/")[0], set()).add(file.location)
        return found

    @property
    def updates(self) -> int:
        """The number of the last update."""
        return max((file.added for file in self.files.values()), default=0)


def prepare(database: sqlite3.Connection) -> None:
    """Create the tables if an archive does not have them."""
    database.executescript(_TABLES + TABLES)


def record(database: sqlite3.Connection, key: str, file: File, location: bytes | None, when: HeldFile) -> None:
    """Record a file of the issue ``key``: its folder's location, and when its bytes were added and written."""
    database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (file.source, file.digest.hex(), key))
    if location is not None:
        values = (file.source, location, when.added, when.modified)
        database.execute("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?)", values)


def problems_of(source: Source, issue: Issue) -> list[Problem]:
    """What could not be read in an issue; for JSONL files, also the number of lost records."""
    read = {page.source for page in issue.pages} | {article.source for article in issue.articles}
    result: list[Problem] = []
    lost: set[str] = set()
    for text in issue.failed:
        of = [file for file in source.files if text.startswith(str(file.path))]
        file = max(of, key=lambda file: len(file.name), default=None)
        records = 0
        if file is not None and file.name.lower().endswith(".jsonl") and file.source not in lost:
            lost.add(file.source)
            records = max(_records(file) - sum(article.source == file.source for article in issue.articles), 0)
        note = f"；丢了 {records} 条 (records lost)" if records else ""
        path = file.source if file is not None and file.source not in read else ""
        result.append(Problem(harmless(text) + note, path, records))
    return result


def _records(file: File) -> int:
    """The number of records in a JSONL file, readable or not; 0 for other files."""
    try:
        lines = [line.strip() for line in file.path.read_bytes().splitlines()]
    except OSError:
        return 0
    return sum(map(bool, lines)) if any(line.startswith(b"{") for line in lines) else 0


def record_problems(database: sqlite3.Connection, key: str, problems: Sequence[Problem]) -> None:
    """Replace the recorded problems of an issue."""
    database.execute("DELETE FROM problems WHERE source = ?", (key,))
    rows = [(key, problem.path, problem.text, problem.lost) for problem in problems]
    database.executemany("INSERT INTO problems VALUES (?, ?, ?, ?)", rows)


def forget(database: sqlite3.Connection, path: str) -> None:
    """Delete the records of a file; issues of which it had a later text are read again by the next build with them."""
    database.execute(
        "UPDATE sources SET hash = 'changed' WHERE key IN "
        "(SELECT f.source FROM superseded s JOIN files f ON f.path = s.loser WHERE s.winner = ?)",
        (path,),
    )
    database.execute("DELETE FROM superseded WHERE ? IN (winner, loser)", (path,))
    database.execute("DELETE FROM files WHERE path = ?", (path,))
    database.execute("DELETE FROM places WHERE path = ?", (path,))
