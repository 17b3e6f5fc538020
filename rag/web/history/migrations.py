"""The history's file: opening it, migrating it from any earlier version, and copying it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from index.errors import BaowenError
from index.packing import copied

# Migrations from one version (PRAGMA user_version) to the next. The first files had none, which is version 0.
_MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS turns (
    id TEXT PRIMARY KEY, conversation TEXT NOT NULL, person TEXT NOT NULL, asked TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, liked INTEGER, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS turns_person ON turns (person, asked);
CREATE INDEX IF NOT EXISTS turns_conversation ON turns (conversation, asked);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
""",
    """
ALTER TABLE turns ADD COLUMN archive TEXT NOT NULL DEFAULT '';
ALTER TABLE turns ADD COLUMN snapshot TEXT NOT NULL DEFAULT '';
""",
    """
CREATE TABLE IF NOT EXISTS names (
    conversation TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (conversation, person)
);
""",
    "CREATE TABLE IF NOT EXISTS ended (login TEXT PRIMARY KEY, at INTEGER NOT NULL);",
    """
CREATE TABLE IF NOT EXISTS asked (
    archive TEXT NOT NULL, at TEXT NOT NULL, person TEXT NOT NULL, outcome TEXT NOT NULL, ms REAL, waited REAL
);
CREATE INDEX IF NOT EXISTS asked_archive ON asked (archive, at);
INSERT INTO asked SELECT archive, asked, person,
    coalesce(json_extract(answer, '$.kind'), iif(json_extract(answer, '$.refused'), 'refused', 'answered')),
    json_extract(answer, '$.timings.total_ms'), NULL
FROM turns;
""",
)


def open_history(path: str) -> sqlite3.Connection:
    """Open the file, creating or migrating it if needed.

    Raises:
        BaowenError: the file was written by a later version.
        sqlite3.Error: the file cannot be opened or is damaged.
    """
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA secure_delete = ON")  # overwrites deleted data
        _migrate(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _migrate(database: sqlite3.Connection, path: str) -> None:
    """Migrate the file in one transaction, so that an interruption leaves it unchanged."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_MIGRATIONS):
        raise BaowenError(
            f"历史 {path} 是更新的版本写的 (written by a later version): {version}，本版本读到 {len(_MIGRATIONS)}"
        )
    if version < len(_MIGRATIONS):
        steps = "".join(_MIGRATIONS[version:])
        try:
            database.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {len(_MIGRATIONS)}; COMMIT;")
        except sqlite3.Error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            if database.execute("PRAGMA user_version").fetchone()[0] != len(
                _MIGRATIONS
            ):  # no other process migrated it meanwhile
                raise


def copy_history(path: Path, target: Path) -> None:
    """Copy the conversations and ratings without the secrets; the server may be running.

    Raises:
        BaowenError: there is no history, or it cannot be read.
    """
    if not path.is_file():
        raise BaowenError(f"没有历史文件 {path} (no history); 请查配置 history")
    try:
        with copied(path, target) as history:
            history.execute("PRAGMA secure_delete = ON")
            history.execute("DELETE FROM secrets")
            history.execute("VACUUM")
    except (OSError, sqlite3.Error) as error:
        raise BaowenError(f"无法读取历史 {path} (cannot read the history): {error}") from error
