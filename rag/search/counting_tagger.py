"""What the parts of a question are, and whether it counts reports: a small network that we trained.

It reads the states that the pair model has of the question's tokens, beside the characters themselves, and gives a kind
for the question and a label for each character. ``training/counting.py`` trains it on ``training/counting.jsonl``; its
data card is ``training/README.md``.
"""

from __future__ import annotations

import datetime
import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from index.errors import BaowenError
from index.models.pair import TokenStates
from index.text.folding import FoldedText, fold
from index.text.periods import page_spans, period_spans
from index.text.words import cut
from index.types import Float32

log = logging.getLogger(__name__)

Wanted = Literal[
    "number", "list", "first", "last",
    "by_month", "by_year", "by_paper", "by_section", "by_page", "by_reporter",
    "most_person", "most_organisation", "most_place", "most_reporter",
]  # fmt: skip
Label = Literal["topic", "without", "headline", "body", "author", "paper", "section", "page", "date"]

WEIGHTS = "counting.npz"
NOTHING = "none"
KINDS: tuple[str, ...] = (NOTHING, *get_args(Wanted))
LABELS: tuple[str, ...] = get_args(Label)
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BI"))
UNKNOWN = 1  # the number of a character that has none of its own; 0 is no character
FEATURES = 10
WIDTH = 5  # of the convolutions, characters

_QUOTED = re.compile(r"“[^“”]+”|\"[^\"]+\"|‘[^‘’]+’|「[^「」]+」|『[^『』]+』|《[^《》]+》|【[^【】]+】")
_IMPOSSIBLE = -1e4
_ANY_DAY = datetime.date(2024, 12, 31)  # where dates are does not depend on the day


