"""Counting questions: what kind of answer is wanted, and of which reports.

A question is read as spans (``counting_spans``). Each stretch of free words must have a part: a topic, an author, a
newspaper or a section. Then the kinds of the spans together say what is wanted. A question with words that
have no part, or without a word that speaks of reports, asks something else.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.search.query import EVERYTHING, narrowed, quoted
from index.text.dates import Day
from index.text.folding import FoldedText
from index.text.surnames import SURNAMES

from .counting_spans import OPENING, QUOTED, Span, pieces_of, read_spans, stripped
from .counting_wanted import Parts, Wanted, speaks_of_reports, wanted_of

Known = Callable[[str, str], bool]

_LONGEST = 150  # characters of a question
_LONGEST_TOPIC = 40
_JOINS = dict.fromkeys(("和", "与", "及", "以及", "、", "跟", "还有", "并"), "AND")
_JOINS |= dict.fromkeys(("或", "或者", "或是"), "OR")
# What only says that a topic is one: 夜校这件事, “夜校”一词, 开学两个字.
_TAIL_WORDS = (
    "(?:[的这那]|一(?=[词事]))(?:一|个|件|位|种|些|几)*(?:事情|事儿|事|情况|话题|主题|词语|词儿|词|字样|字眼|字|名字)"
    "|[这那](?:一|个|位|种|些)*(?:方面|人|地方|类)|[两二三四五六几]个字|字样|字眼"
)
_BETWEEN = ("count", "first", "last", "when", "date", "by", "self", "report", "page", "stop", "most", "which")
_PAPER = re.compile(
    "《(?P<quoted>[^》]*报)》"
    r"|(?P<paper>[^\W\d_的在]{1,6}(?:[日晚早晨时周商导快学军]|青年|劳动|工人|都市|经济|人民|农民|教育|法[治制]|文汇|参考)报)(?![道告名社])"
)
_SECTION = re.compile(  # 出版, 改版 and 新版 do not name a section
    r"(?![每各出改头再盗正翻新旧原绝制排拼初本该整单多分])(?P<section>[^\W\d_的在]{2,4}?)版面?(?![本权式])"
)
_PERSON = re.compile(rf"(?:欧阳|司马|上官|诸葛|公孙|慕容|皇甫|令狐|[{SURNAMES}])[\u4e00-\u9fff]{{1,2}}")
_PRINTED = re.compile("(?:新闻)?报[道导]|稿")
_TAIL = re.compile(rf"(?<=..)(?:{_TAIL_WORDS})+$")


@dataclass(frozen=True)
class Counted:
    """A counting question, understood: what is wanted, and the query that says of what.

    ``topic``: whether it asks about something, or only by whom, where and when it was printed.
    """

    wanted: Wanted
    query: str
    topic: bool = True


class _NoPartError(Exception):
    """Words of the question have no part in a counting question."""


def read_counting(
    question: str, today: Day | None = None, latest: Day | None = None, known: Known | None = None
) -> Counted | None:
    """What a counting question asks for; None where it asks something else.

    Args:
        question: as it was asked.
        today: what 昨天 is counted from; None: the day it is.
        latest: the archive's newest issue; a date without a year is not after it.
        known: whether any report has a value in a field, ``known("作者", "王芳")``; None: told by the form.
    """
    day = today or datetime.date.today()
    folded = FoldedText.of(question)
    if not 0 < len(folded.text) <= _LONGEST:
        return None
    try:
        return _Reader(question, folded, known).read(read_spans(folded.text, day, min(day, latest or day)))
    except _NoPartError:
        return None


class _Reader:
    """Reads the spans of one question."""

    def __init__(self, question: str, folded: FoldedText, known: Known | None) -> None:
        self._question, self._folded, self._known = question, folded, known
        self._parts = Parts()

    def read(self, found: Sequence[Span]) -> Counted | None:
        """What the question asks for; None where its spans together are no counting question."""
        wanted = wanted_of(found)
        if wanted is None:
            return None
        spans = list(self._named(found))
        for place, span in enumerate(spans):
            if span.kind == "free":
                self._give_part(spans, place)
            elif span.kind == "page":
                self._add_field("版", span.value)
        parts = self._parts
        dates = [span.dates for span in spans if span.dates]
        if len(dates) > 1 or not speaks_of_reports(self._folded.text, spans, wanted, parts):
            return None
        if dates:
            if not dates[0].whole and wanted not in ("by_month", "by_year"):
                return None
            self._add_field("日期", _written(dates[0].since, dates[0].until))
        order = ("题名", "正文", "报名", "版名", "版", "作者", "日期")
        fields = {name: parts.fields[name] for name in order if name in parts.fields}
        query = narrowed(_joined(parts.topics), fields)
        return Counted(wanted, query, bool(parts.topics))

    def _text(self, span: Span) -> str:
        return self._folded.text[span.start : span.end]

    def _original(self, start: int, end: int) -> str:
        place = self._folded.span(start, end)
        return self._question[place.start : place.end]

    def _is_known(self, name: str, value: str) -> bool | None:
        return self._known(name, value) if self._known else None

    def _add_field(self, name: str, value: str) -> None:
        if name in self._parts.fields:
            raise _NoPartError
        self._parts.fields[name] = value

    def _named(self, spans: Sequence[Span]) -> Iterator[Span]:
        """The spans with newspapers and sections taken out of the free words that begin with them."""
        before: Span | None = None
        for span in spans:
            rest: Span | None = span
            mentioned = before is not None and before.kind in ("mention", "field", "write") and not before.of
            while rest is not None and rest.kind == "free" and not mentioned:
                named = self._name_at(rest)
                if named is None:
                    break
                inside = stripped(self._folded.text, named.end, rest.end)
                yield replace(named, of=rest.of) if inside is None else named
                rest = replace(rest, start=inside[0], end=inside[1]) if inside else None
            if rest is not None:
                yield rest
            before = span

    def _name_at(self, span: Span) -> Span | None:
        """The newspaper or the section that free words begin with."""
        text = self._text(span)
        for name, form in (("报名", _PAPER), ("版名", _SECTION)):
            match = form.match(text)
            group = match and next(key for key, value in match.groupdict().items() if value)
            if match and group:
                start = span.start + match.start(group)
                self._add_field(name, self._original(start, span.start + match.end(group)))
                return Span("named", span.start, span.start + match.end(), name)
        bare = text.strip("《》")
        for name in ("报名", "版名"):
            if (name == "报名" or bare.endswith(("刊", "栏"))) and self._is_known(name, bare):
                self._add_field(name, bare)
                return Span("named", span.start, span.end, name)
        return None

    def _give_part(self, spans: Sequence[Span], place: int) -> None:
        """Make free words a topic or an author.

        Raises:
            _NoPartError: they are neither.
        """
        span = spans[place]
        opener = _opener(spans, place)
        before = spans[place - 1] if place else None
        after = spans[place + 1] if place + 1 < len(spans) else None
        if opener is not None:
            self._open(spans, spans.index(opener), span)
        elif before is not None and before.kind == "byline" and not before.of:
            self._add_author(span)
        elif after is not None and after.kind == "report":
            if self._is_known("作者", self._text(span)):
                self._add_author(span)
            else:
                self._add_topic(span)
        else:
            self._close(spans, place)

    def _open(self, spans: Sequence[Span], place: int, topic: Span) -> None:
        """Free words after a verb that mentions are a topic, after 标题里有 words of the headline."""
        opener = spans[place]
        self._parts.used.add(opener.start)
        if opener.kind == "field":
            self._add_field(opener.value, self._original(*_without_tail(self._folded.text, topic.start, topic.end)))
            return
        either = place > 0 and spans[place - 1].kind == "or"
        self._add_topic(topic, "NOT" if opener.value == "not" else "OR" if either else "AND")

    def _close(self, spans: Sequence[Span], place: int) -> None:
        """Free words before a verb: 夜校见报, 夜校一共被报道, 夜校，有几篇提到, 王芳写."""
        span = spans[place]
        for number, later in enumerate(spans[place + 1 :], place + 1):
            follows = number + 1 < len(spans) and spans[number + 1].kind == "free" and not later.of
            if later.kind == "write" or (later.kind == "press" and self._text(later)[0] == "发"):
                return self._add_author(span)
            without_topic = later.kind in ("mention", "press") and later.value != "not" and not follows
            if later.kind in ("passive", "appear") or without_topic:
                self._parts.used.add(later.start)
                return self._add_topic(span)
            if later.kind not in _BETWEEN and later.kind != "named":
                break
        rest = [later for later in spans[place + 1 :] if later.kind != "named"]
        reports = [later for later in rest if later.kind == "report" and _PRINTED.match(self._text(later))]
        if not reports or any(later.kind not in _BETWEEN for later in rest):
            raise _NoPartError
        return self._add_topic(span)  # 夜校有几篇报道, 夜校每年报道几次

    def _add_author(self, span: Span) -> None:
        name = self._text(span)
        if not (_PERSON.fullmatch(name) or self._is_known("作者", name)):
            raise _NoPartError
        self._add_field("作者", self._original(span.start, span.end))

    def _add_topic(self, span: Span, sign: str = "AND") -> None:
        """Free words as a query: their characters as they stand, those joined by 和 or 或 apart."""
        text = self._folded.text
        runs, signs = [[span.start, span.start]], []
        pieces = pieces_of(text[span.start : span.end])
        for number, piece in enumerate(pieces):
            end = runs[-1][1] + len(piece)
            rest = sum(map(len, pieces[number + 1 :]))
            if piece in _JOINS and runs[-1][1] - runs[-1][0] > 1 and rest > 1:
                signs.append(_JOINS[piece])
                runs.append([end, end])
            else:
                runs[-1][1] = end
        if len(set(signs)) > 1 or not 0 < span.end - span.start <= _LONGEST_TOPIC:
            raise _NoPartError
        words = [quoted(self._original(*_without_tail(text, *run))) for run in runs]
        joined = f" {signs[0]} ".join(words) if signs else words[0]
        if len(words) > 1 and (self._parts.topics or sign == "NOT"):
            joined = f"({joined})"
        self._parts.topics.append((sign, joined))


def _without_tail(text: str, start: int, end: int) -> tuple[int, int]:
    """A topic without 这件事 and the like, function words and quotation marks around it."""
    while True:
        inside = stripped(text, start, end)
        if inside is None:
            raise _NoPartError
        start, end = inside
        tail = _TAIL.search(text[start:end])
        if tail:
            end = start + tail.start()
        elif QUOTED.fullmatch(text, start, end):
            return start + 1, end - 1
        else:
            return start, end


def _opener(spans: Sequence[Span], place: int) -> Span | None:
    """The verb right before free words; a date may stand between: 提到2024年的洪水."""
    before = spans[:place]
    if len(before) > 1 and before[-1].kind == "date" and not before[-2].of:
        before = before[:-1]
    if before and before[-1].kind in OPENING and not before[-1].of and before[-1].value not in ("after", "much"):
        return before[-1]
    return None


def _joined(topics: Sequence[tuple[str, str]]) -> str:
    """The topics as one query."""
    has = [(sign, query) for sign, query in topics if sign != "NOT"]
    without = " ".join(f"NOT {query}" for sign, query in topics if sign == "NOT")
    signs = {sign for sign, _ in has[1:]}
    if len(signs) > 1:
        raise _NoPartError
    query = f" {signs.pop() if signs else 'AND'} ".join(query for _, query in has)
    if without and " OR " in query and len(has) > 1:
        query = f"({query})"
    return " ".join(part for part in (query, without) if part) or EVERYTHING


def _written(since: Day | None, until: Day | None) -> str:
    """Dates for a query, as coarse as they are: 2024, 2024-07, 2023-07..2024-03, 2024-.., ..2021."""
    day = datetime.timedelta(days=1)
    after = until + day if until else None  # the first day that is not covered
    starts = [date for date in (since, after) if date]
    if all((date.month, date.day) == (1, 1) for date in starts):
        size = 4
    elif all(date.day == 1 for date in starts):
        size = 7
    else:
        size = 10
    first, last = (date.isoformat()[:size] if date else "" for date in (since, until))
    return first if first == last else f"{first}..{last}"
