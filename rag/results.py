"""What the read side returns: passages, citations and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from index.article import Article
from index.types import JsonObject

AnswerKind = Literal["answered", "quoted", "refused"]

CITATION_MARK = re.compile(r"\[(\d+)\]")  # in an answer's text, with the number of a citation


def printed_date(date: str | None) -> str:
    """Return an ISO date as a newspaper prints it, for example 2025年4月18日; empty for None."""
    if not date:
        return ""
    year, month, day = date.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


@dataclass(frozen=True)
class Passage:
    """A retrieved passage: ``text == article.body[start:end]``.

    ``score`` is from ``rag.retrieval.ranking``: higher is better, and only scores of one question are comparable.
    ``cosine`` and ``bm25`` are the retrievers' own scores; ``bm25`` is None if the lexical retriever did not find the
    passage. ``reprints`` are near-identical passages of other articles, which are not listed separately.
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
        """The article's headline and date, with which the passage's sentences are read."""
        return f"{self.article.heading} {printed_date(self.article.date)}".strip()

    def as_dict(self) -> JsonObject:
        """Return the documented fields as JSON values; the article's ``reprints`` include those of folded passages."""
        article = self.article.as_dict()
        article["reprints"] += [passage.article.id for passage in self.reprints]
        return {"score": self.score, "text": self.text, "start": self.start, "end": self.end, "article": article}


@dataclass(frozen=True)
class MetadataFilter:
    """What was read from a question: ISO dates, both included and None if open, a page, and the question's words."""

    since: str | None
    until: str | None
    page: int | None
    phrase: str

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the filter as JSON values."""
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
        """Return the citation as JSON values."""
        return {
            "number": self.number,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "passage": self.passage.as_dict(),
        }


@dataclass(frozen=True)
class Sentence:
    """A sentence of an answer, with the numbers of the citations that support it."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict | None = None

    def as_dict(self) -> JsonObject:
        """Return the sentence as JSON values."""
        return {
            "text": self.text,
            "citations": list(self.citations),
            "verdict": self.verdict.summary() if self.verdict else None,
        }


@dataclass(frozen=True)
class Verdict:
    """Whether the newspaper supports a sentence.

    ``reasons`` explain to a reader what is not supported and what the newspaper says instead; empty if everything is
    supported. ``citations`` are the newspaper sentences that state it or come closest. ``probability`` is the
    probability that it is supported, 1.0 for the newspaper's own words.
    """

    sentence: str
    supported: bool
    reasons: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    probability: float = 0.0

    def summary(self) -> JsonObject:
        """Return the verdict as JSON values, without the citations."""
        return {
            "sentence": self.sentence,
            "supported": self.supported,
            "reasons": list(self.reasons),
            "probability": round(self.probability, 4),
        }

    def as_dict(self) -> JsonObject:
        """Return the verdict as JSON values."""
        return self.summary() | {"citations": [citation.as_dict() for citation in self.citations]}


@dataclass(frozen=True)
class Timings:
    """Milliseconds from the question until passages were found, the model's first token came, and all was done.

    ``first_token_ms`` is None if no model was asked; ``waited_ms`` is the time spent queueing for the model.
    """

    retrieve_ms: float
    first_token_ms: float | None
    total_ms: float
    waited_ms: float = 0.0


@dataclass(frozen=True)
class Searched:
    """The search that answered a counting question; it can be opened and changed in the search view.

    ``query`` has ``total`` hits, ordered by ``sort``. ``listed`` is the query whose hits are cited, at most 50 of
    ``listed_total``; it differs from ``query`` only if the reports of one name are listed. ``counts`` has the number of
    hits for each value of ``facet`` (of names only the most frequent) if the question asks for it; otherwise both are
    empty.
    """

    query: str
    sort: str
    total: int
    listed: str
    listed_total: int
    facet: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> JsonObject:
        """Return the search as JSON values."""
        return {**vars(self), "counts": dict(self.counts)}


@dataclass(frozen=True)
class AnswerPart:
    """A line of an answer in parts, with the numbers of its citations.

    ``label``: the thing that a part of a question is about; of a report on a topic, the date, and the line quotes it.
    """

    label: str
    text: str

    @property
    def line(self) -> str:
        """The line as it appears in the answer's text."""
        return f"{self.label}：{self.text}"

    def as_dict(self) -> JsonObject:
        """Return the line as JSON values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Answer:
    """The answer to a question.

    ``kind`` is ``answered`` (every sentence is supported by its citations), ``quoted`` (the newspaper's own words
    answer the question) or ``refused``. A refusal has a ``reason``: ``nothing relevant``, ``not in the archive`` (the
    nearest report is quoted) or ``outside the archive`` (the archive has no newspaper for the dates asked about).
    ``passages`` are those found. ``question`` is the question as understood, and ``narrowing`` the dates and page read
    from it. ``draft`` is the model's text if it was not used as the answer, ``confidence`` the probability that this
    text is right, and ``signals`` what that is computed from. ``note`` says what readers should know about how the
    answer was made. ``search`` is the search behind a question that counts or lists reports, otherwise None.
    ``parts`` are the lines of a report on a topic or of an answer to a divided question, which make up ``text``;
    otherwise empty.
    ``snapshot`` is the archive's snapshot that was read.
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
    parts: tuple[AnswerPart, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the answer is a refusal."""
        return self.kind == "refused"

    def as_dict(self) -> JsonObject:
        """Return the fields that ``baowen ask --json`` prints."""
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
    """The first event: the retrieved passages, before the model's first token.

    ``narrowing``: the dates and page read from the question and used in the search; None if it names none.
    """

    passages: tuple[Passage, ...]
    narrowing: MetadataFilter | None = None


@dataclass(frozen=True)
class Waiting:
    """Sent repeatedly while the model is busy with other questions; ``place``: how many are before this one."""

    place: int


@dataclass(frozen=True)
class Token:
    """Sent while the model works: unchecked text to append to the tokens shown; empty while the model is reading."""

    text: str


@dataclass(frozen=True)
class Done:
    """The last event: the checked answer, which replaces the tokens shown before."""

    answer: Answer


Event = Found | Waiting | Token | Done
