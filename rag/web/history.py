"""What was asked and answered, by whom, and what they thought of it: kept in one SQLite file."""

from __future__ import annotations

import datetime
import json
import secrets
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from index.errors import BaowenError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    id TEXT PRIMARY KEY, conversation TEXT NOT NULL, person TEXT NOT NULL, asked TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, liked INTEGER, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS turns_person ON turns (person, asked);
CREATE INDEX IF NOT EXISTS turns_conversation ON turns (conversation, asked);
CREATE TABLE IF NOT EXISTS names (
    conversation TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (conversation, person)
);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_COLUMNS = "id, conversation, person, asked, question, answer, liked, reason"


_CONVERSATIONS = """
SELECT conversation,
    coalesce((SELECT name FROM names WHERE conversation = held.conversation AND person = held.person),
        (SELECT question FROM turns WHERE conversation = held.conversation AND person = held.person
            ORDER BY asked LIMIT 1)) AS title,
    max(asked)
FROM turns AS held WHERE person = ? GROUP BY conversation
HAVING ? = '' OR max(instr(question, ?)) > 0 OR max(instr(json_extract(answer, '$.answer'), ?)) > 0
    OR instr(title, ?) > 0
ORDER BY max(asked) DESC LIMIT ?
"""


class Conversation(NamedTuple):
    """A conversation: its name, or its first question, and when somebody last asked in it (ISO, UTC)."""

    id: str
    title: str
    asked: str


@dataclass(frozen=True)
class Turn:
    """A question and its answer (``Answer.as_dict``); ``liked`` is None where nobody has said."""

    id: str
    conversation: str
    person: str
    asked: str
    question: str
    answer: dict[str, Any]
    liked: bool | None = None
    reason: str = ""


class History:
    """Reads and writes the file; safe to use from several threads.

    Raises:
        BaowenError: it cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)  # what people asked, and the secret of their cookies, are for the server alone
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise BaowenError(f"无法写入历史 {path} (cannot write the history): {error}；可改配置 history") from error

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def add(self, person: str, conversation: str, question: str, answer: dict[str, Any]) -> Turn:
        """Keep an answer; it can be shared by its id, which cannot be guessed."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        turn = Turn(secrets.token_urlsafe(12), conversation, person, now, question, answer)
        values = (turn.id, conversation, person, now, question, json.dumps(answer, ensure_ascii=False))
        self._rows(
            "INSERT INTO turns (id, conversation, person, asked, question, answer) VALUES (?,?,?,?,?,?)", *values
        )
        return turn

    def turn(self, identity: str) -> Turn | None:
        """A turn by its id."""
        found = self._turns("id = ?", identity)
        return found[0] if found else None

    def turns(self, person: str, conversation: str) -> list[Turn]:
        """The turns of one of a person's conversations, oldest first."""
        return self._turns("person = ? AND conversation = ?", person, conversation)

    def _turns(self, condition: str, *values: Any) -> list[Turn]:
        rows = self._rows(f"SELECT {_COLUMNS} FROM turns WHERE {condition} ORDER BY asked", *values)
        return [_turn(*row) for row in rows]

    def conversations(self, person: str, limit: int = 50, *, containing: str = "") -> list[Conversation]:
        """A person's conversations, latest first; ``containing``: words of a question, an answer or the name."""
        rows = self._rows(_CONVERSATIONS, person, *[containing] * 4, limit)
        return [Conversation(*row) for row in rows]

    def rename(self, person: str, conversation: str, name: str) -> None:
        """Name a conversation; an empty name gives it back its first question."""
        self._rows("DELETE FROM names WHERE conversation = ? AND person = ?", conversation, person)
        if name:
            self._rows("INSERT INTO names VALUES (?, ?, ?)", conversation, person, name)

    def forget_conversation(self, person: str, conversation: str) -> None:
        """Delete one of a person's conversations."""
        for table in ("turns", "names"):
            self._rows(f"DELETE FROM {table} WHERE conversation = ? AND person = ?", conversation, person)

    def forget_from(self, person: str, turn: Turn) -> None:
        """Drop a turn and those after it in its conversation, because it is asked again."""
        self._rows(
            "DELETE FROM turns WHERE person = ? AND conversation = ? AND asked >= ?",
            person,
            turn.conversation,
            turn.asked,
        )

    def forget(self, person: str) -> int:
        """Erase everything a person asked, was answered and thought of it, from the file too; how many answers.

        Raises:
            BaowenError: the file is in use, and traces of what was erased may be left in it.
        """
        try:
            gone = len(self._rows("DELETE FROM turns WHERE person = ? RETURNING id", person))
            self._rows("DELETE FROM names WHERE person = ?", person)
            self._rows("VACUUM")
            in_use = bool(self._rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0])
        except sqlite3.Error as error:
            raise BaowenError(f"抹不干净 (cannot erase): {error}；请稍后再运行一次") from error
        if in_use:
            raise BaowenError(f"删了 {gone} 条，但历史正在使用，文件里可能还有残留 (in use)；请稍后再运行一次")
        return gone

    def rate(self, person: str, identity: str, liked: bool, reason: str = "") -> None:
        """What somebody thinks of one of their answers."""
        self._rows(
            "UPDATE turns SET liked = ?, reason = ? WHERE id = ? AND person = ?", liked, reason, identity, person
        )

    def rated(self) -> list[Turn]:
        """The turns that somebody has thought something of."""
        return self._turns("liked IS NOT NULL")

    def secret(self, name: str) -> str:
        """A random secret that stays the same; it signs the cookies that tell people apart."""
        self._rows("INSERT OR IGNORE INTO secrets VALUES (?, ?)", name, secrets.token_urlsafe(32))
        return str(self._rows("SELECT value FROM secrets WHERE name = ?", name)[0][0])

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _turn(identity: str, conversation: str, person: str, asked: str, question: str, *rest: Any) -> Turn:
    answer, liked, reason = rest
    thought = None if liked is None else bool(liked)
    return Turn(identity, conversation, person, asked, question, json.loads(answer), thought, reason)


def as_question(turn: Turn) -> dict[str, Any]:
    """A rated turn as a line for ``baowen eval``: a liked answer's articles are those the question should find."""
    cited = [citation["passage"]["article"]["id"] for citation in turn.answer["citations"]]
    articles = {"article_ids": list(dict.fromkeys(cited))} if turn.liked and cited else {}
    told = {"liked": turn.liked, "reason": turn.reason, "told": turn.answer["answer"], "asked": turn.asked}
    return {"question": turn.question, **articles, **told}
