"""Spans of a counting question: what its words, dates, pages and quotation marks are, and what is left between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

from index.text.dates import Day
from index.text.periods import DateSpan, page_spans, period_spans
from index.text.words import cut


class Row(NamedTuple):
    """A row of ``counting_words.tsv``; its head says what the columns are."""

    kind: str
    value: str
    at: str
    words: str
    why: str
    example: str
    reading: str


def _lines(name: str) -> list[str]:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()


ROWS = tuple(Row(*line.split("\t")) for line in _lines("counting_words.tsv") if not line.startswith("#"))
# Words that add nothing at the ends of a stretch between spans, as jieba cuts them.
_EMPTY = frozenset(word for line in _lines("counting_empty.txt") for word in line.split())

QUOTED = re.compile(r"“[^“”]+”|\"[^\"]+\"|‘[^‘’]+’|「[^「」]+」|『[^『』]+』|《[^《》]+》|【[^【】]+】")
OPENING = ("mention", "field", "press", "write", "appear")  # what follows right after them is a topic
_AFTER_DATE = re.compile(r"(?:的?[那当这]一?[天日年]|[全整]年|年间|期间|之间|年度|份|里|中|间|内)*(?![医国央心])")
_FORMS = tuple((row, re.compile(row.words)) for row in ROWS)
_REPORTING = re.compile("(?:新闻)?报[道导]")
_ENDS = "是了的过吗呢都被又也还"  # jieba joins them with a name that it guesses: 彭望舒是
_ASKS = re.compile("[谁哪什]")
_SAYS = ("mention", "passive", "appear", "count", "press", "write", "report", "self", "which", "by", "when")
_FIRM = (
    "report",
    "mention",
    "passive",
    "stop",
    "free",
    "when",
    "most",
    "count",
    "which",
    "list",
)  # never part of a topic, or looked at apart


@dataclass(frozen=True)
class Span:
    """``text[start:end]`` and what it is: a kind of ``counting_words``, ``date``, ``page``, or ``free`` words.

    ``of``: 的 stands between it and what follows; ``glued``: nothing stands there.
    """

    kind: str
    start: int
    end: int
    value: str = ""
    dates: DateSpan | None = None
    of: bool = False
    glued: bool = False


def read_spans(text: str, today: Day, latest: Day) -> list[Span]:
    """The spans of a folded question in order, free words among them; function words between them are left out.

    Args:
        text: the question, folded.
        today: what 昨天 is counted from.
        latest: the newest issue; a date without a year is not after it.
    """
    words = list(_words(text, today, latest))
    while True:
        spans = _with_free(text, words)
        place = next((place for place in range(len(spans)) if _is_part(text, spans, place)), None)
        if place is None:
            return [span for span in spans if span.kind != "fill"]
        part = spans[place]
        words = [word for word in words if word.start != part.start]
        if part.kind == "report" and _REPORTING.fullmatch(text, part.start, part.end):
            verb = Span("mention", part.start, part.end, "report")
            words = sorted([*words, verb], key=lambda word: word.start)


def stripped(text: str, start: int, end: int) -> tuple[int, int] | None:
    """``start`` and ``end`` without the function words there; None where nothing else is left."""
    pieces = pieces_of(text[start:end])
    while pieces and _adds_nothing(pieces[0]):
        start += len(pieces.pop(0))
    while pieces and _adds_nothing(pieces[-1]):
        end -= len(pieces.pop())
    if pieces and len(parts := cut(pieces[-1], guess=False)) > 1 and parts[-1] in _ENDS:
        end -= len(parts[-1])
    return (start, end) if pieces else None


def _adds_nothing(word: str) -> bool:
    return word in _EMPTY or (len(word) == 2 and all(character in _EMPTY for character in word))  # 共有, 是在


def pieces_of(text: str) -> list[str]:
    """The words of a text; what stands in quotation marks is one."""
    ends = [0, *(place for match in QUOTED.finditer(text) for place in match.span()), len(text)]
    found: list[str] = []
    for place, (start, end) in enumerate(pairwise(ends)):
        found += [text[start:end]] if place % 2 else cut(text[start:end])
    return found


def _words(text: str, today: Day, latest: Day) -> Iterator[Span]:
    """Everything but free words."""
    fixed = {
        start: Span("page", start, end + (text[end : end + 1] in tuple("上里中")), str(page))
        for start, end, page in page_spans(text)
    }
    for dates in period_spans(text, today, latest):
        after = _AFTER_DATE.match(text, dates.end)
        fixed[dates.start] = Span("date", dates.start, after.end() if after else dates.end, dates=dates)
    quoted = {match.start(): match.end() for match in QUOTED.finditer(text)}
    place, edges = 0, _edges(text, 0)
    while place < len(text):
        if place in quoted:
            place = quoted[place]
        elif span := fixed.get(place) or _word(text, place, edges):
            yield span
            place = span.end
            edges = _edges(text, place)
        else:
            place += 1


def _edges(text: str, start: int) -> set[int]:
    """Where the words from ``start`` on begin and end."""
    edges = {start}
    for word in cut(text[start:], guess=False):
        edges.add(start := start + len(word))
    return edges


def _word(text: str, place: int, edges: set[int]) -> Span | None:
    """The longest words of the table that begin at a place."""
    longest: Span | None = None
    for row, form in _FORMS:
        match = form.match(text, place) if not row.at or place in edges else None
        if match and row.at == "alone" and match.end() not in edges:
            continue
        if match and match.end() > (longest.end if longest else place):
            longest = Span(row.kind, place, match.end(), row.value)
    return longest


def _with_free(text: str, words: Sequence[Span]) -> list[Span]:
    """The words with the free words between them."""
    spans: list[Span] = []
    start = 0
    for word in [*words, Span("", len(text), len(text))]:
        inside = stripped(text, start, word.start)
        until = inside[0] if inside else word.start
        if spans:
            spans[-1] = replace(spans[-1], of="的" in text[start:until], glued=start == until and start < len(text))
        if inside:
            spans.append(Span("free", *inside, of="的" in text[inside[1] : word.start], glued=inside[1] == word.start))
        if word.kind:
            spans.append(word)
        start = word.end
    return spans


def _is_part(text: str, spans: Sequence[Span], place: int) -> bool:
    """Whether a word is part of a name or a topic: 首次 in 关于首次公开募股的报道, 消息 in 消息树."""
    span = spans[place]
    after = spans[place + 1] if place + 1 < len(spans) else None
    goes_on = span.glued and after is not None and after.kind == "free"
    if span.kind == "report":
        followed = span.of and after is not None and after.kind in ("report", "matter")
        return goes_on or (followed and _in_topic(spans, place))
    if span.kind == "kind":
        return not _ASKS.search(text, span.start, span.end) and not _of_most(spans, place)
    return span.kind not in _FIRM and goes_on and _in_topic(spans, place)


def _in_topic(spans: Sequence[Span], place: int) -> bool:
    """Whether a span stands right after a verb that opens a topic, or after its first words."""
    before = list(spans[max(0, place - 2) : place])
    if before and before[-1].kind == "free" and not before[-1].of:
        before.pop()
    return bool(before) and before[-1].kind in OPENING and not before[-1].of


def _of_most(spans: Sequence[Span], place: int) -> bool:
    """Whether 最多 belongs to a word such as 单位: 见报最多的单位, 单位见报最多; not 港口公司 before 提到最多的人物."""
    if place and spans[place - 1].kind == "free" and spans[place - 1].glued:
        return False
    for direction in (spans[place + 1 :], spans[:place][::-1]):
        said = next((span for span in direction if span.kind not in _SAYS), None)
        if said and said.kind == "most":
            return True
    return False
