"""Prompts about one text as a prefix tree of tokens, so that common prefixes are read once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Tree:
    """Token sequences that share common prefixes.

    ``tokens`` and ``places`` have an entry for each node; its place is the number of tokens before it in its sequences.
    """

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.places: list[int] = []
        self._before: list[int] = []  # -1 for the first token of a sequence
        self._after: dict[tuple[int, int], int] = {}

    def add(self, tokens: Sequence[int]) -> list[int]:
        """Add a sequence and return its nodes, in order."""
        nodes: list[int] = []
        for place, token in enumerate(tokens):
            at = nodes[-1] if nodes else -1
            if (at, token) not in self._after:
                self._after[at, token] = len(self.tokens)
                self.tokens.append(token)
                self.places.append(place)
                self._before.append(at)
            nodes.append(self._after[at, token])
        return nodes

    def attention(self) -> NDArray[np.bool_]:
        """Return the attention mask (nodes, nodes): each node sees itself and those before it in its sequences."""
        seen = np.eye(len(self.tokens), dtype=bool)
        for node, before in enumerate(self._before):
            if before >= 0:
                seen[node] |= seen[before]
        return seen
