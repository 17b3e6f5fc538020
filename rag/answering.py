"""From a question to a checked answer: retrieve, read, let the model phrase it, judge what it says."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Generator as Steps
from dataclasses import dataclass, replace
from functools import partial

from index.article import Article
from index.config import Settings
from index.models.embedder import Embedder
from index.models.pair import PairModel
from index.storage.store import Filter, Store
from index.text.passages import sentences

from .citations import Numbered, marked, quoted
from .generation.context import context
from .generation.drafting import drafted
from .generation.judging import JudgedDraft, draft_verdicts, judge_draft
from .generation.quoting import Quoted, best_quotes, together
from .generation.self_check import attest, self_check
from .generation.speed import characters
from .llm import Generator
from .query.answer_type import asks_for_reporter, asks_for_several
from .results import (
    Answer,
    Done,
    Event,
    Found,
    MetadataFilter,
    Passage,
    Sentence,
    Token,
    Verdict,
    Waiting,
)
from .retrieval.hybrid import search
from .retrieval.relevance import relevance
from .retrieval.reranking import ReadPassage, read_passages, rerank
from .search.holdings import holdings
from .serving.cancellation import model_failed
from .serving.fair_queue import FairQueue
from .serving.stopwatch import Stopwatch
from .verification.checker import Body, citation
from .verification.claims import Claim
from .verification.fitted import regression
from .verification.scope import scope_mismatches

NOTHING_RELEVANT = "nothing relevant"
NOT_IN_ARCHIVE = "not in the archive"
OUTSIDE = "outside the archive"
NO_MODEL = "语言模型现在没有应答，只引报纸的原文 (the language model does not answer; the newspaper's words alone)"

TOLD_EVERY = 2.0  # seconds between two looks at whether whoever waits has left


@dataclass(frozen=True)
class Asked:
    """A question as it is understood, where it is searched for, what of that was read from it, and who asks.

    ``along``: what else is searched for, since a follow-up is nearly always about the article of the turn before;
    ``today``: what 昨天 is counted from; None: the day it is. ``is_part``: of a divided question; quotations are then
    of one sentence.
    """

    question: str
    where: Filter
    narrowing: MetadataFilter | None = None
    person: str = ""
    along: str = ""
    today: datetime.date | None = None
    is_part: bool = False


@dataclass(frozen=True)
class Models:
    """The models that an answer takes; ``generator`` returns the language model, loaded only where it is asked."""

    embedder: Embedder
    pair: PairModel
    generator: Callable[[], Generator]


def answer_events(store: Store, models: Models, queue: FairQueue, asked: Asked, settings: Settings) -> Iterator[Event]:
    """Answer a question: the passages found, the place in the queue, tokens as the model writes, the checked answer.

    Args:
        queue: who waits for the language model.
    """
    stopwatch = Stopwatch(settings.answers.time_limit)
    if asked.where and not store.articles(1, where=asked.where):
        yield Found((), asked.narrowing)
        yield Done(outside(store, asked, stopwatch))
        return
    read = _read(store, models, asked, settings)
    stopwatch.retrieved()
    shown = tuple(one.passage for one in read)
    yield Found(shown, asked.narrowing)
    if shown and asks_for_reporter(asked.question) and shown[0].article.signature:
        yield Done(_signed(asked, shown, stopwatch))
        return
    known = relevance(store, asked.question, read) if read else None
    if known is None or regression("relevant").probability(known) < regression("relevant").threshold:
        yield Done(_refusal(NOTHING_RELEVANT, asked, shown, stopwatch))
        return
    chosen = _chosen(asked.question, read)
    if mismatches := _scope_mismatches(asked.question, chosen):
        nearest = best_quotes(models.pair, asked.question, chosen, "")
        yield Done(_refusal(NOT_IN_ARCHIVE, asked, shown, stopwatch, next(iter(nearest), None), mismatches[0].text))
        return
    stopwatch.joined()
    with queue.join(asked.person) as ticket:
        for place in ticket.places(TOLD_EVERY):
            yield Waiting(place)
        stopwatch.begun()
        said = yield from _said(models, asked, chosen, stopwatch, settings)
    judged = judge_draft(models.pair, asked.question, chosen, *(said or ("", [], {})))
    if judged.supported and judged.right >= _threshold("right", settings.answers.answered):
        yield Done(_answer(asked, judged, shown, stopwatch))
    else:
        note = "" if said else NO_MODEL
        yield Done(replace(_without_answer(asked, judged, shown, stopwatch, settings), note=note))


def _read(store: Store, models: Models, asked: Asked, settings: Settings) -> list[ReadPassage]:
    """Return the passages found for a question, read and ranked.

    A question that may refer to the conversation is searched for alone and together with the conversation's subject;
    the ranking whose first passage scores higher is returned. On follow_dev that is right for 35 of 35, as the subject
    always is; of 88 questions on something else it is right for 77, the subject for 56.
    """
    texts = [asked.question, *([f"{asked.along} {asked.question}"] if asked.along else [])]
    searches = [(text, asked.where) for text in texts]
    found = search(store, models.embedder, searches, settings.answers.passages, settings.retrieval)
    rankings = [rerank(read_passages(models.pair, asked.question, passages)) for passages in found]
    return max(rankings, key=lambda read: read[0].passage.score if read else -math.inf)


def _said(
    models: Models, asked: Asked, chosen: Sequence[ReadPassage], stopwatch: Stopwatch, settings: Settings
) -> Steps[Event, None, tuple[str, Sequence[Verdict], Mapping[str, float]] | None]:
    """The language model's draft, the verdicts of its sentences, and its self-check; None where the model fails."""
    try:
        model = models.generator()
        most = characters(settings, model)
        prompt = context([one.passage for one in chosen], most)
        draft = yield from drafted(model, asked.question, prompt, stopwatch, settings.generator.max_tokens)
        if not draft and stopwatch.over:
            return None
        yield Token("")
        thinks = self_check(model, asked.question, prompt, draft)
        verdicts = draft_verdicts(models.pair, draft, _articles(chosen), partial(attest, model, most))
    except Exception as error:
        model_failed(error)
        return None
    return draft, verdicts, thinks


