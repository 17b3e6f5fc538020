"""Where the files of an update are read and their passages embedded: in this process, or by another reader."""

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

    ``journal``: where it may put vectors of passages; ``known``: those that need not be computed; ``recognised``: the
    file where results of recognition are kept; ``later``: pages that need recognition are left out.
    """

    stamp: Stamp
    journal: Journal
    known: KnownVectors
    recognised: Path
    later: bool = False


class Reader(Protocol):
    """Reads the files of issues."""

    def __call__(self, sources: Sequence[Source], job: Job) -> Generator[Issue, None, None]:
        """The issues in the order of ``sources``; passages whose vectors it leaves out are embedded by the build."""
        ...


def read_here(sources: Sequence[Source], job: Job) -> Generator[Issue, None, None]:
    """Read them on this machine, one after the other."""
    for source in sources:
        files = [(file.path, file.source) for file in source.files]
        yield read_issue(files, recognised=job.recognised, later=job.later)


def passages_of(article: Article, stamp: Stamp) -> list[tuple[Span, str]]:
    """An article's passages, each with the text that is embedded for it; an article without a body has an empty one."""
    spans = cut_passages(article.body, stamp.passage_length, stamp.longest_sentence) or [Span(0, 0)]
    return [(span, embedded_text(article, span)) for span in spans]
