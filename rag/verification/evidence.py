"""The few sentences of an article that a statement is held against."""

from __future__ import annotations

import re
from collections.abc import Sequence

BUDGET = 190  # characters of evidence beside a statement, as the pair model was trained
_MOST = 5  # sentences
_LEAD = 60  # characters of the article's first sentence, which names what the others call 公司 or 他
_OVER = 1.3  # of the budget, that a sentence may reach
_AGAIN = 0.25  # worth of a pair of characters that is covered already
_NO_WORD = re.compile(r"[\W_]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def pieces(text: str) -> set[str]:
    """Neighbouring pairs of characters, and whole numbers."""
    plain = _NO_WORD.sub("", text)
    return {plain[place : place + 2] for place in range(len(plain) - 1)} | set(_NUMBER.findall(text))


def select(statement: str, body: Sequence[str], budget: int = BUDGET) -> list[int]:
    """Places in ``body`` of the sentences that share most with ``statement``, in the order in which they were chosen.

    Greedy: each next one adds most of what the statement shares with the body and is not covered yet; a piece is worth
    more the fewer sentences hold it.
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
    """Those sentences in the article's order, after the article's beginning where that is not among them."""
    chosen = sorted(select(statement, body, budget))
    text = "".join(body[place] for place in chosen)
    return text if 0 in chosen or not body else f"{body[0][:_LEAD]}\n{text}"
