"""What commands have in common: results on standard output, warnings on standard error."""

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
    """A message in one line that a terminal shows and does not obey, whatever a file is called; errors as usual."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The message."""
        return harmless(without_logins(record.message))


def print_json(value: JsonObject) -> None:
    """One JSON object in a line on standard output."""
    print(json.dumps(value, ensure_ascii=False))


def say(text: str) -> None:
    """Text on standard output, with what a terminal would obey made visible."""
    print(visible(text))


def warn(notes: Iterable[str]) -> None:
    """Notes on standard error, a line each."""
    for note in notes:
        log.warning("%s", note)


def place(article: Article) -> str:
    """Where an article was printed, in a line: title, newspaper, date, page, id."""
    parts = [article.paper, article.date, f"第{article.page}版" if article.page else ""]
    where = " ".join(part for part in parts if part)
    return harmless(f"《{article.title}》{where} ({article.id})")


def print_answer(answer: Answer) -> None:
    """An answer, what readers should know of it, and what it quotes."""
    say(answer.text)
    if answer.note:
        say(f"注意：{answer.note}")
    for citation in answer.citations:
        say(f"[{citation.number}] {place(citation.passage.article)}\n    “{citation.quote}”")
