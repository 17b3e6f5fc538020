"""What a tagger says of Chinese text: its words with their tags, and its people, places, organisations and titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

NameKind = Literal["person", "place", "organisation", "title"]


@dataclass(frozen=True)
class Name:
    """A name as it is printed: ``text == source[start:end]``."""

    text: str
    start: int
    end: int
    kind: NameKind


class Word(NamedTuple):
    """A word of a text, ``text[start:end]``, with its tag in LAC's letters: PER, LOC, ORG, nw, nz, n, vn and others."""

    start: int
    end: int
    tag: str


class WordTagger(Protocol):
    """Anything that cuts a text into tagged words."""

    def words(self, text: str) -> list[Word]:
        """All of ``text``, cut into words."""
        ...


class NameTagger(Protocol):
    """Anything that finds names."""

    def names(self, text: str) -> list[Name]:
        """The names of ``text`` in order, of two characters or more."""
        ...
