"""One name for a folder of newspapers, whatever command, working folder or link leads to it.

A file is cited by its folder's name in the archive and its own name. The archive remembers the location of each folder,
so that ``add issues/2025-04-18`` finds the pages that ``build issues`` named ``issues/2025-04-18/01.md``. If it does
not know it (in an archive of an earlier version, or if folders were moved), the last parts of a folder's path are used.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from index.sources import File

ELSEWHERE = b"?"  # location of a file with a similar name that belongs to another newspaper


@dataclass
class Named:
    """Files with their names in the archive.

    ``aliases``: a file's name → other names under which the archive seems to contain the same file.
    """

    files: list[File] = field(default_factory=list)
    aliases: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class _Place:
    """A folder of this build: its location, the path by which it was reached, and its name in the command."""

    real: str
    path: str
    natural: str


def name_files(files: Iterable[File], held: Mapping[str, Collection[bytes | None]], *, keep_others: bool) -> Named:
    """Give each file its existing or new name in the archive.

    Args:
        files: with the names that the command gives them.
        held: the archive's folders → their locations; None if unknown.
        keep_others: keep existing names; otherwise, a longer name given by the command replaces them.
    """
    files = list(files)
    places: dict[str, _Place] = {}
    reals = {folder: os.path.realpath(folder) for folder in {file.folder for file in files}}
    for file in files:
        natural = file.source.rpartition("/")[0]
        place = places.setdefault(reals[file.folder], _Place(reals[file.folder], file.folder, natural))
        if len(natural) > len(place.natural):
            place.natural = natural
    names = _Names(held, places.values(), keep_others=keep_others)
    result = Named()
    for file in files:
        name, *others = names.of[reals[file.folder]]
        named = replace(file, source=prefixed(name, file.name))
        result.files.append(named)
        if others:
            result.aliases[named.source] = [prefixed(other, file.name) for other in others]
    return result


def held_name(path: str, held: Mapping[str, Collection[bytes | None]]) -> str | None:
    """The name under which an archive contains the file at ``path``, or None."""
    folder, name = os.path.split(os.path.abspath(path))
    place = _Place(os.path.realpath(folder), folder, "")
    names = _Names(held, [place], keep_others=True).of[place.real]
    return prefixed(names[0], name) if names[0] else None


def prefixed(folder: str, name: str) -> str:
    """A file's name prefixed with a folder's name, which may be empty."""
    return f"{folder}/{name}" if folder else name


class _Names:
    """``of``: a folder's location → its name, then its other names in the archive."""

    def __init__(
        self, held: Mapping[str, Collection[bytes | None]], places: Iterable[_Place], *, keep_others: bool
    ) -> None:
        self._held = held
        self._keep_others = keep_others
        self.of: dict[str, list[str]] = {}
        self._taken: set[str] = set()
        self._at: dict[bytes, list[str]] = {}
        for name, locations in held.items():
            for location in locations:
                if location is not None:
                    self._at.setdefault(location, []).append(name)
        places = list(places)
        self._here = {os.fsencode(place.real) for place in places}
        for place in sorted(places, key=lambda place: (os.fsencode(place.real) not in self._at, place.real)):
            self.of[place.real] = names = self._names(place)
            self._taken.add(names[0])

    def _names(self, place: _Place) -> list[str]:
        certain = [name for name in self._at.get(os.fsencode(place.real), ()) if name not in self._taken]
        likely = [name for name in _endings(place) if name not in certain and self._is_free(name)]
        known = sorted(certain, key=len, reverse=True) + likely
        best = known[0] if known else None
        if best is None or (not self._keep_others and place.natural.endswith(f"/{best}")):
            best = self._new(place)
        return [best, *(name for name in known if name != best)]

    def _is_free(self, name: str) -> bool:
        """Whether the archive has the name, and its folder's location is unknown or no longer exists."""
        if name in self._taken or name not in self._held:
            return False
        return all(location is None or not _exists(location) for location in self._held[name])

    def _new(self, place: _Place) -> str:
        """The command's name, extended by more of the path if another folder has that name."""
        longer = [name for name in _endings(place) if name.endswith(f"/{place.natural}")]
        candidates = [place.natural, *sorted(longer, key=len)]
        return next((name for name in candidates if not self._is_taken(name)), place.real)

    def _is_taken(self, name: str) -> bool:
        if name in self._taken:
            return True
        others = set(self._held.get(name, ())) - {None}
        return any(_exists(other) and (self._keep_others or other in self._here) for other in others if other)


def _exists(location: bytes) -> bool:
    return location == ELSEWHERE or os.path.isdir(location)


def _endings(place: _Place) -> list[str]:
    """The last parts of a folder's path, longest first: first as it was reached, then with links resolved."""
    return list(dict.fromkeys([*_parts(place.path), *_parts(place.real)]))


def _parts(path: str) -> Iterator[str]:
    parts = [part for part in path.replace(os.sep, "/").split("/") if part]
    return ("/".join(parts[start:]) for start in range(len(parts)))
