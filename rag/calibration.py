"""Tells whether the thresholds were fitted for the configured language model, and notes it in answers if not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib import resources

from index.config import Settings

from .results import Done, Event

UNCALIBRATED = "核对的阈值不是为这个语言模型定的 (checks run uncalibrated)；可运行 (run): baowen calibrate 问题集.jsonl"


@cache
def fitted_for() -> str:
    """Return the language model that the packaged thresholds were fitted for."""
    held = json.loads(resources.files("rag.verification").joinpath("fitted.json").read_text("utf-8"))
    return str(held["fitted"]["generator"])


def is_calibrated(settings: Settings) -> bool:
    """Return whether the packaged thresholds, or those of ``baowen calibrate``, are for the configured model."""
    return settings.generator.model in (fitted_for(), settings.answers.calibrated_for)


def noted(events: Iterable[Event], settings: Settings) -> Iterator[Event]:
    """Yield the events; a checked answer gets a note if the thresholds are those of another model."""
    for event in events:
        if isinstance(event, Done) and event.answer.signals is not None and not is_calibrated(settings):
            event = Done(replace(event.answer, note=event.answer.note or UNCALIBRATED))
        yield event
