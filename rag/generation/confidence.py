"""How sure it is that a draft answers the question, and that the newspaper tells it at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.generation.quoting import Quoted
from rag.query.answer_type import answer_type
from rag.results import Verdict
from rag.verification.evidence import pieces

_MANY = 12  # pieces, from which a draft says as much as any


def signals(question: str, draft: str, verdicts: Sequence[Verdict], quotes: Sequence[Quoted]) -> Mapping[str, float]:
    """What the regressions ``right`` and ``told`` of fitted.json read, beside the self-check.

    Args:
        verdicts: of the draft's sentences.
        quotes: what could be quoted in its place, best first.
    """
    new = pieces(draft) - pieces(question)
    return {
        "verdict": min((verdict.probability for verdict in verdicts), default=0.0),
        "new": min(len(new), _MANY) / _MANY,
        "quoted": quotes[0].score if quotes else 0.0,
        "reason": float(answer_type(question) == "reason"),
    }