def with_snapshot(snapshot: str, events: Iterable[Event]) -> Iterator[Event]:
    """The events; the answer names the state of the archive that was read."""
    for event in events:
        yield Done(replace(event.answer, snapshot=snapshot)) if isinstance(event, Done) else event


def _threshold(name: str, configured: float | None) -> float:
    return regression(name).threshold if configured is None else configured


def _chosen(question: str, read: Sequence[ReadPassage]) -> list[ReadPassage]:
    """The passages of the best article, and of the next one where several things are asked: what the model reads."""
    found = list(dict.fromkeys(one.passage.article.id for one in read))
    articles = found[: 2 if asks_for_several(question) else 1]
    return [one for one in read if one.passage.article.id in articles]


def _scope_mismatches(question: str, chosen: Sequence[ReadPassage]) -> list[Claim]:
    body = Body.of(_articles(chosen))
    return scope_mismatches(question, body.statements(range(len(body.texts))), body.context)


def _articles(chosen: Sequence[ReadPassage]) -> list[Article]:
    return list({one.passage.article.id: one.passage.article for one in chosen}.values())


def _without_answer(
    asked: Asked, judged: JudgedDraft, shown: Sequence[Passage], stopwatch: Stopwatch, settings: Settings
) -> Answer:
    """The newspaper's own words where it is likely that they tell it, else a refusal with what comes nearest."""
    stated = regression("stated").probability(judged.signals) >= _threshold("stated", settings.answers.quoted)
    if stated and judged.quotes:
        made = _quotation(asked, judged.quotes[:1] if asked.is_part else together(judged.quotes), shown, stopwatch)
    else:
        made = _refusal(NOT_IN_ARCHIVE, asked, shown, stopwatch, next(iter(judged.quotes), None))
    return replace(made, draft=judged.said, confidence=judged.right, signals=judged.signals)


