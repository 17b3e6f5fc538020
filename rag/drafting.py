"""What the model says to the evidence, as far as the newspaper supports it."""

from __future__ import annotations

import re
from collections.abc import Generator as Steps
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.passages import sentences
from index.words import folded, names, people, question_words

from . import evidence
from .admissible import no_evidence, planned, tells
from .citing import Citations, Quote, cite, quotes
from .clock import Clock
from .evidence import Evidence, Excerpt
from .generators import Generator, Message
from .kinds import asks_for_several, asks_who, dodges, left_out, with_whole_dates
from .prompting import messages
from .ranking import asks_when, bigrams, covered
from .results import Event, Sentence, Token
from .terms import plain_text

# The model was not asked to decline; when it does all the same, the answer is a refusal.
_DECLINES = re.compile(
    r"(?:资料|材料|文中|原文|信息|上述|报道)[^。]{0,12}(?:没有|未|并未|不包含|无法|不足)|^(?:抱歉|对不起|无法)"
)
_SEVERAL = 3
_ENDED = re.compile(r"[。！？!?\n]\s*$")
_IN_TITLE_OR_QUOTATION = re.compile(r"《[^》\n]{0,40}$|“[^”\n]{0,100}$")
_RUNS_ON = re.compile(r"(.{6,40}?)\1\1")  # a small model may say the same thing again and again
# From this share of the question's words on, a sentence of the newspaper may stand for an answer that failed the check.
_VERBATIM_COVERAGE = 0.6
_VERBATIM_LENGTH = 100
_HOME = "中国"  # which a Chinese newspaper need not name


@dataclass(frozen=True)
class Draft:
    """Sentences that are supported, what supports them, and what the model had read as it wrote them."""

    sentences: Sequence[Sentence]
    citations: Citations
    prompted: str

    @property
    def text(self) -> str:
        """The sentences together."""
        return "".join(sentence.text for sentence in self.sentences)

    @property
    def quoted(self) -> list[Quote]:
        """What supports them, in the order in which it is first cited."""
        return [Quote.of(citation) for citation in self.citations.found]

    @property
    def evidence(self) -> str:
        """What supports them, as the evidence of a prompt."""
        return _alone(self.quoted)


def drafted(
    model: Generator,
    question: str,
    weights: dict[str, float],
    read: Evidence,
    clock: Clock,
    most: int,
) -> Steps[Event, None, Draft | None]:
    """What the model says that is supported; if nothing, what it says to what is nearest to that; then the best."""
    best = quotes([read.best])[0]
    available = [*quotes(read.excerpts), best]
    prompted, written = evidence.as_prompt(read.excerpts), ""
    for again in (False, True):
        if again:
            prompted = _alone([_nearest(question, written, available, best)])
        written = yield from _said(model, messages(question, prompted), question, clock, most)
        if _DECLINES.search(written):
            return None
        citations = Citations()
        kept = _cited(question, written, available, citations)
        if kept:
            draft = Draft(kept, citations, prompted)
            return (yield from _in_full(model, question, draft, available, clock, most))
        yield Token("", restart=True)
    if not _may_stand(question, weights, best):
        return None
    citations = Citations()
    return Draft([citations.sentence(best.text, [best])], citations, _alone([best]))


def _nearest(question: str, written: str, available: Sequence[Quote], best: Quote) -> Quote:
    """The sentence that holds most of what a failed answer says beyond the question; the best one where it dodged."""
    if dodges(question, written):
        return best
    news = bigrams(folded(written)) - bigrams(folded(question))

    def held(quote: Quote) -> int:
        return sum(bigram in quote.plain for bigram in news)

    telling = (quote for quote in available if tells(question, quote.text, quote.passage))
    return max((best, *telling), key=held)


def _in_full(
    model: Generator, question: str, draft: Draft, available: Sequence[Quote], clock: Clock, most: int
) -> Steps[Event, None, Draft]:
    """The draft, or what the model says to few quotations alone.

    That is asked where the draft names one of several people whom its quotations name together, and where another
    sentence says more of who is asked for, names more of them, or reports when came what the draft has as planned.
    """
    closer = (
        _closer(question, draft, available)
        or _fuller(question, draft, available)
        or _reported(question, draft, available)
    )
    cited = closer or draft.quoted
    if not closer and not _left_out(question, draft, cited):
        return draft
    yield Token("", restart=True)
    prompted = _alone(cited)
    written = yield from _said(model, messages(question, prompted), question, clock, most)
    citations = Citations()
    again = Draft(_cited(question, written, cited, citations), citations, prompted)
    return draft if not again.sentences or _left_out(question, again, cited) else again


