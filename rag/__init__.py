"""Ask a newspaper archive: ``from rag import ask, retrieve, check, Archive``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Unpack

import index.privacy  # noqa: F401  (first: it sets variables that dependencies read)
from index.storage.store import Filter

from .archive import Archive
from .options import AskOptions, SearchOptions
from .results import Answer, Passage, Verdict

__all__ = ["Answer", "Archive", "Filter", "Passage", "Verdict", "ask", "check", "retrieve"]


def retrieve(
    question: str,
    k: int = 5,
    archive: str | Path = "data/archive",
    since: str | None = None,
    until: str | None = None,
    **options: Unpack[SearchOptions],
) -> list[Passage]:
    """The best ``k`` passages of ``archive`` for ``question``; see ``Archive.search`` for the options."""
    return _opened(str(Path(archive).resolve())).retrieve(question, k, since, until, **options)


def ask(
    question: str,
    archive: str | Path = "data/archive",
    history: Sequence[tuple[str, str]] = (),
    since: str | None = None,
    until: str | None = None,
    **options: Unpack[AskOptions],
) -> Answer:
    """Answer ``question`` from ``archive`` and check the answer; see ``Archive.ask``."""
    return _opened(str(Path(archive).resolve())).ask(question, history, since, until, **options)


def check(text: str, archive: str | Path = "data/archive", articles: Sequence[str] | None = None) -> list[Verdict]:
    """Check whether the newspaper supports each sentence of ``text``; see ``Archive.check``."""
    return _opened(str(Path(archive).resolve())).check(text, articles)


@lru_cache(maxsize=1)
def _opened(path: str) -> Archive:
    return Archive.open(path)
