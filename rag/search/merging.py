"""Applies people's merging and hiding of names to queries and counts."""

from __future__ import annotations

from collections.abc import Sequence

from index.overlay.names import KINDS, NameEdits
from index.search.expression import And, Expression, Not, Or, Value
from index.search.searching import ArticleSearch


def with_merged_names(expression: Expression, edits: NameEdits) -> Expression:
    """Return the query with each complete name replaced by all names merged with it."""
    if not edits:
        return expression
    if isinstance(expression, And):
        return And(tuple(with_merged_names(part, edits) for part in expression.parts))
    if isinstance(expression, Or):
        return Or(tuple(with_merged_names(part, edits) for part in expression.parts))
    if isinstance(expression, Not):
        return Not(with_merged_names(expression.part, edits))
    if isinstance(expression, Value) and expression.kind in KINDS and len(expression.pieces) == 1:
        name = expression.pieces[0]
        group = edits.group(expression.kind, name) if isinstance(name, str) else ()
        if len(group) > 1:
            return Or(tuple(Value(expression.kind, (other,)) for other in group))
    return expression


def merged_counts(
    search: ArticleSearch,
    expression: Expression,
    names: Sequence[str],
    most: int,
    visible: Expression | None,
    edits: NameEdits | None,
) -> dict[str, dict[str, int]]:
    """Return facets as ``ArticleSearch.facets``, with merged names counted exactly as one and hidden ones left out."""
    if not edits:
        return search.facets(expression, names, most, visible)
    more = most + len(edits.into) + len(edits.hidden)
    counts = search.facets(expression, names, more, visible)
    for kind in (kind for kind in KINDS if kind in counts):
        held = {name: count for name, count in counts[kind].items() if (kind, name) not in edits.hidden}
        for group in edits.groups(kind):
            for name in group:
                held.pop(name, None)
            anyone = Or(tuple(Value(kind, (name,)) for name in group))  # type: ignore[arg-type]
            if (kind, group[0]) not in edits.hidden and (count := search.count(And((expression, anyone)), visible)):
                held[group[0]] = count
        counts[kind] = dict(sorted(held.items(), key=lambda entry: (-entry[1], entry[0])))
    return {name: dict(list(held.items())[:most]) for name, held in counts.items()}