def _closer(question: str, draft: Draft, available: Sequence[Quote]) -> list[Quote]:
    """The sentence that says all that the one quotation says of a question who, and more, and names others.

    It is of the same article: of 「王芳出席。李敏、赵刚共同揭牌。」only the second tells who 揭牌.
    """
    if not asks_who(question) or len(draft.citations.found) != 1:
        return []
    (cited,), told = draft.quoted, draft.text
    said = _words_said(question, cited)
    closer = [
        quote
        for quote in available
        if quote.passage.article.id == cited.passage.article.id
        and said < _words_said(question, quote)
        and tells(question, quote.text, quote.passage)
        and not any(name in told for name in people(quote.text))
    ]
    return sorted(closer, key=lambda quote: len(_words_said(question, quote)))[-1:]


def _fuller(question: str, draft: Draft, available: Sequence[Quote]) -> list[Quote]:
    """The sentence, of any article, that says all that is quoted of a question who and names others with the one told.

    Of 「主演张丹饰陆溪云。」and「张丹、张昊领衔主演。」the second tells all of them.
    """
    if not asks_who(question):
        return []
    told = draft.text
    said = _all_said(question, draft.quoted)
    fuller = [
        quote
        for quote in available
        if said <= _words_said(question, quote)
        and not no_evidence(question, quote.text, quote.passage)
        and sum(name in told for name in {*people(quote.text)}) == 1
        and left_out(question, told, quote.text)
    ]
    return fuller[:1]


def _reported(question: str, draft: Draft, available: Sequence[Quote]) -> list[Quote]:
    """The sentence that reports the time asked for and says all of the question that is quoted, where that is a plan.

    「预计7月开馆」is the answer only as long as no article that is as new says「9月1日开馆」.
    """
    if not asks_when(question) or not all(planned(question, quote.text) for quote in draft.quoted):
        return []
    said = _all_said(question, draft.quoted)
    planned_on = max(quote.passage.article.date or "" for quote in draft.quoted)
    reports = [
        quote
        for quote in available
        if said <= _words_said(question, quote)
        and (quote.passage.article.date or "") >= planned_on
        and not planned(question, quote.text)
        and tells(question, quote.text, quote.passage)
    ]
    return reports[:1]


def _all_said(question: str, quoted: Sequence[Quote]) -> set[str]:
    return set().union(*(_words_said(question, quote) for quote in quoted))


def _words_said(question: str, quote: Quote) -> set[str]:
    text = plain_text(quote.text)
    return {word for word in question_words(question) if len(word) > 1 and word in text}


def _alone(cited: Sequence[Quote]) -> str:
    return evidence.as_prompt([Excerpt(quote.passage, (quote.span,)) for quote in cited])


def _left_out(question: str, draft: Draft, cited: Sequence[Quote]) -> set[str]:
    return {name for quote in cited for name in left_out(question, draft.text, quote.text)}


def _cited(question: str, written: str, available: Sequence[Quote], citations: Citations) -> list[Sentence]:
    """What of an answer is supported, its dates as full as they are printed; nothing where none of it answers."""
    cited = [q for q in available if not no_evidence(question, q.text, q.passage)]
    kept = cite(question, written, cited, citations)
    if all(dodges(question, sentence.text) for sentence in kept):
        return []
    if not asks_when(question):
        return kept
    quoted = {citation.number: citation.quote for citation in citations.found}
    return [replace(s, text=with_whole_dates(question, s.text, " ".join(quoted[n] for n in s.citations))) for s in kept]


def _said(model: Generator, chat: Sequence[Message], question: str, clock: Clock, most: int) -> Steps[Event, None, str]:
    """Stream what the model says, as far as an answer needs: a sentence, or some where several things are asked."""
    wanted = _SEVERAL if asks_for_several(question) else 1
    written = ""
    pieces = model.stream(chat, most)
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
        and tells(question, sentence.text, sentence.passage)
        and covered(weights, folded(sentence.text)) >= _VERBATIM_COVERAGE
        and all(name in sentence.context for name in names(question) if name != _HOME)
    )
