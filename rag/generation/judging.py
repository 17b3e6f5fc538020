"""Judges a draft: whether it is supported, whether it is the answer, and what could be quoted instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.article import Article
from index.models.pair import PairModel
from index.text.passages import sentences
from rag.results import Sentence, Verdict
from rag.retrieval.reranking import ReadPassage
from rag.verification.checker import Attest, check
from rag.verification.fitted import regression

from .quoting import Quoted, best_quotes


@dataclass(frozen=True)
class JudgedDraft:
    """A draft with the verdicts of its sentences, possible quotations, and the signals of its quality."""

    draft: str
    verdicts: Sequence[Verdict]
    quotes: Sequence[Quoted]
    signals: Mapping[str, float]

    @property
    def supported(self) -> bool:
        """Whether the newspaper supports every sentence."""
        return bool(self.verdicts) and all(verdict.supported for verdict in self.verdicts)

    @property
    def right(self) -> float:
        """The probability that the draft is the answer to the question."""
        return regression("right").probability(self.signals)

    @property
    def said(self) -> Sentence | None:
        """The draft with the verdict of its least supported sentence."""
        least = min(self.verdicts, key=lambda verdict: verdict.probability, default=None)
        return Sentence(self.draft, (), least) if least else None


def draft_verdicts(pair: PairModel, draft: str, articles: Sequence[Article], attest: Attest) -> list[Verdict]:
    """Return the verdict of each sentence of a draft, as ``Archive.check`` does."""
    return [check(pair, draft[span.start : span.end], articles, attest) for span in sentences(draft)]


def judge_draft(
    pair: PairModel,
    question: str,
    chosen: Sequence[ReadPassage],
    draft: str,
    verdicts: Sequence[Verdict],
    thinks: Mapping[str, float],
) -> JudgedDraft:
    """Judge a draft.

    Args:
        chosen: the passages that the model read.
        thinks: the model's own judgement of the draft, by the self-check's name.
    """
    quotes = best_quotes(pair, question, chosen, draft)
    verdict = min((verdict.probability for verdict in verdicts), default=0.0)
    quoted = quotes[0].score if quotes else 0.0
    return JudgedDraft(draft, verdicts, quotes, {"verdict": verdict, "quoted": quoted, **thinks})
