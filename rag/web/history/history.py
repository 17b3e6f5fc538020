"""The history of one server, in an SQLite file."""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
import threading
from pathlib import Path
from typing import Any

from index.errors import BaowenError
from index.types import JsonObject

from .conversations import OUTCOMES, Conversation, Conversations, HistoryError, Turn
from .migrations import open_history

_COLUMNS = "id, conversation, person, asked, question, answer, liked, reason, snapshot"
_CONVERSATIONS = """
SELECT conversation,
    coalesce((SELECT name FROM names WHERE conversation = held.conversation AND person = held.person),
        (SELECT question FROM turns WHERE conversation = held.conversation AND person = held.person
            ORDER BY asked LIMIT 1)) AS title,
    max(asked)
FROM turns AS held WHERE person = ? AND archive = ? GROUP BY conversation
HAVING ? = '' OR max(instr(question, ?)) > 0 OR max(instr(json_extract(answer, '$.answer'), ?)) > 0
    OR instr(title, ?) > 0
ORDER BY max(asked) DESC LIMIT ?
"""

log = logging.getLogger(__name__)


class History(Conversations):
    """The history of one server, in a file that is migrated when it is opened.

    A damaged file is left unchanged and nothing is stored; ``problem`` then says so.

    Args:
        path: the file.
        archive: the archive whose conversations these are, if a server has several.

    Raises:
        BaowenError: the file cannot be opened or written, or was written by a later version.
    """

    def __init__(self, path: Path, archive: str = "") -> None:
        super().__init__(archive)
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)  # questions and cookie secrets are for the server only
            try:
                self._database = open_history(str(path))
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                self._state.damaged = (
                    f"历史文件 {path} 已损坏，新的问答这次不保存 (the history is damaged; nothing is stored): {error}；"
                    "请停下服务，移开它或从备份恢复"
                )
                log.error("%s", self._state.damaged)
                self._database = open_history(":memory:")
        except (OSError, sqlite3.Error) as error:
            raise BaowenError(f"无法写入历史 {path} (cannot write the history): {error}；可改配置 history") from error

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            try:
                return self._database.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise HistoryError(f"历史读写失败 (cannot use the history): {error}") from error

    def _write(self, archive: str, turn: Turn) -> None:
        answer = json.dumps(turn.answer, ensure_ascii=False)
        values = (turn.id, turn.conversation, turn.person, turn.asked, turn.question, answer, archive, turn.snapshot)
        self._rows(
            "INSERT OR IGNORE INTO turns (id, conversation, person, asked, question, answer, archive, snapshot) "
            "VALUES (?,?,?,?,?,?,?,?)",
            *values,
        )

    def _read(self, **equal: str) -> list[Turn]:
        condition = " AND ".join(f"{name} = ?" for name in (*equal, "archive"))
        values = (*equal.values(), self._archive)
        rows = self._rows(f"SELECT {_COLUMNS} FROM turns WHERE {condition} ORDER BY asked", *values)
        return [_turn(*row) for row in rows]

    def person_of(self, identity: str) -> str | None:
        """Return the person who asked the turn with this id, in any archive."""
        found = self._rows("SELECT person FROM turns WHERE id = ?", identity)
        return str(found[0][0]) if found else None

    def conversations(self, person: str, limit: int = 50, *, containing: str = "") -> list[Conversation]:
        """Return a person's conversations, latest first; ``containing``: text in a question, an answer or the name."""
        try:
            rows = self._rows(_CONVERSATIONS, person, self._archive, *[containing] * 4, limit)
        except HistoryError as error:
            log.error("%s", error)
            return []
        return [Conversation(*row) for row in rows]

    def rename(self, person: str, conversation: str, name: str) -> None:
        """Name a conversation; with an empty name, its first question is the title again."""
        self._rows("DELETE FROM names WHERE conversation = ? AND person = ?", conversation, person)
        if name:
            self._rows("INSERT INTO names VALUES (?, ?, ?)", conversation, person, name)

    def forget_conversation(self, person: str, conversation: str) -> None:
        """Delete one of a person's conversations."""
        self._drop_unsaved(lambda turn: (turn.person, turn.conversation) == (person, conversation))
        for table in ("turns", "names"):
            self._rows(f"DELETE FROM {table} WHERE conversation = ? AND person = ?", conversation, person)

    def forget_from(self, person: str, turn: Turn) -> None:
        """Delete a turn and the later ones in its conversation, because it was asked again."""
        self._drop_unsaved(
            lambda held: (held.person, held.conversation) == (person, turn.conversation) and held.asked >= turn.asked
        )
        self._rows(
            "DELETE FROM turns WHERE person = ? AND conversation = ? AND asked >= ?",
            person,
            turn.conversation,
            turn.asked,
        )

    def forget(self, person: str) -> int:
        """Erase a person's questions, answers, ratings and usage counts from the file; return the number of answers.

        Raises:
            BaowenError: they could not be erased, or the file is in use and may still contain traces.
        """
        try:
            gone = len(self._rows("DELETE FROM turns WHERE person = ? RETURNING id", person))
            for table in ("names", "asked"):
                self._rows(f"DELETE FROM {table} WHERE person = ?", person)
            self._drop_unsaved(lambda turn: turn.person == person)
            self._rows("VACUUM")
            in_use = bool(self._rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0])
        except HistoryError as error:
            raise BaowenError(f"抹不干净 (cannot erase): {error}；请稍后再运行一次") from error
        if in_use:
            raise BaowenError(f"删了 {gone} 条，但历史正在使用，文件里可能还有残留 (in use)；请稍后再运行一次")
        return gone

    def rate(self, person: str, identity: str, liked: bool, reason: str = "") -> None:
        """Store a person's rating of one of their answers."""
        self._rows(
            "UPDATE turns SET liked = ?, reason = ? WHERE id = ? AND person = ?", liked, reason, identity, person
        )

    def rated(self) -> list[Turn]:
        """Return the turns that have a rating."""
        return [
            _turn(*row) for row in self._rows(f"SELECT {_COLUMNS} FROM turns WHERE liked IS NOT NULL ORDER BY asked")
        ]

    def _count(self, at: str, person: str, outcome: str, ms: float | None, waited: float | None) -> None:
        self._rows("INSERT INTO asked VALUES (?,?,?,?,?,?)", self._archive, at, person, outcome, ms, waited)

    def usage(self, days: int) -> list[JsonObject]:
        """Return for each of the last days: questions, people, outcomes, mean time and mean wait in milliseconds."""
        outcomes = ", ".join(f"sum(outcome = '{outcome}')" for outcome in OUTCOMES)
        rows = self._rows(
            f"SELECT substr(at, 1, 10), count(*), count(DISTINCT person), {outcomes}, round(avg(ms)), "
            "round(avg(waited)) FROM asked WHERE archive = ? GROUP BY 1 ORDER BY 1 DESC LIMIT ?",
            self._archive,
            days,
        )
        names = ("day", "questions", "people", *OUTCOMES, "ms", "waited")
        return [{"archive": self._archive, **dict(zip(names, row, strict=True))} for row in rows]

    def secret(self, name: str) -> str:
        """Return a permanent random secret; it signs the cookies that identify people."""
        self._rows("INSERT OR IGNORE INTO secrets VALUES (?, ?)", name, secrets.token_urlsafe(32))
        return str(self._rows("SELECT value FROM secrets WHERE name = ?", name)[0][0])

    def end_session(self, login: str, at: int) -> None:
        """Record that a login was ended at ``at``, in seconds since the epoch."""
        self._rows("INSERT OR IGNORE INTO ended VALUES (?, ?)", login, at)

    def ended_sessions(self, since: int) -> list[str]:
        """Return the logins that were ended since then."""
        return [login for (login,) in self._rows("SELECT login FROM ended WHERE at >= ?", since)]

    def drop_ended(self, before: int) -> None:
        """Forget the logins that were ended before then."""
        self._rows("DELETE FROM ended WHERE at < ?", before)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _turn(
    identity: str,
    conversation: str,
    person: str,
    asked: str,
    question: str,
    answer: str,
    liked: int | None,
    reason: str,
    snapshot: str,
) -> Turn:
    thought = None if liked is None else bool(liked)
    return Turn(identity, conversation, person, asked, question, json.loads(answer), thought, reason, snapshot)
