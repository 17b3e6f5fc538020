"""From a question to a cited answer: retrieve, decide, let the model phrase it, check what it said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from dataclasses import dataclass, replace

from index.config import Settings
from index.embedder import Embedder
from index.passages import sentences
from index.store import Filter, Store

from . import evidence
from .answerability import Answerability
from .answerable import judged
from .citing import Citations, Quote, quotes
from .clock import Clock
from .drafting import Draft, drafted
from .evidence import Evidence
from .generators import Generator
from .kinds import asks_for_reporter, asks_for_several
from .line import Line
from .narrowing import Narrowing
from .ranking import word_weights
from .results import CITATION_MARK, Answer, Done, Event, Found, Passage, Sentence, Token, Waiting
from .retrieval import search
from .terms import absolute_dates, printed

NOTHING_RELEVANT = "nothing relevant"
NOT_IN_ARCHIVE = "not in the archive"
OUTSIDE = "outside the archive"

_TOLD_EVERY = 2.0  # seconds between two looks at whether whoever waits has left


@dataclass(frozen=True)
class Asked:
    """A question as it is understood, where it is searched for, what of that was read from it, and who asks."""

    question: str
    where: Filter
    narrowing: Narrowing | None = None
    person: str = ""


def answer_events(
    store: Store, embedder: Embedder, generator: Callable[[], Generator], line: Line, asked: Asked, settings: Settings
) -> Iterator[Event]:
    """Answer a question: the passages found, the place in the line, tokens as the model writes, the checked answer.

    Args:
        generator: returns the model; called only when there is something to phrase.
        line: who waits for the model.
    """
    clock = Clock(settings.answers.time_limit)
    if asked.where and not store.articles(1, where=asked.where):
        yield Found((), asked.narrowing)
        yield Done(outside(store, asked, clock))
        return
    options = settings.answers
    pair = (asked.question, asked.where)
    found = search(store, embedder, [pair], options.passages, settings.retrieval)[0]
    clock.retrieved()
    yield Found(tuple(found), asked.narrowing)
    weights = word_weights(store, asked.question)
    enough = evidence.signals(weights, found).relevance >= settings.relevance
    relevant = enough or evidence.of_a_person(asked.question, found)
    if not found or not relevant:
        yield Done(_refusal(NOTHING_RELEVANT, asked, (), clock))
        return
    if asks_for_reporter(asked.question) and found[0].article.signature:
        yield Done(_answer(asked, _signed(found[0]), found[:1], clock))
        return
    with line.join(asked.person) as ticket:
        for place in ticket.places(_TOLD_EVERY):
            yield Waiting(place)
        clock.begun()
        model = generator()
        read = evidence.choose(embedder, asked.question, weights, found, _budget(model, settings))
        answer = yield from _written(model, asked, weights, read, clock, settings)
    yield Done(answer)


def _signed(passage: Passage) -> Draft:
    """Who reported the article, cited to its text."""
    article, citations = passage.article, Citations()
    lead = Quote(passage, sentences(article.body)[0])
    title = f"《{article.title}》：" if article.title else ""
    return Draft([citations.sentence(f"{title}{article.signature}。", [lead])], citations, "")


def _budget(model: Generator, settings: Settings) -> int:
    """Characters of evidence that are read in the time to the first token, at the model's own reading speed."""
    options = settings.answers
    speed = model.reading_speed
    if speed is None:
        return options.evidence_characters
    tokens = speed * options.first_token_seconds - _PROMPT_TOKENS
    return int(min(options.evidence_characters, max(_LEAST_EVIDENCE, tokens * _CHARACTERS_A_TOKEN)))


_PROMPT_TOKENS = 70
_CHARACTERS_A_TOKEN = 1.4
_LEAST_EVIDENCE = 420  # with less, answers are left out (benchmarks/README.md)


