"""What an answer is narrowed down to: the reader's own filters, and what was read from the question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

KINDS = ("paper", "section", "page", "reporter")


@dataclass(frozen=True)
class Narrowed:
    """Where the reader wants to search; in the order of the page's filters."""

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

    def as_arguments(self) -> dict[str, Any]:
        """As ``Archive.stream`` takes them."""
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

    def without(self, dropped: str, read: Mapping[str, Any] | None = None) -> Narrowed:
        """These and what was read from the question, less what is dropped.

        Args:
            dropped: ``dates``, the name of a filter, or ``all``.
            read: dates and page as ``MetadataFilter.as_dict`` has them; None where none were read.
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
