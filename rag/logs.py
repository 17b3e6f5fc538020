"""Messages as JSON, for machines that collect them: one object a line, {"time", "level", "logger", "message"}."""

from __future__ import annotations

import datetime
import json
import logging

from index.secret import without_logins


class AsJson(logging.Formatter):
    """A message as one line; an exception's traceback in ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        entry = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_logins(record.getMessage()),
        }
        if record.exc_info:
            entry["exception"] = without_logins(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)