def _answer(asked: Asked, judged: JudgedDraft, shown: Sequence[Passage], stopwatch: Stopwatch) -> Answer:
    numbered = Numbered(shown)
    told = tuple(Sentence(v.sentence, numbered.numbers(v.citations), v) for v in judged.verdicts)
    text = "".join(marked(sentence) for sentence in told)
    made = _made(asked, shown, stopwatch, text=text, kind="answered", sentences=told, citations=tuple(numbered.found))
    return replace(made, confidence=judged.right, signals=judged.signals)


def _quotation(asked: Asked, quotes: Sequence[Quoted], shown: Sequence[Passage], stopwatch: Stopwatch) -> Answer:
    """The newspaper's own words, said to be that."""
    stopwatch.token()  # the first words for the reader, where time was up before the model said any
    numbered = Numbered(shown)
    told = [_quoted_sentence(quote, numbered) for quote in quotes]
    text = "报纸原文：" + "".join(map(quoted, told))
    return _made(
        asked, shown, stopwatch, text=text, kind="quoted", sentences=tuple(told), citations=tuple(numbered.found)
    )


def _quoted_sentence(quote: Quoted, numbered: Numbered) -> Sentence:
    own = citation(1, quote.article, quote.span)
    return Sentence(quote.text, numbered.numbers([own]), Verdict(quote.text, True, (), (own,), 1.0))


def _signed(asked: Asked, shown: Sequence[Passage], stopwatch: Stopwatch) -> Answer:
    """Who reported the best article, cited to its text."""
    article = shown[0].article
    title = f"《{article.title}》：" if article.title else ""
    own = citation(1, article, sentences(article.body)[0])
    told = Sentence(f"{title}{article.signature}。", (1,), Verdict(article.signature, True, (), (own,), 1.0))
    return _made(asked, shown, stopwatch, text=marked(told), kind="answered", sentences=(told,), citations=(own,))


def _refusal(
    reason: str,
    asked: Asked,
    shown: Sequence[Passage],
    stopwatch: Stopwatch,
    nearest: Quoted | None = None,
    mismatch: str = "",
) -> Answer:
    """Nothing found, or something that does not answer: then the nearest of it is quoted and cited.

    Args:
        mismatch: what the question limits itself to, where the newspaper writes of another.
    """
    text = "馆藏的报纸里没有查到与这个问题有关的报道。"
    if reason == NOT_IN_ARCHIVE:
        missing = f"“{mismatch}”" if mismatch else "这个问题的答案"
        text = f"馆藏的报纸里有相关的报道，但没有写到{missing}。"
    numbered = Numbered(shown)
    told: tuple[Sentence, ...] = ()
    if nearest:
        told = (_quoted_sentence(nearest, numbered),)
        text += f"最接近的是：{marked(told[0])}"
    return _made(
        asked,
        shown,
        stopwatch,
        text=text,
        kind="refused",
        reason=reason,
        sentences=told,
        citations=tuple(numbered.found),
    )


def outside(store: Store, asked: Asked, stopwatch: Stopwatch) -> Answer:
    """No newspaper is held where the question looks: what is held, and the nearest issues."""
    text = f"馆藏里没有所问的报纸。{holdings(store, asked.where)}。"
    return _made(asked, (), stopwatch, text=text, kind="refused", reason=OUTSIDE)


def _made(asked: Asked, shown: Sequence[Passage], stopwatch: Stopwatch, **parts: object) -> Answer:
    return Answer(
        passages=tuple(shown),
        timings=stopwatch.timings(),
        question=asked.question,
        narrowing=asked.narrowing,
        **parts,  # type: ignore[arg-type]
    )
