"""A tagger's output for Chinese text: tagged words, and the names of people, places, organisations and works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

NameKind = Literal["person", "place", "organisation", "title"]


@dataclass(frozen=True)
class Name:
    """A name as printed: ``text == source[start:end]``."""

    text: str
    start: int
    end: int
    kind: NameKind


class Word(NamedTuple):
    """A word of a text, ``text[start:end]``, and its tag in LAC's notation: PER, LOC, ORG, nw, nz, n, vn etc."""

    start: int
    end: int
    tag: str


class WordTagger(Protocol):
    """Any object that splits a text into tagged words."""

    def words(self, text: str) -> list[Word]:
        """All of ``text`` as words."""
        ...


class NameTagger(Protocol):
    """Any object that finds names."""

    def names(self, text: str) -> list[Name]:
        """The names in ``text`` in order, with at least two characters."""
        ...
