"""Chinese text as words for the lexical retriever; the same function splits indexed text and questions."""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from .folding import folded

if TYPE_CHECKING:
    import jieba as jieba_module

_PEOPLE = frozenset(("nr", "nrt", "nrfg"))
_NAMES = _PEOPLE | {"ns", "nt"}
_NAMELESS = "vmtpcuryfq"  # first letters of tags for verbs, numerals, times, particles …
_WORD = re.compile(r"[\w%]+")
_OBEYED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))  # control, format, lone surrogates, line and paragraph separators
_SINGLE = re.compile(r"[\u4e00-\u9fff]")

# Words that ask instead of naming something: they are dropped from questions, never from articles.
QUESTION_WORDS = frozenset(
    resources.files(__package__).joinpath("question_words.txt").read_text(encoding="utf-8").split()
)


@cache
def _jieba() -> jieba_module:
    import tempfile

    import jieba

    jieba.setLogLevel(logging.WARNING)
    folder = Path(tempfile.gettempdir()) / f"baowen-jieba-{_user()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    jieba.dt.tmp_dir = str(folder)
    jieba.initialize()
    return jieba


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "user"


def visible(text: str) -> str:
    """``text`` without control and format characters but newlines, so that nothing is hidden or controls a terminal."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf"))


def harmless(text: str) -> str:
    r"""``text`` in one line that is safe to print in a terminal: a newline becomes ``\n``, an escape ``\x1b``.

    A byte in a file name that is not UTF-8 (a lone surrogate in Python) becomes ``\xff``.
    """
    return "".join(_escaped(c) if unicodedata.category(c) in _OBEYED else c for c in text)


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def cut(text: str, *, guess: bool = True) -> list[str]:
    """All of ``text`` as words that can be joined to the text; ``guess``: also find words not in the dictionary."""
    return list(_jieba().cut(text, HMM=guess))


def words(text: str) -> list[str]:
    """Words of ``text`` in order, without punctuation; long words are followed by the shorter words inside them.

    If jieba finds only single characters (三停一休, a rare name), each pair of adjacent characters is also a word.
    """
    found: list[str] = []
    before = ""
    for word in _jieba().cut_for_search(folded(text)):
        single = word if _SINGLE.fullmatch(word) else ""
        if before and single:
            found.append(before + single)
        before = single
        if _WORD.fullmatch(word):
            found.append(word)
    return found


@lru_cache(maxsize=4096)
def question_words(question: str) -> tuple[str, ...]:
    """The distinct naming words of a question, in order."""
    return tuple(dict.fromkeys(word for word in words(question) if word not in QUESTION_WORDS))


@lru_cache(maxsize=256)  # a sentence is examined for names, people and places
def tagged(text: str) -> tuple[tuple[str, str], ...]:
    """Words of ``text`` with their parts of speech in jieba's notation, without punctuation."""
    _jieba()
    import jieba.posseg

    return tuple((word, tag) for word, tag in jieba.posseg.cut(folded(text)) if tag != "x")


def rarity(word: str) -> float:
    """How rare a word is in general text: minus the logarithm of its share; largest for words unknown to jieba."""
    counts = _jieba().dt
    return math.log(counts.total / max(1, counts.FREQ.get(word) or 1))


def naming_words(text: str, *, adverbs: bool) -> list[str]:
    """Words of at least two characters in ``text`` that may name something, as rare names get many different tags.

    ``adverbs``: include adverbs, which rarely are names.
    """
    nameless = _NAMELESS if adverbs else f"{_NAMELESS}d"
    return [word for word, tag in tagged(text) if tag[0] not in nameless and len(word) > 1]


def names(text: str) -> list[str]:
    """Names of people, places and organisations in ``text`` from jieba's tagger, with at least two characters."""
    return [word for word, tag in tagged(text) if tag in _NAMES and len(word) > 1]


def people(text: str) -> list[str]:
    """Names of people in ``text``; a surname tagged alone is joined to what follows it."""
    found = tagged(text)
    pairs = zip(found, [*found[1:], ("", "")], strict=False)
    return [word if len(word) > 1 else word + after for (word, tag), (after, _) in pairs if tag in _PEOPLE]
