"""How sure it is that a draft answers the question, and that the newspaper tells it at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.models.pair import PairModel
from rag.generation.drafting import Draft
from rag.generation.quoting import Quoted
from rag.query.answer_type import answer_type
from rag.results import Verdict
from rag.retrieval.reranking import ReadPassage
from rag.verification.checker import Body
from rag.verification.evidence import evidence, pieces


def signals(
    model: PairModel,
    question: str,
    draft: Draft,
    read: Sequence[ReadPassage],
    verdicts: Sequence[Verdict],
    quotes: Sequence[Quoted],
) -> Mapping[str, float]:
    """What the regressions ``right`` and ``told`` of fitted.json read.

    Args:
        read: the passages that were read, best first; one at least.
        verdicts: of the draft's sentences.
        quotes: what could be quoted in its place, best first.
    """
    best = read[0].passage.article
    own = [one for one in read if one.passage.article.id == best.id]
    shown = evidence(f"{question}{draft.text}", Body.of([best]).texts)
    (told,) = model.read([(question, shown)])
    new = pieces(draft.text) - pieces(question)
    answers = [*(one.passage.text[slice(*one.answer)] for one in own), shown[told.start : told.end]]
    return {
        "verdict": min((verdict.probability for verdict in verdicts), default=0.0),
        "agreed": max((_held(answer, draft.text) for answer in answers), default=0.0),
        "new": min(len(new), _MANY) / _MANY,
        "sureness": max(-5.0, draft.sureness),
        "quoted": quotes[0].score if quotes else 0.0,
        "reason": float(answer_type(question) == "reason"),
    }


_MANY = 12  # pieces, from which a draft says as much as any


def _held(answer: str, draft: str) -> float:
    """The share of a likely answer that the draft says."""
    wanted = pieces(answer) or {answer}
    return sum(piece in draft for piece in wanted) / len(wanted) if answer else 0.0
