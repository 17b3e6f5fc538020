"""Names that people merged or hid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from index.errors import BaowenError
from index.text.folding import fold

from .log import Edit, Overlay

KINDS = ("person", "organisation", "place")
MERGED, HIDDEN = "merge name", "hide name"

NameKey = tuple[str, str]  # kind and folded name


@dataclass(frozen=True)
class NameEdits:
    """The corrections of names that are in force.

    ``into`` maps a name to the one it was merged into, which may have been merged in turn; ``hidden`` are not names.
    """

    into: dict[NameKey, str] = field(default_factory=dict)
    hidden: frozenset[NameKey] = frozenset()

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> NameEdits:
        """Replay the entries in force, in order; an entry that would create a cycle is skipped."""
        held = cls()
        hidden = set()
        for edit in edits:
            kind, name = edit.details["kind"], edit.details["name"]
            if edit.action == HIDDEN:
                hidden.add((kind, name))
            elif edit.action == MERGED and held.root(kind, edit.details["into"]) != name:
                held.into[kind, name] = edit.details["into"]
        return cls(held.into, frozenset(hidden))

    def __bool__(self) -> bool:
        return bool(self.into or self.hidden)

    def root(self, kind: str, name: str) -> str:
        """The name under which a name now appears."""
        while (kind, name) in self.into:
            name = self.into[kind, name]
        return name

    @cached_property
    def _groups(self) -> dict[NameKey, list[str]]:
        groups: dict[NameKey, list[str]] = {}
        for kind, name in sorted(self.into):
            groups.setdefault((kind, self.root(kind, name)), []).append(name)
        return groups

    def group(self, kind: str, name: str) -> tuple[str, ...]:
        """All names that were merged with ``name``, the main name first."""
        root = self.root(kind, name)
        return (root, *self._groups.get((kind, root), ()))

    def groups(self, kind: str) -> list[tuple[str, ...]]:
        """The groups of two or more merged names of a kind."""
        return [(root, *names) for (held, root), names in self._groups.items() if held == kind]


def read_names(overlay: Overlay) -> NameEdits:
    """The corrections of an archive's names that are in force."""
    return NameEdits.of(overlay.standing(MERGED, HIDDEN))


def merge(overlay: Overlay, who: str, kind: str, names: Sequence[str], into: str) -> list[Edit]:
    """Merge names into another one.

    Raises:
        BaowenError: there is no such kind, a name is empty, or the names are already merged that way.
    """
    target = _checked(kind, into)
    edits = []
    for name in (_checked(kind, name) for name in names):
        held = read_names(overlay)
        if held.root(kind, name) == held.root(kind, target):
            raise BaowenError(f"“{name}”和“{target}”已经是同一个名字 (already one name)")
        edits.append(overlay.add(who, MERGED, kind=kind, name=held.root(kind, name), into=target))
    return edits


def hide(overlay: Overlay, who: str, kind: str, name: str) -> Edit:
    """Hide something that was wrongly taken for a name of that kind.

    Raises:
        BaowenError: there is no such kind, or the name is empty.
    """
    return overlay.add(who, HIDDEN, kind=kind, name=_checked(kind, name))


def _checked(kind: str, name: str) -> str:
    if kind not in KINDS:
        raise BaowenError(f"没有 {kind} 这种名字 (no such kind)；可用 {'、'.join(KINDS)}")
    folded = fold(name)
    if not folded or len(folded) > 100:
        raise BaowenError("名字要有 1 到 100 个字 (1 to 100 characters)")
    return folded
