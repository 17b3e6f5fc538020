"""What the spans of a question together ask for, and whether they ask about reports or about the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .counting_spans import Span

Wanted = Literal[
    "number", "list", "first", "last",
    "by_month", "by_year", "by_paper", "by_section", "by_page", "by_reporter",
    "most_person", "most_organisation", "most_place", "most_reporter",
]  # fmt: skip
_PRINTED_IN = ("paper", "section", "page", "reporter")


@dataclass
class Parts:
    """What the free words of a question are: topics with the sign before each, and conditions."""

    topics: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, object] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)  # verbs that have their topic, by where they start


def wanted_of(spans: Sequence[Span]) -> Wanted | None:
    """What the kinds of the spans together ask for."""
    kinds = {span.kind for span in spans}
    values = {kind: {span.value for span in spans if span.kind == kind} for kind in kinds}
    if "veto" in kinds:
        return None
    if "most" in kinds:
        return _most(values)
    if "kind" in kinds:
        return None
    if "by" in kinds:
        return _by(values["by"]) if not kinds & {"first", "last"} else None
    if "first" in kinds or "last" in kinds:
        return None if {"first", "last"} <= kinds else "first" if "first" in kinds else "last"
    if "when" in kinds:
        return None
    if values.get("count", set()) - {"request"}:
        return "number"
    if "which" in kinds or "list" in kinds:
        return "list"
    return "number" if "count" in kinds else None


def _by(values: set[str]) -> Wanted | None:
    axes: tuple[Wanted, ...] = ("by_month", "by_year", "by_paper", "by_section", "by_page", "by_reporter")
    found = [axis for axis in axes if axis.removeprefix("by_") in values]
    return found[0] if len(found) == 1 else None


def _most(values: dict[str, set[str]]) -> Wanted | None:
    """Which value most reports have."""
    axes = values.get("by", set()) | (values.get("when", set()) - {""})
    named = values.get("kind", set()) - {"who"}
    if "reporter" in axes or (not axes and named == {"reporter"}):
        return "most_reporter"
    if axes:
        return _by(axes) if not named else None
    if not named and "who" in values.get("kind", set()):
        written = bool({"write"} & values.keys()) and not {"mention", "passive", "appear"} & values.keys()
        return "most_reporter" if written else "most_person"
    mosts: dict[str, Wanted] = {"person": "most_person", "organisation": "most_organisation", "place": "most_place"}
    return mosts.get(named.pop()) if len(named) == 1 else None


def speaks_of_reports(text: str, spans: Sequence[Span], wanted: Wanted, parts: Parts) -> bool:
    """Whether the question asks about reports, not about the world; every verb must have its topic."""
    kinds = {span.kind for span in spans}
    texts = any(span.kind == "count" and span.value == "text" for span in spans)
    named = any(span.kind == "which" and text[span.start : span.end][-1] in "篇则" for span in spans)
    asked = "report" in kinds or texts or named
    most = wanted.startswith("most_")
    for span in spans:
        if span.kind in ("mention", "passive", "field") and span.start not in parts.used and not most:
            return False
        if span.kind == "which" and span.value == "what" and not parts.topics:
            return False
    printed = asked or "self" in kinds or any(s.kind == "by" and s.value in _PRINTED_IN for s in spans)
    printed = printed or bool(parts.fields.keys() & {"报名", "版名", "版"})
    printed = printed or any(span.kind == "passive" and span.value for span in spans)
    if "appear" in kinds and not printed:
        return False
    if wanted in ("most_person", "most_organisation", "most_place"):
        return bool(kinds & {"mention", "passive", "appear"})
    if wanted == "most_reporter":
        return asked or bool(kinds & {"write", "press"})
    if wanted == "list":
        return (asked or (bool(parts.topics) and "matter" in kinds)) and bool(
            parts.topics or parts.fields or any(s.dates for s in spans)
        )
    if not parts.topics and not parts.fields:
        return asked
    if not parts.topics:
        return asked or "write" in kinds or ("press" in kinds and "作者" in parts.fields)
    if wanted in ("first", "last"):
        return bool(kinds & {"mention", "passive", "write"}) or printed
    reporting = any(span.kind == "mention" and span.value == "report" for span in spans)
    return (
        printed
        or reporting
        or {"most", "mention"} <= kinds
        or "passive" in kinds
        or "press" in kinds
        or ("matter" in kinds and "mention" in kinds)
    )
