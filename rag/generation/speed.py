"""The language model's reading speed on this machine: the highest one measured, stored in the cache folder.

The length of the context must not depend on how busy the machine is when a question is asked. Other work only slows
reading down, so the highest speed shows what the machine can do; a single measurement on a busy machine would
shorten the context of later answers.
"""

from __future__ import annotations

import json
from pathlib import Path

from index.config import Settings
from rag.llm import Generator

_FILE = "reading_speed.json"
_CHARACTERS_A_TOKEN = 1.4
_LEAST = 600  # characters; with fewer, the context often lacks the answer


def reading_speeds(cache: Path) -> dict[str, float]:
    """Return the tokens per second of each model measured on this machine; empty if none was."""
    try:
        known: dict[str, float] = json.loads((cache / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def reading_speed(cache: Path, model: Generator) -> float | None:
    """Return this model's highest reading speed so far, and store it; None if unknown."""
    known = reading_speeds(cache)
    measured = round(model.reading_speed or 0.0, 1)
    if measured > known.get(model.name, 0.0):
        known[model.name] = measured
        cache.mkdir(parents=True, exist_ok=True)
        partial = cache / f"{_FILE}.partial"
        partial.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        partial.replace(cache / _FILE)
    return known.get(model.name)


def characters(settings: Settings, model: Generator) -> int:
    """Return the length of the context: the configured maximum, or less if this machine is too slow for it.

    It is never too short to answer from.
    """
    most, seconds = settings.answers.context_characters, settings.answers.first_token_seconds
    speed = reading_speed(settings.cache, model)
    return most if speed is None else int(min(most, max(_LEAST, speed * seconds * _CHARACTERS_A_TOKEN)))
