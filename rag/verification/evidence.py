"""Selects the few sentences of an article that a statement is compared with."""

from __future__ import annotations

import re
from collections.abc import Sequence

BUDGET = 190  # characters of evidence for a statement, as in the pair model's training
_MOST = 5  # sentences
_LEAD = 60  # characters of the article's first sentence, which names what others call 公司 or 他
_OVER = 1.3  # factor of the budget that a sentence may reach
_AGAIN = 0.25  # weight of a piece that is already covered
_NO_WORD = re.compile(r"[\W_]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def pieces(text: str) -> set[str]:
    """Return the character bigrams and the numbers of a text."""
    plain = _NO_WORD.sub("", text)
    return {plain[place : place + 2] for place in range(len(plain) - 1)} | set(_NUMBER.findall(text))


def select(statement: str, body: Sequence[str], budget: int = BUDGET) -> list[int]:
    """Return the indices of the sentences in ``body`` that share most with ``statement``, in the order chosen.

    The choice is greedy: each sentence adds as many uncovered pieces of the statement as possible. The fewer sentences
    contain a piece, the more it weighs.
    """
    wanted = pieces(statement)
    shared = [pieces(sentence) & wanted for sentence in body]
    counts: dict[str, int] = {}
    for own in shared:
        for piece in own:
            counts[piece] = counts.get(piece, 0) + 1
    left, used = set(wanted), 0
    chosen: list[int] = []
    while used < budget and len(chosen) < _MOST:
        best, gain = -1, 0.0
        for place, own in enumerate(shared):
            if place not in chosen:
                score = sum((1.0 if piece in left else _AGAIN) / counts[piece] ** 0.5 for piece in own)
                if score > gain:
                    best, gain = place, score
        if best < 0:
            break
        if chosen and used + len(body[best]) > budget * _OVER:
            shared[best] = set()
            continue
        chosen.append(best)
        used += len(body[best])
        left -= shared[best]
    return chosen


def evidence(statement: str, body: Sequence[str], budget: int = BUDGET) -> str:
    """Return the selected sentences in the article's order, after its beginning if that was not selected."""
    chosen = sorted(select(statement, body, budget))
    text = "".join(body[place] for place in chosen)
    return text if 0 in chosen or not body else f"{body[0][:_LEAD]}\n{text}"
