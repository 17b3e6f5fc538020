"""Counting questions: what kind of answer is wanted, and of which reports.

A trained network says what the parts of a question are (``counting_tagger``); dates and pages are read here, and all of
it becomes one query, which is shown beside the answer.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from index.article import Span
from index.models.pair import PairModel
from index.search.query import EVERYTHING, as_phrase, narrowed
from index.text.dates import Day
from index.text.folding import FoldedText, fold
from index.text.periods import DateSpan, page_spans, period_spans

from .counting_tagger import NOTHING, CountingTagger, QuestionPart, Tagged, Wanted, plain

Known = Callable[[str, str], bool]

LEAST_CERTAIN = 0.2  # of writers left out of the training a quarter fewer are misread, 3 in 100 right ones are lost
_LONGEST = 250  # characters of a question
_LONGEST_TOPIC = 40
_TERMS = {"topic": "", "without": "NOT ", "headline": "题名:", "body": "正文:"}
_NAMED = {"paper": "报名", "section": "版名", "page": "版"}  # of several any will do
_MARKS = '“”"‘’「」『』《》〈〉【】 ，。、：；？！,.:;?!'
_BARE_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?![\d年])(?![-./]\d)")
_UNREAD = DateSpan(0, 0, None, None, whole=False)
_OF_REPORTS = re.compile(r"\s*的?\s*(?:新闻)?(?:报道|报导|文章|稿|作品|新闻)")  # 王芳的报道: by her, or about her


@dataclass(frozen=True)
class Counted:
    """A counting question, understood: what is wanted, and the query that says of what.

    ``topic``: whether it asks about something, or only by whom, where and when it was printed. ``undated``: the query
    without its dates.
    """

    wanted: Wanted
    query: str
    topic: bool = True
    undated: str = ""


class _UnreadableError(Exception):
    """A part of the question cannot be made a condition."""


def read_counting(
    question: str,
    model: PairModel,
    tagger: CountingTagger,
    today: Day | None = None,
    latest: Day | None = None,
    known: Known | None = None,
) -> Counted | None:
    """What a counting question asks for; None where it asks something else.

    Args:
        question: as it was asked.
        model: gives the states that ``tagger`` reads.
        tagger: the trained network.
        today: what 昨天 is counted from; None: the day it is.
        latest: the archive's newest issue; a date without a year is not after it.
        known: whether any report has a value in a field, ``known("作者", "王芳")``; None: nothing is known.
    """
    states = model.states(plain(question)) if len(question.strip()) > 0 and len(question) <= _LONGEST else None
    if states is None:
        return None
    day = today or datetime.date.today()
    return counted_of(question, tagger.tag(question, states), day, min(day, latest or day), known)


def counted_of(question: str, tagged: Tagged, today: Day, latest: Day, known: Known | None = None) -> Counted | None:
    """What a tagged question asks for, as for ``read_counting``."""
    if tagged.kind == NOTHING or tagged.certainty < LEAST_CERTAIN:
        return None
    try:
        return _Reader(question, tagged, known).read(today, latest)
    except _UnreadableError:
        return None


class _Reader:
    """Makes a query of the parts of one question."""

    def __init__(self, question: str, tagged: Tagged, known: Known | None) -> None:
        self._question, self._tagged = question, tagged
        self._known: Known = known or (lambda field, value: False)
        self._folded = FoldedText.of(question)
        topics = [part for part in tagged.parts if part.label == "topic"]
        by = topics[0] if len(topics) == 1 and self._is_author(topics[0]) else None
        self._found = [replace(part, label="author") if part is by else part for part in tagged.parts]

    def read(self, today: Day, latest: Day) -> Counted:
        """The question, understood.

        Raises:
            _UnreadableError: it cannot be.
        """
        authors = [self._text(part) for part in self._parts("author")]
        if len(authors) > 1:
            raise _UnreadableError  # together, or either of them?
        topics = self._parts(*_TERMS)
        terms = [_TERMS[part.label] + as_phrase(self._text(part)) for part in topics if part.label != "without"]
        without = [_TERMS["without"] + as_phrase(self._text(part)) for part in topics if part.label == "without"]
        named = {field: self._values(label) for label, field in _NAMED.items()}
        several = [_either([f"{field}:{_written(field, v)}" for v in of]) for field, of in named.items() if len(of) > 1]
        fields: dict[str, object] = {field: of[0] for field, of in named.items() if len(of) == 1}
        fields |= {"作者": authors[0]} if authors else {}
        dates = self._dates(today, latest)
        joined = _either(terms) if self._tagged.either and len(terms) > 1 else " AND ".join(terms)
        query = " ".join(part for part in (joined, *without, *several) if part) or EVERYTHING
        if query.startswith("(") and query.endswith(")") and query.count("(") == 1:
            query = query[1:-1]  # there is nothing else
        wanted = cast("Wanted", self._tagged.kind)
        undated = narrowed(query, fields)
        if wanted == "list" and undated == EVERYTHING and not dates:
            raise _UnreadableError  # every report there is
        return Counted(wanted, narrowed(undated, {"日期": dates}), bool(topics), undated)

    def _is_author(self, topic: QuestionPart) -> bool:
        """Whether a topic is a reporter of the archive whose reports are asked for: 王芳的报道有几篇."""
        by = _OF_REPORTS.match(self._question, topic.end)
        return by is not None and self._known("作者", self._text(topic))

    def _parts(self, *labels: str) -> list[QuestionPart]:
        return [part for part in self._found if part.label in labels]

    def _text(self, part: QuestionPart) -> str:
        text = self._question[part.start : part.end].strip(_MARKS)
        if not fold(text) or len(text) > _LONGEST_TOPIC:
            raise _UnreadableError
        return text

    def _values(self, label: str) -> list[str]:
        """The newspapers, sections or numbers of pages that are named."""
        if label == "page":
            return list(dict.fromkeys(str(number) for number in self._pages()))
        texts = [self._text(part) for part in self._parts(label)]
        if label == "section":
            texts = [text.removesuffix("面").removesuffix("版") or text for text in texts]
        return list(dict.fromkeys(texts))

    def _pages(self) -> list[int]:
        found = []
        for part in self._parts("page"):
            text = fold(self._question[part.start : part.end])
            pages = page_spans(text) or page_spans(f"第{text.removeprefix('第')}")
            if len(pages) != 1:
                raise _UnreadableError  # A2版, which no number tells
            found.append(pages[0][2])
        return found

    def _dates(self, today: Day, latest: Day) -> str:
        """The dates that limit the reports, as a query writes them; empty where none do."""
        spans = period_spans(self._folded.text, today, latest)
        places = [self._folded.span(span.start, span.end) for span in spans]
        found: list[DateSpan] = []
        for part in self._parts("date"):
            own = [span for span, at in zip(spans, places, strict=True) if _meet(at, part)]
            text = _BARE_YEAR.sub(r"\g<0>年", fold(self._question[part.start : part.end]))
            found += own or period_spans(text, today, latest) or [_UNREAD]
        if not self._parts("date"):
            free = [at for at in places if not any(_meet(at, part) for part in self._found)]
            found = [span for span, at in zip(spans, places, strict=True) if at in free]
        if not found:
            return ""
        if len(set(found)) > 1 or found[0] is _UNREAD:
            raise _UnreadableError  # 国庆期间; or several dates
        if not found[0].whole and self._tagged.kind not in ("by_month", "by_year"):
            raise _UnreadableError
        return _period(found[0].since, found[0].until)


def _meet(place: Span, part: QuestionPart) -> bool:
    return place.start < part.end and part.start < place.end


def _written(field: str, value: str) -> str:
    return value if field == "版" else as_phrase(value)


def _either(terms: Sequence[str]) -> str:
    return f"({' OR '.join(terms)})"


def _period(since: Day | None, until: Day | None) -> str:
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
