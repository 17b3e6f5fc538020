"""From a question to a cited answer: retrieve, decide, let the model phrase it, check what it said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from dataclasses import dataclass, replace

from index.config import Settings
from index.embedder import Embedder
from index.passages import sentences
from index.store import Filter, Store
from index.words import folded, names, people, question_words

from . import evidence
from .answerability import Answerability
from .answerable import judged
from .citing import Citations, Quote, cite, quotes
from .clock import Clock
from .evidence import Evidence, Excerpt
from .generators import Generator, Message
from .kinds import asks_who, dodges, left_out, no_evidence, tells, with_whole_dates
from .line import Line
from .narrowing import Narrowing
from .prompting import messages
from .ranking import asks_when, covered, word_weights
from .results import CITATION_MARK, Answer, Done, Event, Found, Passage, Sentence, Token, Waiting
from .retrieval import search
from .terms import absolute_dates, printed

NOTHING_RELEVANT = "nothing relevant"
NOT_IN_ARCHIVE = "not in the archive"
OUTSIDE = "outside the archive"

# The model was not asked to decline; when it does all the same, the answer is a refusal.
_DECLINES = re.compile(
    r"(?:资料|材料|文中|原文|信息|上述|报道)[^。]{0,12}(?:没有|未|并未|不包含|无法|不足)|^(?:抱歉|对不起|无法)"
)
_ASKS_FOR_SEVERAL = re.compile(r"哪些|哪几|列出|列举|分别|几个方面|几项")
_SEVERAL = 3
_TOLD_EVERY = 2.0  # seconds between two looks at whether whoever waits has left
_ENDED = re.compile(r"[。！？!?\n]\s*$")
_IN_TITLE_OR_QUOTATION = re.compile(r"《[^》\n]{0,40}$|“[^”\n]{0,100}$")
_RUNS_ON = re.compile(r"(.{6,40}?)\1\1")  # a small model may say the same thing again and again
# From this share of the question's words on, a sentence of the newspaper may stand for an answer that failed the check.
_VERBATIM_COVERAGE = 0.6
_VERBATIM_LENGTH = 100
_HOME = "中国"  # which a Chinese newspaper need not name


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
    if evidence.signals(weights, found).relevance < settings.relevance and not _of_a_person(asked.question, found):
        yield Done(_refusal(NOTHING_RELEVANT, asked, (), clock))
        return
    with line.join(asked.person) as ticket:
        for place in ticket.places(_TOLD_EVERY):
            yield Waiting(place)
        clock.begun()
        model = generator()
        read = evidence.choose(embedder, asked.question, weights, found, _budget(model, settings))
        answer = yield from _written(model, asked, weights, read, clock, settings)
    yield Done(answer)


def _of_a_person(question: str, found: Sequence[Passage]) -> bool:
    """Whether someone whom the question names is in a passage; few other words of 「彭菲是谁」may be."""
    return any(name in folded(f"{p.article.heading} {p.text}") for name in people(question) for p in found)


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


@dataclass(frozen=True)
class Draft:
    """Sentences that are supported, what supports them, and what the model had read as it wrote them."""

    sentences: Sequence[Sentence]
    citations: Citations
    prompted: str

    @property
    def quoted(self) -> list[Quote]:
        """What supports them, in the order in which it is first cited."""
        return [Quote.of(citation) for citation in self.citations.found]


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
    draft = yield from _supported(model, asked, weights, read, clock, settings)
    if draft is None:
        return _refusal(NOT_IN_ARCHIVE, asked, shown, clock, quotes([read.best])[0])
    yield Token("")
    known = _judged(model, asked.question, weights, draft, settings.answers.unsure)
    if known and known.probability < settings.answerable:
        return replace(_refusal(NOT_IN_ARCHIVE, asked, shown, clock, draft.quoted[0]), answerability=known)
    return replace(_answer(asked, draft, shown, clock), answerability=known)


def _supported(
    model: Generator,
    asked: Asked,
    weights: dict[str, float],
    read: Evidence,
    clock: Clock,
    settings: Settings,
) -> Steps[Event, None, Draft | None]:
    """What the model says that is supported; if nothing, what it says to the best sentence alone; then that itself."""
    available = quotes([*read.excerpts, read.best])
    prompted = ""
    for prompted in (evidence.as_prompt(read.excerpts), evidence.as_prompt([read.best])):
        written = yield from _said(model, messages(asked.question, prompted), asked, clock, settings)
        if _DECLINES.search(written):
            return None
        citations = Citations()
        kept = _cited(asked.question, written, available, citations)
        if kept:
            draft = Draft(kept, citations, prompted)
            return (yield from _in_full(model, asked, draft, available, clock, settings))
        yield Token("", restart=True)
    best = quotes([read.best])[0]
    if not _may_stand(asked.question, weights, best):
        return None
    citations = Citations()
    return Draft([citations.sentence(best.text, [best])], citations, prompted)


def _in_full(
    model: Generator, asked: Asked, draft: Draft, available: Sequence[Quote], clock: Clock, settings: Settings
) -> Steps[Event, None, Draft]:
    """The draft, or what the model says to few quotations alone.

    That is asked where the draft names one of several people whom its quotations name together, and where another
    sentence says more of who is asked for.
    """
    closer = _closer(asked.question, draft, available)
    cited = closer or draft.quoted
    if not closer and not _left_out(asked.question, draft.sentences, cited):
        return draft
    yield Token("", restart=True)
    prompted = _alone(cited)
    written = yield from _said(model, messages(asked.question, prompted), asked, clock, settings)
    citations = Citations()
    kept = _cited(asked.question, written, cited, citations)
    return draft if not kept or _left_out(asked.question, kept, cited) else Draft(kept, citations, prompted)


def _closer(question: str, draft: Draft, available: Sequence[Quote]) -> list[Quote]:
    """The sentence that says all that the one quotation says of a question who, and more, and names others.

    It is of the same article: of 「王芳出席。李敏、赵刚共同揭牌。」only the second tells who 揭牌.
    """
    if not asks_who(question) or len(draft.quoted) != 1:
        return []
    (cited,) = draft.quoted
    told = "".join(sentence.text for sentence in draft.sentences)
    said = _words_said(question, cited)
    closer = [
        quote
        for quote in available
        if quote.passage.article.id == cited.passage.article.id
        and said < _words_said(question, quote)
        and tells(question, quote.text, quote.passage.dateline)
        and not any(name in told for name in people(quote.text))
    ]
    return sorted(closer, key=lambda quote: len(_words_said(question, quote)))[-1:]


def _words_said(question: str, quote: Quote) -> set[str]:
    text = folded(quote.text)
    return {word for word in question_words(question) if len(word) > 1 and word in text}


def _alone(cited: Sequence[Quote]) -> str:
    return evidence.as_prompt([Excerpt(quote.passage, (quote.span,)) for quote in cited])


def _left_out(question: str, kept: Sequence[Sentence], cited: Sequence[Quote]) -> set[str]:
    told = "".join(sentence.text for sentence in kept)
    return {name for quote in cited for name in left_out(question, told, quote.text)}


def _cited(question: str, written: str, available: Sequence[Quote], citations: Citations) -> list[Sentence]:
    """What of an answer is supported, its dates as full as they are printed; nothing where none of it answers."""
    cited = [q for q in available if not no_evidence(question, q.text, q.passage.dateline)]
    kept = cite(question, written, cited, citations)
    if all(dodges(question, sentence.text) for sentence in kept):
        return []
    if not asks_when(question):
        return kept
    quoted = {citation.number: citation.quote for citation in citations.found}
    return [replace(s, text=with_whole_dates(question, s.text, " ".join(quoted[n] for n in s.citations))) for s in kept]


def _judged(
    model: Generator, question: str, weights: dict[str, float], draft: Draft, unsure: tuple[float, float]
) -> Answerability | None:
    """What speaks for the answer being one, and against it; several things may stand in several articles."""
    several = _ASKS_FOR_SEVERAL.search(question)
    apart = 0.0 if several else draft.citations.apart(question, weights, draft.sentences)
    written = "".join(sentence.text for sentence in draft.sentences)
    return judged(model, question, draft.prompted, written, apart, _alone(draft.quoted), unsure)


def _said(
    model: Generator, chat: Sequence[Message], asked: Asked, clock: Clock, settings: Settings
) -> Steps[Event, None, str]:
    """Stream what the model says, as far as an answer needs: a sentence, or some where several things are asked."""
    wanted = _SEVERAL if _ASKS_FOR_SEVERAL.search(asked.question) else 1
    written = ""
    pieces = model.stream(chat, settings.generator.max_tokens)
    try:
        for piece in pieces:
            if piece:
                clock.token()
            written += piece
            yield Token(piece)
            ended = _ENDED.search(written) and not _IN_TITLE_OR_QUOTATION.search(written)
            complete = len(sentences(written)) if ended else 0
            if complete >= wanted or _RUNS_ON.search(written) or clock.over:
                break
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()
    written = written.strip()
    repeated = _RUNS_ON.search(written)
    return written[: repeated.end(1)] if repeated else written


def _may_stand(question: str, weights: dict[str, float], sentence: Quote) -> bool:
    """Whether a sentence of the newspaper is an answer as it stands."""
    return (
        len(sentence.text) <= _VERBATIM_LENGTH
        and tells(question, sentence.text, sentence.passage.dateline)
        and covered(weights, folded(sentence.text)) >= _VERBATIM_COVERAGE
        and all(name in sentence.context for name in names(question) if name != _HOME)
    )


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
