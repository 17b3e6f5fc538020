"""Finds the reprints of a report and compares them with it side by side."""

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
from .threads import REPRINT, candidates, report_fields, require_article

Change = Literal["equal", "replace", "delete", "insert"]
_PIECE = re.compile(r"[A-Za-z0-9.,%]+|[^。！？；，、\n]{1,12}?[。！？；，、\n]|.", re.DOTALL)


@dataclass(frozen=True)
class Stretch:
    """Corresponding spans of two texts, ``left`` and ``right``, and whether they are equal or how they differ."""

    change: Change
    left: tuple[int, int]
    right: tuple[int, int]


@dataclass(frozen=True)
class Reprint:
    """A report that reprints a text, the share of the text that is the same, and the differences."""

    article: Article
    same: float
    stretches: tuple[Stretch, ...]

    def as_dict(self, left: Article) -> JsonObject:
        """Return the reprint as JSON values; ``left`` is the original report."""
        pieces = [
            {"change": s.change, "left": left.body[slice(*s.left)], "right": self.article.body[slice(*s.right)]}
            for s in self.stretches
        ]
        return report_fields(self.article) | {"same": round(self.same, 3), "pieces": pieces}


def reprints(store: Store, identity: str, least: float = REPRINT, visible: Expression | None = None) -> list[Reprint]:
    """Return the reports that reprint a report's text, unchanged or with changes, the most similar first.

    Args:
        store: the archive's snapshot.
        identity: the report's id.
        least: the least overlap of the two texts' shingles.
        visible: the articles that the reader may see; None: all.

    Raises:
        BaowenError: there is no such report.
    """
    article = require_article(store, identity)
    own = Profile.of(article, store.search.numbers_of([identity])[0], store)
    text = shingles(article.body)
    found = []
    for candidate in candidates(store, own, Filter(), visible):
        other = candidate.article
        same = overlap(text, shingles(other.body))
        if other.id != identity and same >= least:
            found.append(Reprint(other, same, tuple(differences(article.body, other.body))))
    return sorted(found, key=lambda reprint: (-reprint.same, reprint.article.date or ""))


def differences(left: str, right: str) -> list[Stretch]:
    """Return the equal and different spans of two texts; together they cover both texts completely."""
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
