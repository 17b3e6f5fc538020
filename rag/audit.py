"""The audit log: who did what, when and from where, as append-only JSON lines with one file per day.

A line is {"time", "action", "who", "from", …}. ``who`` is a login's name, ``browser:…`` for a person without one,
or ``os:NAME`` for a command. docs/server.md lists the actions.
"""

from __future__ import annotations

import datetime
import getpass
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from index.config import AuditSettings
from index.types import JsonObject

log = logging.getLogger(__name__)


class Audit:
    """Writes the log in ``settings.folder``; writes nothing if that is None."""

    def __init__(self, settings: AuditSettings) -> None:
        self._settings = settings
        self._thinned = ""

    def __bool__(self) -> bool:
        return self._settings.folder is not None

    def note(self, action: str, who: str, where: str, *, question: str = "", **details: object) -> None:
        """Add a line; ``question`` is included only if so configured. Write errors are logged, not raised."""
        folder = self._settings.folder
        if folder is None:
            return
        now = datetime.datetime.now(datetime.UTC)
        entry = {"time": now.isoformat(timespec="milliseconds"), "action": action, "who": who, "from": where, **details}
        if question and self._settings.questions:
            entry["question"] = question
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = os.open(folder / f"{now:%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, line.encode())  # in one call, so that processes do not mix their lines
            finally:
                os.close(file)
            self._thin(f"{now:%Y-%m-%d}")
        except OSError as error:
            log.error("审计日志写不进 %s (cannot write the audit log): %s", folder, error.strerror or error)

    def command(self, action: str, *, question: str = "", **details: object) -> None:
        """Add a line about a command and the user who runs it."""
        if self:
            self.note(action, f"os:{system_user()}", "command", question=question, **details)

    def _thin(self, today: str) -> None:
        """Once a day, delete files that are older than the settings allow."""
        if self._thinned == today:
            return
        self._thinned = today
        oldest = datetime.date.fromisoformat(today) - datetime.timedelta(days=self._settings.days)
        for file in _files(self._settings):
            if file.stem < oldest.isoformat():
                file.unlink(missing_ok=True)

    def entries(self, since: str = "", until: str = "9") -> Iterator[JsonObject]:
        """Yield the lines of the days from ``since`` to ``until``, both included, oldest first."""
        for file in _files(self._settings):
            if since <= file.stem <= until:
                with file.open(encoding="utf-8", errors="replace") as lines:
                    yield from filter(None, map(_entry, lines))


def _files(settings: AuditSettings) -> list[Path]:
    return sorted(settings.folder.glob("[0-9]*-[0-9]*-[0-9]*.jsonl")) if settings.folder else []


def _entry(line: str) -> JsonObject | None:
    """The parsed line; None if it is incomplete, for example after a full disk."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def system_user() -> str:
    """Return the system's name of the user who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
