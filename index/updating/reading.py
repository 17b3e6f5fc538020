"""Read the files of an update and embed their passages, in this process or with another reader."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.article import Article, Span
from index.isolation import read_issue
from index.reading import Issue
from index.sources import Source
from index.storage.reuse import Journal, KnownVectors
from index.storage.store import Stamp, embedded_text
from index.text.passages import cut_passages


@dataclass(frozen=True)
class Job:
    """What a reader needs to know about an update.

    ``journal``: where it may store vectors of passages; ``known``: vectors that need not be computed; ``recognised``:
    the file of recognition results; ``later``: skip pages that need recognition.
    """

    stamp: Stamp
    journal: Journal
    known: KnownVectors
    recognised: Path
    later: bool = False


class Reader(Protocol):
    """Reads the files of issues."""

    def __call__(self, sources: Sequence[Source], job: Job) -> Generator[Issue, None, None]:
        """Yield the issues in the order of ``sources``; the build embeds passages without stored vectors."""
        ...


def read_here(sources: Sequence[Source], job: Job) -> Generator[Issue, None, None]:
    """Read the issues on this machine, one after another."""
    for source in sources:
        files = [(file.path, file.source) for file in source.files]
        yield read_issue(files, recognised=job.recognised, later=job.later)


def passages_of(article: Article, stamp: Stamp) -> list[tuple[Span, str]]:
    """An article's passages, each with the text to embed; an article without a body has one empty passage."""
    spans = cut_passages(article.body, stamp.passage_length, stamp.longest_sentence) or [Span(0, 0)]
    return [(span, embedded_text(article, span)) for span in spans]
