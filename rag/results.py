"""What the read side returns: passages, citations and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from index.article import Article
from index.types import JsonObject

AnswerKind = Literal["answered", "quoted", "refused"]

CITATION_MARK = re.compile(r"\[(\d+)\]")  # in an answer's text; the number is a citation's


def printed_date(date: str | None) -> str:
    """An ISO date as a newspaper prints it: 2025年4月18日; empty for None."""
    if not date:
        return ""
    year, month, day = date.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


@dataclass(frozen=True)
class Passage:
    """A passage that was retrieved: ``text == article.body[start:end]``.

    ``score``: of ``rag.retrieval.ranking``, higher is better; comparable within one question only. ``cosine`` and
    ``bm25``: the retrievers' own scores, ``bm25`` None where the lexical one did not find it. ``reprints``:
    near-identical passages of other articles, which are not listed separately.
    """

    text: str
    score: float
    start: int
    end: int
    article: Article
    cosine: float | None = None
    bm25: float | None = None
    reprints: tuple[Passage, ...] = ()

    @property
    def dateline(self) -> str:
        """What a sentence of it is read with: its article's headline and date."""
        return f"{self.article.heading} {printed_date(self.article.date)}".strip()

    def as_dict(self) -> JsonObject:
        """The contract's fields as JSON values; the article's ``reprints`` hold those folded in too."""
        article = self.article.as_dict()
        article["reprints"] += [passage.article.id for passage in self.reprints]
        return {"score": self.score, "text": self.text, "start": self.start, "end": self.end, "article": article}


@dataclass(frozen=True)
class MetadataFilter:
    """What was read from a question: ISO dates, both included and each open where None, a page, and its words."""

    since: str | None
    until: str | None
    page: int | None
    phrase: str

    def as_dict(self) -> dict[str, str | int | None]:
        """As JSON values."""
        return {"since": self.since, "until": self.until, "page": self.page, "phrase": self.phrase}


@dataclass(frozen=True)
class Citation:
    """A numbered quotation: ``quote == passage.article.body[start:end]``."""

    number: int
    quote: str
    start: int
    end: int
    passage: Passage

    def as_dict(self) -> JsonObject:
        """As JSON values."""
        return {
            "number": self.number,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "passage": self.passage.as_dict(),
        }


@dataclass(frozen=True)
class Sentence:
    """One sentence of an answer and the numbers of the citations that support it."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict | None = None

    def as_dict(self) -> JsonObject:
        """As JSON values."""
        return {
            "text": self.text,
            "citations": list(self.citations),
            "verdict": self.verdict.summary() if self.verdict else None,
        }


@dataclass(frozen=True)
class Verdict:
    """Whether the newspaper supports a sentence.

    ``reasons``: what it does not support and what it says instead, in words for a reader; empty where all is supported.
    ``citations``: the sentences of the newspaper that state it, or come nearest. ``probability``: that it is supported;
    1.0 for the newspaper's own words.
    """

    sentence: str
    supported: bool
    reasons: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    probability: float = 0.0

    def summary(self) -> JsonObject:
        """As JSON values, without the citations."""
        return {
            "sentence": self.sentence,
            "supported": self.supported,
            "reasons": list(self.reasons),
            "probability": round(self.probability, 4),
        }

    def as_dict(self) -> JsonObject:
        """As JSON values."""
        return self.summary() | {"citations": [citation.as_dict() for citation in self.citations]}


@dataclass(frozen=True)
class Timings:
    """Milliseconds from the question: passages found, first token of the model (None: no model was asked), all done.

    ``waited_ms``: how much of that was waiting in line for the model.
    """

    retrieve_ms: float
    first_token_ms: float | None
    total_ms: float
    waited_ms: float = 0.0


@dataclass(frozen=True)
class Searched:
    """The search from which a counting question was answered, which can be opened and changed in the search view.

    ``query`` with ``total`` hits, ordered by ``sort``. ``listed``: the query whose hits are the answer's citations, at
    most 50 of ``listed_total``; another one only where the reports of one name are listed. ``counts``: how many hits
    have each value of ``facet``, where that was asked for (of names the commonest); else both are empty.
    """

    query: str
    sort: str
    total: int
    listed: str
    listed_total: int
    facet: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> JsonObject:
        """As JSON values."""
        return {**vars(self), "counts": dict(self.counts)}


@dataclass(frozen=True)
class Part:
    """A line of a report on a topic: the date that heads it, and what is quoted, with the numbers of its citations."""

    label: str
    text: str

    @property
    def line(self) -> str:
        """How the answer's text gives it."""
        return f"{self.label}：{self.text}"

    def as_dict(self) -> JsonObject:
        """As JSON values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Answer:
    """What is said to a question.

    ``kind``: ``answered`` (every sentence is supported by what it cites), ``quoted`` (the newspaper's own words that
    tell it) or ``refused``. ``reason`` is empty unless it is refused: ``nothing relevant``, ``not in the archive`` (the
    nearest report is quoted) or ``outside the archive`` (no newspaper is held where the question looks). ``passages``
    are those that were found. ``question`` is as it was understood, and ``narrowing`` the dates and page read from it.
    ``draft``: what the model said, where that was not given as the answer; ``confidence``: the probability that what
    it said is right; ``signals``: what that was computed from. ``note``: what readers should know of how it was made.
    ``search``: what was searched for to answer a question that counts or lists reports; None for others.
    ``parts``: of a report on a topic its lines, of which ``text`` is made; empty for others.
    ``snapshot``: the state of the archive that was read.
    """

    text: str
    kind: AnswerKind = "answered"
    reason: str = ""
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    timings: Timings = field(default_factory=lambda: Timings(0.0, None, 0.0))
    question: str = ""
    narrowing: MetadataFilter | None = None
    draft: Sentence | None = None
    confidence: float | None = None
    signals: Mapping[str, float] | None = None
    note: str = ""
    search: Searched | None = None
    snapshot: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether it is a refusal."""
        return self.kind == "refused"

    def as_dict(self) -> JsonObject:
        """The fields that ``baowen ask --json`` prints."""
        return {
            "answer": self.text,
            "kind": self.kind,
            "refused": self.refused,
            "reason": self.reason,
            "sentences": [sentence.as_dict() for sentence in self.sentences],
            "citations": [citation.as_dict() for citation in self.citations],
            "draft": self.draft.as_dict() if self.draft else None,
            "confidence": self.confidence,
            "timings": vars(self.timings),
            "question": self.question,
            "narrowing": self.narrowing.as_dict() if self.narrowing else None,
            "note": self.note,
            "search": self.search.as_dict() if self.search else None,
            "snapshot": self.snapshot,
            "parts": [part.as_dict() for part in self.parts],
        }


@dataclass(frozen=True)
class Found:
    """Streamed first: the passages that were retrieved, before the model has said a word.

    ``narrowing``: the dates and page that were read from the question and searched in; None where it names none.
    """

    passages: tuple[Passage, ...]
    narrowing: MetadataFilter | None = None


@dataclass(frozen=True)
class Waiting:
    """Streamed while the model is busy with others: how many are before this one; as often as that may have changed."""

    place: int


@dataclass(frozen=True)
class Token:
    """Streamed as the model works: text to append to what was shown so far, not checked yet; empty while it reads."""

    text: str


@dataclass(frozen=True)
class Done:
    """Streamed last: the checked answer, which replaces the tokens shown before."""

    answer: Answer


Event = Found | Waiting | Token | Done
