"""Decides who may do what in which archive; nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from starlette.types import Scope

from index.config import AccessSettings, ArchiveSettings

from ..requests.prefix import connection
from .keys import Key

Right = Literal["read", "add", "correct", "administer"]
EVERYBODY = "*"
USER, KEY = "baowen.user", "baowen.key"
STRANGER = "baowen.stranger"  # an unauthenticated client on a page that is open to everybody


class Rights:
    """Access rights according to the configuration.

    ``*`` is everybody who is let in, logged in or not; other names are groups, or else people. Administrators may do
    everything. A key may only read, in those of its archives that its person may read.

    Args:
        access: groups and administrators.
        archives: the archives by name; in an archive that is not among them, everybody may do all but administer.
    """

    def __init__(self, access: AccessSettings, archives: Mapping[str, ArchiveSettings]) -> None:
        self._groups = {group: frozenset(people) for group, people in access.groups.items()}
        self._administrators = access.administrators
        self._archives = archives

    def may(self, scope: Scope, right: Right, archive: str = "") -> bool:
        """Return whether the client of a request has a right."""
        key: Key | None = scope.get(KEY)
        if scope.get(STRANGER):
            return False
        if key is not None and (right != "read" or (key.archives and archive not in key.archives)):
            return False
        return self.person_may(user(scope), right, archive)

    def person_may(self, person: str, right: Right, archive: str = "") -> bool:
        """Return whether a person has a right; an empty name is somebody who is not logged in."""
        if person and self._is_among(person, self._administrators):
            return True
        if right == "administer":
            return False
        settings = self._archives.get(archive)
        if settings is None:
            return True
        correct = settings.add if settings.correct is None else settings.correct
        named = {"read": settings.read, "add": settings.add, "correct": correct}
        return self._is_among(person, settings.read) and self._is_among(person, named[right])

    def groups_of(self, person: str) -> list[str]:
        """Return the groups of a person."""
        return [group for group, people in self._groups.items() if person in people]

    def _is_among(self, person: str, named: tuple[str, ...]) -> bool:
        return any(
            name == EVERYBODY or (person and (person in self._groups[name] if name in self._groups else person == name))
            for name in named
        )


def may_add(rights: Rights, archive: str) -> Callable[[], bool]:
    """Return a function that says whether the client of the current request may add to an archive."""

    def allowed() -> bool:
        request = connection()
        return request is not None and rights.may(request.scope, "add", archive)

    return allowed


def user(scope: Scope) -> str:
    """Return the name of the person, however they logged in; empty if they did not."""
    return str(scope.get(USER) or (scope.get("session") or {}).get("user") or "")