@dataclass(frozen=True)
class QuestionPart:
    """``question[start:end]`` and what it is."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Tagged:
    """A question as the network sees it.

    ``kind``: a ``Wanted``, or ``NOTHING`` where it does not count reports; ``certainty``: the probability of the kind
    and of every character's tag together; ``either``: whether one of the topics is enough; ``parts``: in order, none
    over another.
    """

    kind: str
    certainty: float
    either: bool
    parts: tuple[QuestionPart, ...]


class Scores(NamedTuple):
    """``kinds``: their probabilities; ``either``: a logit; ``tags``: log-probabilities, (characters, tags)."""

    kinds: Float32
    either: float
    tags: Float32


class CountingTagger:
    """The trained network: some members, whose scores are averaged.

    Args:
        path: the weights; None: those that are installed.

    Raises:
        BaowenError: the weights are missing or damaged.
    """

    def __init__(self, path: Path | None = None) -> None:
        try:
            data = (path or resources.files(__package__).joinpath(WEIGHTS)).read_bytes()
            with np.load(io.BytesIO(data)) as stored:
                arrays = {name: stored[name] for name in stored.files}
            self._characters = {c: number for number, c in enumerate(str(arrays.pop("characters")), UNKNOWN + 1)}
            self._members = [
                {name: array[member].astype(np.float32) for name, array in arrays.items()}
                for member in range(len(arrays["kind.bias"]))
            ]
        except (OSError, ValueError, KeyError) as error:
            raise BaowenError(
                f"数问题的权重 {WEIGHTS} 缺少或已损坏 (missing or damaged)；请重新安装：pip install -e ."
            ) from error

    def tag(self, question: str, states: TokenStates) -> Tagged:
        """Tag a question, of which the pair model has ``states``, those of ``plain(question)``."""
        text = plain(question)
        characters = np.array([self._characters.get(c, UNKNOWN) for c in text])
        given = states.of_characters(len(text)), characters, features(text, states)
        scored = [forward(member, *given) for member in self._members]
        kinds = np.mean([scores.kinds for scores in scored], axis=0)
        tags = _log_softmax(np.mean([scores.tags for scores in scored], axis=0))
        either, kind = sum(scores.either for scores in scored), int(kinds.argmax())
        path = decoded(tags)
        certainty = float(kinds[kind] * np.exp(tags[np.arange(len(text)), path].sum()))
        return Tagged(KINDS[kind], certainty, either > 0, tuple(widened(text, parts_of(path))))


@cache
def load_tagger() -> CountingTagger | None:
    """The network, loaded once; None where its weights cannot be read, which is logged."""
    try:
        return CountingTagger()
    except BaowenError as error:
        log.warning("%s", error)
        return None


def plain(text: str) -> str:
    """``text`` folded character by character, so that each stays where it is."""
    pieces = ((character, fold(character)) for character in text)
    return "".join(piece if len(piece) == 1 else character if piece else " " for character, piece in pieces)


def features(text: str, states: TokenStates) -> Float32:
    """What is known of each character of a plain text, 0 or 1; (characters, ``FEATURES``)."""
    found = np.zeros((len(text), FEATURES), np.float32)
    for start, end in states.spans:
        if end > start:
            found[start, 0] = found[end - 1, 1] = 1
    for start, end in _words(text):
        found[start, 2] = found[end - 1, 3] = 1
    folded = FoldedText.of(text)
    dates = [(span.start, span.end) for span in period_spans(folded.text, _ANY_DAY, _ANY_DAY)]
    pages = [(start, end) for start, end, _ in page_spans(folded.text)]
    for place, named in ((4, dates), (5, pages)):
        for start, end in named:
            span = folded.span(start, end)
            found[span.start : span.end, place] = 1
    for start, end in _quotations(text):
        found[start:end, 6] = 1
    for at, character in enumerate(text):
        found[at, 7] = character == " "
        found[at, 8] = character.isascii() and character.isalnum()
        found[at, 9] = character != " " and not character.isalnum()
    return found


def forward(weights: Mapping[str, Float32], states: Float32, characters: NDArray[np.int64], known: Float32) -> Scores:
    """What one member makes of a question.

    Args:
        weights: as ``training/counting.py`` names them.
        states: (characters, states).
        characters: their numbers.
        known: their features.
    """
    reduced = states @ weights["states.weight"].T + weights["states.bias"]
    x = np.concatenate([reduced, weights["characters.weight"][characters], known], axis=1)
    x = _gelu(x @ weights["inner.weight"].T + weights["inner.bias"])
    layer = 0
    while (kernel := weights.get(f"layers.{layer}.weight")) is not None:
        padded = np.pad(x, ((WIDTH // 2, WIDTH // 2), (0, 0)))
        around = np.concatenate([padded[at : at + len(x)] for at in range(WIDTH)], axis=1)
        flat = kernel.transpose(2, 1, 0).reshape(-1, kernel.shape[0])
        x = x + _gelu(around @ flat + weights[f"layers.{layer}.bias"])
        layer += 1
    whole = np.concatenate([x.max(axis=0), x.mean(axis=0)])
    kinds = _log_softmax(whole @ weights["kind.weight"].T + weights["kind.bias"])
    either = float((whole @ weights["either.weight"].T + weights["either.bias"])[0])
    beside = np.concatenate([x, np.broadcast_to(whole, (len(x), len(whole)))], axis=1)
    return Scores(np.exp(kinds), either, _log_softmax(beside @ weights["tags.weight"].T + weights["tags.bias"]))


def _gelu(x: Float32) -> Float32:
    cubic = x + np.float32(0.044715) * x**3
    return np.asarray(0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * cubic)))


def _log_softmax(x: Float32) -> Float32:
    shifted = x - x.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _allowed() -> Float32:
    """What is added for a tag after another: a part goes on only where it has begun."""
    table = np.zeros((len(TAGS), len(TAGS)), np.float32)
    for after, tag in enumerate(TAGS):
        if tag.startswith("I-"):
            table[[before[1:] != tag[1:] for before in TAGS], after] = _IMPOSSIBLE
    return table


_STEPS = _allowed()


def decoded(scores: Float32) -> list[int]:
    """The likeliest sequence of tags (Viterbi's algorithm)."""
    best, back = scores[0] + _STEPS[0], []
    for row in scores[1:]:
        sums = best[:, None] + _STEPS
        back.append(sums.argmax(axis=0))
        best = sums.max(axis=0) + row
    path = [int(best.argmax())]
    for steps in reversed(back):
        path.append(int(steps[path[-1]]))
    return path[::-1]


def parts_of(path: Sequence[int]) -> list[QuestionPart]:
    """The parts that a sequence of tags marks."""
    parts: list[QuestionPart] = []
    for at, tag in enumerate(path):
        if TAGS[tag].startswith("B-"):
            parts.append(QuestionPart(TAGS[tag][2:], at, at + 1))
        elif tag:
            parts[-1] = QuestionPart(parts[-1].label, parts[-1].start, at + 1)
    return parts


def widened(text: str, parts: Sequence[QuestionPart]) -> list[QuestionPart]:
    """Parts of a plain text as whole words and whole quotations; dates and pages stay as they are."""
    words, quotations = list(_words(text)), list(_quotations(text))
    found: list[QuestionPart] = []
    for part in parts:
        start, end = part.start, part.end
        if part.label not in ("date", "page"):
            start = next((left for left, right in words if left < start < right), start)
            end = next((right for left, right in words if left < end < right), end)
            for left, right in quotations:
                if start < right and left < end:
                    inside = left - 1 <= start and end <= right + 1
                    start, end = (left, right) if inside else (min(start, left), max(end, right))
        if found and start < found[-1].end:
            same = part.label == found[-1].label
            start = found.pop().start if same else found[-1].end
        if start < end:
            found.append(QuestionPart(part.label, start, end))
    return found


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text are."""
    at = 0
    for word in cut(text, guess=False):
        start = text.find(word, at)
        if start >= 0:
            at = start + len(word)
            yield start, at


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    """Where the words in quotation marks are, without the marks."""
    for match in _QUOTED.finditer(text):
        yield match.start() + 1, match.end() - 1
