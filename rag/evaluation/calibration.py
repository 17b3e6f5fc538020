"""Fits the probability thresholds of a language model: for answering, and for quoting the newspaper instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tqdm import tqdm

from index.config import Settings
from index.errors import BaowenError
from rag.results import Answer
from rag.verification.fitted import regression

from .runner import Question, holds
from .scoring import unmarked

if TYPE_CHECKING:
    from rag.archive import Archive

LEAST = 20  # questions; with fewer the result depends on chance
_STEP = 0.025
# The value of each outcome. For a reader, withholding what the newspaper states is as bad as a wrong answer; in a
# quotation, the reader still has to find the answer.
WORTH = {"right": 1.0, "quoted": 0.8, "wrong": -1.0, "withheld": -1.0, "refused": 1.0, "invented": -1.0}


@dataclass(frozen=True)
class Outcome:
    """The result of one question, independent of thresholds: the probabilities, and which outcomes would be right."""

    right: float
    draft_is_right: bool
    stated: float
    quote_is_right: bool
    is_stated: bool

    def worth(self, answered: float, quoted: float) -> float:
        """Return the value of the outcome with these thresholds."""
        if self.right >= answered:
            return WORTH["right" if self.draft_is_right else "wrong" if self.is_stated else "invented"]
        if self.stated >= quoted:
            return WORTH["quoted" if self.quote_is_right else "wrong" if self.is_stated else "invented"]
        return WORTH["withheld" if self.is_stated else "refused"]


@dataclass(frozen=True)
class Calibration:
    """The thresholds, and the mean value of the outcomes before and with them, from -1 to 1."""

    answered: float
    quoted: float
    before: float
    after: float


def undecided(settings: Settings) -> Settings:
    """Return settings that always quote the newspaper, so that both the draft and the quotation can be scored."""
    given = {"answered": 1.0, "quoted": 0.0, "divide": False}
    return settings.model_copy(update={"answers": settings.answers.model_copy(update=given)})


def rows(archive: Archive, questions: Sequence[Question]) -> list[Outcome]:
    """Ask every question. A question without answers is one that no article answers.

    Args:
        archive: opened with ``undecided`` settings.
        questions: at least 20.

    Raises:
        BaowenError: there are too few questions.
    """
    if len(questions) < LEAST:
        raise BaowenError(f"校准要至少 {LEAST} 个问题，只有 {len(questions)} 个 (too few questions)")
    asked = tqdm(questions, desc="校准", disable=None)
    return [row(archive.ask(question.text), question) for question in asked]


def row(answer: Answer, question: Question) -> Outcome:
    """Return the outcome of a question."""
    draft = answer.draft
    supported = draft is not None and draft.verdict is not None and draft.verdict.supported
    return Outcome(
        right=answer.confidence if supported and answer.confidence is not None else -1.0,
        draft_is_right=draft is not None and holds(draft.text, question.answers),
        stated=regression("stated").probability(answer.signals) if answer.kind == "quoted" and answer.signals else -1.0,
        quote_is_right=holds(unmarked(answer), question.answers),
        is_stated=bool(question.answers),
    )


def fit(found: Sequence[Outcome], settings: Settings) -> Calibration:
    """Return the thresholds with the highest mean value; among equals, those nearest to the current ones."""
    answers = settings.answers
    now = (
        regression("right").threshold if answers.answered is None else answers.answered,
        regression("stated").threshold if answers.quoted is None else answers.quoted,
    )

    def worth(pair: tuple[float, float]) -> float:
        return sum(row.worth(*pair) for row in found) / len(found)

    grid = [round(step * _STEP, 3) for step in range(round(1 / _STEP) + 1)]
    best = max(
        ((first, second) for first in grid for second in grid),
        key=lambda pair: (round(worth(pair), 9), -abs(pair[0] - now[0]) - abs(pair[1] - now[1])),
    )
    return Calibration(*best, before=worth(now), after=worth(best))


def write(calibration: Calibration, model: str, path: Path) -> None:
    """Write the thresholds and the name of their model into the configuration, leaving the rest unchanged.

    Raises:
        BaowenError: the configuration cannot be read or written.
    """
    try:
        held = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        section = held.setdefault("answers", tomlkit.table())
        section["answered"] = calibration.answered
        section["quoted"] = calibration.quoted
        section.pop("told", None)
        section["calibrated_for"] = model
        partial = path.with_name(path.name + ".partial")
        partial.write_text(tomlkit.dumps(held), encoding="utf-8")
        partial.replace(path)
    except (OSError, TOMLKitError) as error:
        raise BaowenError(f"无法写入配置 {path} (cannot write the configuration): {error}") from error
