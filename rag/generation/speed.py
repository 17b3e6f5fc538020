"""How fast the language model reads on this machine: the fastest that was measured, kept in the cache folder.

What is read must not depend on how busy the machine is at the moment of a question. Other work only makes reading
slower, so the fastest is what the machine can do; one measurement on a busy machine would cut later answers short.
"""

from __future__ import annotations

import json
from pathlib import Path

from index.config import Settings
from rag.llm import Generator

_FILE = "reading_speed.json"
_CHARACTERS_A_TOKEN = 1.4
_LEAST = 600  # characters; with less, answers are left out


def reading_speeds(cache: Path) -> dict[str, float]:
    """Tokens a second by model, as measured on this machine; empty where nothing was."""
    try:
        known: dict[str, float] = json.loads((cache / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def reading_speed(cache: Path, model: Generator) -> float | None:
    """The fastest that this model was seen to read here, which is kept; None: not known."""
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
    """How much is read: all that may be, or what this machine reads in time, but never too little to answer from."""
    most, seconds = settings.answers.context_characters, settings.answers.first_token_seconds
    speed = reading_speed(settings.cache, model)
    return most if speed is None else int(min(most, max(_LEAST, speed * seconds * _CHARACTERS_A_TOKEN)))