def _written(
    model: Generator,
    asked: Asked,
    weights: dict[str, float],
    read: Evidence,
    clock: Clock,
    settings: Settings,
) -> Steps[Event, None, Answer]:
    """Let the model answer and doubt its answer; a refusal where nothing is supported or the doubt is too large."""
    shown = tuple(excerpt.passage for excerpt in read.excerpts)
    draft = yield from drafted(model, asked.question, weights, read, clock, settings.generator.max_tokens)
    if draft is None:
        return _refusal(NOT_IN_ARCHIVE, asked, shown, clock, quotes([read.best])[0])
    yield Token("")
    known = _judged(model, asked.question, weights, draft, settings.answers.unsure)
    if known and known.probability < settings.answerable:
        return replace(_refusal(NOT_IN_ARCHIVE, asked, shown, clock, draft.quoted[0]), answerability=known)
    return replace(_answer(asked, draft, shown, clock), answerability=known)


def _judged(
    model: Generator, question: str, weights: dict[str, float], draft: Draft, unsure: tuple[float, float]
) -> Answerability | None:
    """What speaks for the answer being one, and against it; several things may stand in several articles."""
    several = asks_for_several(question)
    apart = 0.0 if several else draft.citations.apart(question, weights, draft.sentences)
    return judged(model, question, draft.prompted, draft.text, apart, draft.evidence, unsure)


def _answer(asked: Asked, draft: Draft, shown: Sequence[Passage], clock: Clock) -> Answer:
    return Answer(
        "".join(marked(sentence) for sentence in draft.sentences) + _as_of(draft, shown),
        False,
        "",
        tuple(draft.sentences),
        tuple(draft.citations.found),
        tuple(shown),
        clock.timings(),
        asked.question,
        asked.narrowing,
    )


def _as_of(draft: Draft, shown: Sequence[Passage]) -> str:
    """When the latest report cited was printed: where reports of several dates were read, or 「昨天」 needs it."""
    dates = {passage.article.date for passage in shown if passage.article.date}
    cited = max((citation.passage.article.date or "" for citation in draft.citations.found), default="")
    if not cited or not (len(dates) > 1 or any(absolute_dates(s.text, cited) for s in draft.sentences)):
        return ""
    return f"（{printed(cited)}报道）"


def marked(sentence: Sentence) -> str:
    """A sentence with the numbers of its citations before its final stop."""
    marks = "".join(f"[{number}]" for number in sentence.citations)
    text = CITATION_MARK.sub(r"［\1］", sentence.text)  # one that was printed is no citation
    body = text.rstrip("。！？!?.；; ")
    return f"{body}{marks}{text[len(body) :].strip() or '。'}"


def _refusal(reason: str, asked: Asked, shown: Sequence[Passage], clock: Clock, nearest: Quote | None = None) -> Answer:
    """Nothing found, or something that is no answer: then the nearest of it is said and cited."""
    citations = Citations()
    told: tuple[Sentence, ...] = ()
    text = "馆藏的报纸里没有查到与这个问题有关的报道。"
    if reason == NOT_IN_ARCHIVE:
        text = "馆藏的报纸里有相关的报道，但没有写到这个问题的答案。"
    if nearest:
        told = (citations.sentence(nearest.text, [nearest]),)
        text += f"最接近的是：{marked(told[0])}"
    return Answer(
        text, True, reason, told, tuple(citations.found), tuple(shown), clock.timings(), asked.question, asked.narrowing
    )


def outside(store: Store, asked: Asked, clock: Clock) -> Answer:
    """No newspaper is held where the question looks: what is held, and the nearest issues."""
    first, last = store.dates()
    papers = "".join(f"《{paper.value}》" for paper in store.catalogue.values("paper")[:5])
    held = f"馆藏有{papers}{first} 至 {last} 的报纸" if first else "馆藏的报纸没有日期"
    near = [date for date in store.nearest(asked.where) if date]
    nearest = f"；离所问日期最近的一期是 {'、'.join(near)}" if near and (asked.where.since or asked.where.until) else ""
    text = f"馆藏里没有所问的报纸。{held}{nearest}。"
    return Answer(text, True, OUTSIDE, timings=clock.timings(), question=asked.question, narrowing=asked.narrowing)
