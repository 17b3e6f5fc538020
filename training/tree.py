"""Prompts about one text as a tree of tokens: what several begin with is read once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Tree:
    """Token sequences joined where they begin alike.

    ``tokens``, ``places``: of each node; its place is how many tokens come before it in its sequences.
    """

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.places: list[int] = []
        self._before: list[int] = []  # -1: the first of a sequence
        self._after: dict[tuple[int, int], int] = {}

    def add(self, tokens: Sequence[int]) -> list[int]:
        """The nodes of a sequence, in order."""
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
        """Which nodes each one sees, (nodes, nodes): itself and those before it in its sequences."""
        seen = np.eye(len(self.tokens), dtype=bool)
        for node, before in enumerate(self._before):
            if before >= 0:
                seen[node] |= seen[before]
        return seen
