"""Fit for a language model from which probability on it answers, and from which the newspaper is quoted instead."""

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

LEAST = 20  # questions, with fewer of which chance decides
_STEP = 0.025
# What an outcome is worth: to withhold what the newspaper states is as bad to a reader as to answer wrongly; in a
# quotation the reader has to find the answer.
WORTH = {"right": 1.0, "quoted": 0.8, "wrong": -1.0, "withheld": -1.0, "refused": 1.0, "invented": -1.0}


@dataclass(frozen=True)
class Outcome:
    """What came of one question, whatever the thresholds: the chances, and what would have been right."""

    right: float
    draft_is_right: bool
    stated: float
    quote_is_right: bool
    is_stated: bool

    def worth(self, answered: float, quoted: float) -> float:
        """What the outcome is worth with these thresholds."""
        if self.right >= answered:
            return WORTH["right" if self.draft_is_right else "wrong" if self.is_stated else "invented"]
        if self.stated >= quoted:
            return WORTH["quoted" if self.quote_is_right else "wrong" if self.is_stated else "invented"]
        return WORTH["withheld" if self.is_stated else "refused"]


@dataclass(frozen=True)
class Calibration:
    """The thresholds, and what the outcomes were worth on average before and with them, from -1 to 1."""

    answered: float
    quoted: float
    before: float
    after: float


def undecided(settings: Settings) -> Settings:
    """Settings under which the newspaper is always quoted, so that the draft and the quotation are both seen."""
    return settings.model_copy(update={"answers": settings.answers.model_copy(update={"answered": 1.0, "quoted": 0.0})})


def rows(archive: Archive, questions: Sequence[Question]) -> list[Outcome]:
    """Ask every question; no article answers a question without answers.

    Args:
        archive: opened with ``undecided`` settings.
        questions: 20 at least.

    Raises:
        BaowenError: there are too few.
    """
    if len(questions) < LEAST:
        raise BaowenError(f"校准要至少 {LEAST} 个问题，只有 {len(questions)} 个 (too few questions)")
    asked = tqdm(questions, desc="校准", disable=None)
    return [row(archive.ask(question.text), question) for question in asked]


def row(answer: Answer, question: Question) -> Outcome:
    """What came of a question."""
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
    """The thresholds with which the outcomes are worth most; of several the ones nearest to those in use."""
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
    """Write the thresholds, and the model that they are for, into the configuration; all else in it stays.

    Raises:
        BaowenError: it cannot be read or written.
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
