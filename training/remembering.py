"""A language model whose replies are kept, so that fitting can be taken up again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from index.config import Settings
from rag.llm import ChatMessage, Generator, load_generator


class Remembering:
    """A generator whose replies are kept in a file, since they take most of the time and are the same again.

    The model is loaded when a prompt is new.

    Args:
        path: JSON lines, [what was asked, the reply].
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
        """The probabilities, of the file or of the model."""
        found: list[float] | None = self._kept(
            [list(messages), list(choices)], lambda model: model.choice(messages, choices)
        )
        return found

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """The reply, of the file or of the model."""
        yield from self._kept(
            list(messages), lambda model: [piece for piece in model.stream(messages, max_tokens) if piece]
        )

    def _kept(self, asked: Any, answer: Callable[[Generator], Any]) -> Any:
        """What the file has for ``asked``, or else what the model answers, which is added at once."""
        key = json.dumps(asked, ensure_ascii=False)
        if key not in self._known:
            self._inner = self._inner or load_generator(self._settings)
            self._known[key] = answer(self._inner)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, self._known[key]], ensure_ascii=False) + "\n")
        return self._known[key]
