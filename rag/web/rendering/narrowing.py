"""The filters of an answer: the reader's own, and those read from the question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from index.types import JsonObject
from rag.query.validation import Conditions

KINDS = ("paper", "section", "page", "reporter")


class NarrowingArguments(Conditions):
    """The filters as arguments of ``Archive.stream``; dates in ISO format."""

    since: str | None
    until: str | None


@dataclass(frozen=True)
class Narrowed:
    """The reader's own filters, in the order of the page's fields."""

    since: str | None = None
    until: str | None = None
    paper: str | None = None
    section: str | None = None
    page: str | None = None
    reporter: str | None = None

    def __bool__(self) -> bool:
        return any(self)

    def __iter__(self) -> Iterator[str | None]:
        return iter(astuple(self))

    def as_arguments(self) -> NarrowingArguments:
        """Return the filters as arguments of ``Archive.stream``."""
        since, until = ((value or "")[:10] or None for value in (self.since, self.until))
        page = int(self.page) if self.page else None
        return {
            "since": since,
            "until": until,
            "paper": self.paper or None,
            "section": self.section or None,
            "page": page,
            "reporter": self.reporter or None,
        }

    def without(self, dropped: str, read: JsonObject | None = None) -> Narrowed:
        """Return these filters and those read from the question, without some of them.

        Args:
            dropped: ``dates``, the name of a filter, or ``all``.
            read: the dates and page in the form of ``MetadataFilter.as_dict``; None if none were read.
        """
        if dropped == "all":
            return Narrowed()
        held = dict(vars(self))
        for name in ("since", "until", "page"):
            if read and read[name] is not None:
                held[name] = str(read[name])
        gone = ("since", "until") if dropped == "dates" else (dropped,)
        return Narrowed(**held | dict.fromkeys(gone))


NOT_NARROWED = Narrowed()
