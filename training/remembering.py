"""A language model whose replies are stored, so that fitting can be resumed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from index.config import Settings
from rag.llm import ChatMessage, Generator, load_generator


class Remembering:
    """A generator that stores replies in a file, since they take most of the time and do not change.

    The model is loaded at the first new prompt.

    Args:
        path: the file with JSON lines, [request, reply].
    """

    reading_speed: float | None = None
    writing_speed: float | None = None

    def __init__(self, settings: Settings, path: Path) -> None:
        self.name = settings.generator.model
        self._settings = settings
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._known: dict[str, Any] = dict(map(json.loads, lines))
        self._inner: Generator | None = None

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        """Return the probabilities from the file or from the model."""
        found: list[float] | None = self._kept(
            [list(messages), list(choices)], lambda model: model.choice(messages, choices)
        )
        return found

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """Yield the reply from the file or from the model."""
        yield from self._kept(
            list(messages), lambda model: [piece for piece in model.stream(messages, max_tokens) if piece]
        )

    def _kept(self, asked: Any, answer: Callable[[Generator], Any]) -> Any:
        """The stored reply to ``asked``, otherwise the model's, which is stored immediately."""
        key = json.dumps(asked, ensure_ascii=False)
        if key not in self._known:
            self._inner = self._inner or load_generator(self._settings)
            self._known[key] = answer(self._inner)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, self._known[key]], ensure_ascii=False) + "\n")
        return self._known[key]
