"""Output that all commands share: results on standard output, warnings on standard error."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from index.secret import without_logins
from index.text.words import harmless, visible
from index.types import JsonObject

if TYPE_CHECKING:
    from index.article import Article
    from rag.results import Answer

log = logging.getLogger("baowen")


class OneLine(logging.Formatter):
    """Formats a message as one line without terminal control characters, even from file names; errors as usual."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the message without control characters and logins."""
        return harmless(without_logins(record.message))


def print_json(value: JsonObject) -> None:
    """Print a JSON object as one line on standard output."""
    print(json.dumps(value, ensure_ascii=False))


def say(text: str) -> None:
    """Print text on standard output, with terminal control characters made visible."""
    print(visible(text))


def warn(notes: Iterable[str]) -> None:
    """Write notes to standard error, one per line."""
    for note in notes:
        log.warning("%s", note)


def place(article: Article) -> str:
    """Return one line about where an article was printed: title, newspaper, date, page, id."""
    parts = [article.paper, article.date, f"第{article.page}版" if article.page else ""]
    where = " ".join(part for part in parts if part)
    return harmless(f"《{article.title}》{where} ({article.id})")


def print_answer(answer: Answer) -> None:
    """Print an answer, its note and its citations."""
    say(answer.text)
    if answer.note:
        say(f"注意：{answer.note}")
    for citation in answer.citations:
        say(f"[{citation.number}] {place(citation.passage.article)}\n    “{citation.quote}”")
