"""Judges a sentence against newspaper articles: the same check for answers and manuscripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from index.article import Article, Span
from index.models.pair import PairModel, Reading
from index.text.passages import sentences
from rag.results import Citation, Passage, Verdict, printed_date

from .claims import Claim, Statement, alternatives, bare, claims, stated, statement
from .evidence import evidence, select
from .fitted import clipped, regression

Attest = Callable[[str, Sequence[Article]], Mapping[str, float]]
"""Returns further signals for the verdict on a claim, given articles to compare it with."""

_FLAGGED = 0.0  # logit above which the model says that a character is not supported
_MOST_CITED = 3
_MOST_TOLD = 3  # alternatives listed in a reason
_SHORTEST_QUOTE = 4  # characters; shorter ones may occur in any text


@dataclass(frozen=True)
class Body:
    """The sentences of one or several articles with their places; each article's headline is its first sentence."""

    articles: tuple[Article, ...]
    texts: tuple[str, ...]
    places: tuple[tuple[int, Span | None], ...]  # article and span; None for a headline
    context: str

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Body:
        """Return the sentences of ``articles``, each article's headline first."""
        parts = [_sentences(article) for article in articles]
        texts = tuple(text for part in parts for text, _ in part)
        places = tuple((number, span) for number, part in enumerate(parts) for _, span in part)
        context = "|".join(bare(f"{a.paper}{a.heading}{a.signature}{a.section}{a.body}") for a in articles)
        return cls(tuple(articles), texts, places, context)

    def statements(self, chosen: Sequence[int]) -> list[Statement]:
        """Return what the chosen sentences and the headlines and dates of their articles state."""
        found = [statement(self.texts[place], self.articles[self.places[place][0]].date) for place in chosen]
        heads = {self.places[place][0] for place in chosen}
        dated = (self.articles[number] for number in heads)
        return found + [statement(f"{a.heading} {printed_date(a.date)}", a.date) for a in dated]


@lru_cache(maxsize=512)
def _sentences(article: Article) -> tuple[tuple[str, Span | None], ...]:
    head = [(f"{article.heading}。", None)] if article.heading else []
    body = article.body
    return (*head, *((body[span.start : span.end], span) for span in sentences(body)))


@dataclass(frozen=True)
class Judgement:
    """A sentence compared with a body: the evidence, the missing claims, and the signals of the verdict."""

    body: Body
    chosen: tuple[int, ...]
    reading: Reading
    missing: tuple[Claim, ...]
    signals: Mapping[str, float]

    @property
    def printed(self) -> bool:
        """Whether every exact claim of the sentence (figures in digits, days, titles, quotations) is printed."""
        return not any(claim.exact for claim in self.missing)

    @property
    def probability(self) -> float:
        """The probability that the newspaper supports the sentence."""
        return regression("verdict").probability(self.signals)


def check(model: PairModel, sentence: str, articles: Sequence[Article], attest: Attest | None = None) -> Verdict:
    """Check whether the sentence is supported by one of the articles, or by two or three of them together.

    Args:
        attest: the language model's judgement; only called if all exact claims are printed.
    """
    verbatim = _printed_verbatim(sentence, articles)
    if verbatim:
        return Verdict(sentence, True, (), (verbatim,), 1.0)
    best = judge(model, sentence, articles)
    if best is None:
        return Verdict(sentence, False, ("馆藏的报纸没有写到这件事",))
    if attest and best.printed:
        best = replace(best, signals={**best.signals, **attest(sentence, best.body.articles)})
    supported = best.printed and best.probability >= regression("verdict").threshold
    reasons = () if supported else tuple(_reasons(sentence, best))
    return Verdict(sentence, supported, reasons, _citations(best), best.probability)


def judge(model: PairModel, sentence: str, articles: Sequence[Article]) -> Judgement | None:
    """Compare the sentence with each article, and with two or three together; return the best judgement.

    The result is None if the articles have no text.
    """
    groups = [[article] for article in articles]
    if 1 < len(articles) <= 3:
        groups.append(list(articles))
    bodies = [body for body in map(Body.of, groups) if body.texts]
    chosen = [tuple(select(sentence, body.texts)) for body in bodies]
    readings = model.read([(sentence, evidence(sentence, body.texts)) for body in bodies])
    own = claims(sentence)
    judged = (_judged(own, *one) for one in zip(bodies, chosen, readings, strict=True))
    return max(judged, key=lambda one: (one.printed, one.probability), default=None)


def _judged(own: Sequence[Claim], body: Body, chosen: tuple[int, ...], reading: Reading) -> Judgement:
    known = body.statements(range(len(body.texts)))
    missing = tuple(claim for claim in own if not stated(claim, known, body.context))
    return Judgement(body, chosen, reading, missing, {"flag": clipped(float(max(reading.flags, default=0.0)))})


def _printed_verbatim(sentence: str, articles: Sequence[Article]) -> Citation | None:
    """The newspaper sentence that contains the sentence verbatim, if there is one."""
    plain = bare(sentence)
    if len(plain) < _SHORTEST_QUOTE:
        return None
    for article in articles:
        for text, span in _sentences(article):
            if span and plain in bare(text):
                return citation(1, article, span)
    return None


def citation(number: int, article: Article, span: Span) -> Citation:
    """Return a citation of a span of an article's body."""
    text = article.body[span.start : span.end]
    return Citation(number, text, span.start, span.end, Passage(text, 0.0, span.start, span.end, article))


def _citations(judged: Judgement) -> tuple[Citation, ...]:
    """The sentences that state it, best first; if only a headline does, the article's first sentence."""
    found: list[Citation] = []
    for place in judged.chosen[:_MOST_CITED]:
        number, span = judged.body.places[place]
        article = judged.body.articles[number]
        if span is not None:
            found.append(citation(len(found) + 1, article, span))
    if not found and judged.chosen:
        article = judged.body.articles[judged.body.places[judged.chosen[0]][0]]
        found = [citation(1, article, span) for _, span in _sentences(article) if span][:1]
    return tuple(found)


def _reasons(sentence: str, judged: Judgement) -> list[str]:
    """The reasons: what is not supported and what the newspaper says instead."""
    known = judged.body.statements(judged.chosen)
    reasons = []
    for claim in judged.missing:
        instead = alternatives(claim, known)[:_MOST_TOLD]
        told = f"；报纸写的是{'、'.join(instead)}" if instead else ""
        reasons.append(f"报纸没有写“{claim.text}”{told}")
    flagged = [words for words in _flagged(sentence, judged.reading) if not any(words in reason for reason in reasons)]
    if flagged:
        reasons.append(f"报纸的写法与“{'”“'.join(flagged)}”不符")
    return reasons or ["报纸的写法与这句话不一致，或没有写到"]


def _flagged(sentence: str, reading: Reading) -> list[str]:
    """The parts of the sentence that the model finds unsupported."""
    runs = groupby(range(min(len(sentence), len(reading.flags))), key=lambda place: reading.flags[place] > _FLAGGED)
    found = ("".join(sentence[place] for place in run) for flagged, run in runs if flagged)
    return [words for words in found if bare(words)][:_MOST_TOLD]
