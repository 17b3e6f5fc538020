"""Chinese text as words, for the lexical retriever: the same function cuts what is indexed and what is asked."""

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
_NAMELESS = "vmtpcuryfq"  # first letters of the tags of verbs, numerals, times, particles …
_WORD = re.compile(r"[\w%]+")
_OBEYED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))  # control, format, lone surrogates, line and paragraph ends
_SINGLE = re.compile(r"[\u4e00-\u9fff]")

# Words that ask rather than name: they are dropped from a question, never from an article.
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
    """``text`` without control and format characters other than line ends: nothing hidden, nothing a terminal obeys."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf"))


def harmless(text: str) -> str:
    r"""``text`` in one line that a terminal shows and does not obey: a line end as ``\n``, an escape as ``\x1b``.

    A byte that a file's name has and UTF-8 does not (as Python hands it over, a lone surrogate) becomes ``\xff``.
    """
    return "".join(_escaped(c) if unicodedata.category(c) in _OBEYED else c for c in text)


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def cut(text: str, *, guess: bool = True) -> list[str]:
    """All of ``text`` as words, joined they are the text again; ``guess``: words that the dictionary lacks, too."""
    return list(_jieba().cut(text, HMM=guess))


def words(text: str) -> list[str]:
    """Words of ``text`` in order, long words also as the shorter words inside them; no punctuation.

    Where jieba knows no word and cuts single characters (三停一休, a rare name), each two neighbours are a word too.
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
    """The distinct words of a question that name something, in order."""
    return tuple(dict.fromkeys(word for word in words(question) if word not in QUESTION_WORDS))


@lru_cache(maxsize=256)  # one sentence is looked at for names, people and places
def tagged(text: str) -> tuple[tuple[str, str], ...]:
    """Words of ``text`` with their parts of speech, in jieba's letters; no punctuation."""
    _jieba()
    import jieba.posseg

    return tuple((word, tag) for word, tag in jieba.posseg.cut(folded(text)) if tag != "x")


def rarity(word: str) -> float:
    """How rare a word is in general text: minus the logarithm of its share; highest where jieba does not know it."""
    counts = _jieba().dt
    return math.log(counts.total / max(1, counts.FREQ.get(word) or 1))


def naming_words(text: str, *, adverbs: bool) -> list[str]:
    """Words of ``text`` that may name something, of two characters or more: a rare name may have many a tag.

    ``adverbs``: those too, which few names are taken for.
    """
    nameless = _NAMELESS if adverbs else f"{_NAMELESS}d"
    return [word for word, tag in tagged(text) if tag[0] not in nameless and len(word) > 1]


def names(text: str) -> list[str]:
    """Names of people, places and organisations in ``text``, as jieba's tagger sees them; of two characters or more."""
    return [word for word, tag in tagged(text) if tag in _NAMES and len(word) > 1]


def people(text: str) -> list[str]:
    """Names of people in ``text``; a surname that the tagger sees alone is joined to what follows it."""
    found = tagged(text)
    pairs = zip(found, [*found[1:], ("", "")], strict=False)
    return [word if len(word) > 1 else word + after for (word, tag), (after, _) in pairs if tag in _PEOPLE]
