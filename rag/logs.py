"""Log messages as JSON for log collectors: one {"time", "level", "logger", "message"} per line."""

from __future__ import annotations

import datetime
import json
import logging

from index.secret import without_logins


class AsJson(logging.Formatter):
    """Formats a message as one JSON line, with an exception's traceback in ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
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
