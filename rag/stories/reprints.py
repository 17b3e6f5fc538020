"""Reprints of a report, and what they change, side by side."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from index.article import Article
from index.reading.articles.reprints import overlap, shingles
from index.search.expression import Expression
from index.storage.store import Filter, Store
from index.types import JsonObject

from .likeness import Profile
from .threads import REPRINT, candidates, place, require

Change = Literal["equal", "replace", "delete", "insert"]
_PIECE = re.compile(r"[A-Za-z0-9.,%]+|[^。！？；，、\n]{1,12}?[。！？；，、\n]|.", re.DOTALL)


@dataclass(frozen=True)
class Stretch:
    """A stretch of two texts: ``left[start:end]`` stands where the other has ``right[start:end]``, equal or changed."""

    change: Change
    left: tuple[int, int]
    right: tuple[int, int]


@dataclass(frozen=True)
class Reprint:
    """A report with the same text, how much of it (of 1) is the same, and where the two differ."""

    article: Article
    same: float
    stretches: tuple[Stretch, ...]

    def as_dict(self, left: Article) -> JsonObject:
        """As JSON values; ``left``: the report asked about."""
        pieces = [
            {"change": s.change, "left": left.body[slice(*s.left)], "right": self.article.body[slice(*s.right)]}
            for s in self.stretches
        ]
        return place(self.article) | {"same": round(self.same, 3), "pieces": pieces}


def reprints(store: Store, identity: str, least: float = REPRINT, visible: Expression | None = None) -> list[Reprint]:
    """The reports that print a report's text again, in whole or with changes, the most alike first.

    Args:
        store: the archive's state.
        identity: the report's id.
        least: how much of the two texts' shingles must be the same.
        visible: which articles whoever asks may see; None: all.

    Raises:
        BaowenError: there is no such report.
    """
    article = require(store, identity)
    own = Profile.of(article, store.search.numbers_of([identity])[0], store)
    text = shingles(article.body)
    found = []
    for _, other in candidates(store, own, Filter(), visible):
        same = overlap(text, shingles(other.body))
        if other.id != identity and same >= least:
            found.append(Reprint(other, same, tuple(differences(article.body, other.body))))
    return sorted(found, key=lambda reprint: (-reprint.same, reprint.article.date or ""))


def differences(left: str, right: str) -> list[Stretch]:
    """Where two texts are equal and where not; the stretches cover both from beginning to end."""
    a, b = _PIECE.findall(left), _PIECE.findall(right)
    starts = [_starts(a), _starts(b)]
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return [
        Stretch(change, (starts[0][i1], starts[0][i2]), (starts[1][j1], starts[1][j2]))
        for change, i1, i2, j1, j2 in matcher.get_opcodes()
    ]


def _starts(pieces: list[str]) -> list[int]:
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    return starts
