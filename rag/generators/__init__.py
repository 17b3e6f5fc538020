"""Language models: anything with ``stream``; the factory reaches one backend a module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypedDict

from index.config import Settings
from index.errors import BaowenError
from index.weights import packaged_file, packaged_name


class Message(TypedDict):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Generator(Protocol):
    """Continues a chat."""

    name: str

    @property
    def reading_speed(self) -> float | None:
        """Tokens of a prompt read in a second, as last measured; None where that is not known."""
        ...

    def choice(self, messages: Sequence[Message], choices: Sequence[str]) -> list[float] | None:
        """The probabilities with which the reply begins with each of ``choices``; None where they are not known."""
        ...

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Iterator[str]:
        """The reply piece by piece, greedily decoded; empty pieces while the model is still reading.

        Closing the iterator stops the model. An empty piece gives whoever waits a chance to do so.
        """
        ...


def load_generator(settings: Settings) -> Generator:
    """Load the configured language model.

    Raises:
        BaowenError: it cannot be loaded; the message says what to change.
    """
    options = settings.generator
    backend = options.backend
    if backend == "auto":
        backend = "openai" if options.url else "transformers" if _prefers_transformers(options.model) else "llama"
    if backend == "openai":
        from .openai import OpenAIGenerator

        return OpenAIGenerator(options)
    name = packaged_name(options.model)
    source = packaged_file(name, settings.cache) if name else Path(options.model)
    if backend == "llama":
        from .llama import LlamaGenerator

        if not source.is_file():
            raise BaowenError(
                f"没有 GGUF 文件 {source} (no such file); 请改 generator.model 或 BAOWEN_GENERATOR__MODEL"
            )
        return LlamaGenerator(options.model, source, options)
    from .transformers import TransformersGenerator

    return TransformersGenerator(options.model, source if name or source.exists() else None, options, settings.cache)


def _prefers_transformers(model: str) -> bool:
    """A model that is no GGUF file runs in transformers everywhere; the packaged one does on CUDA."""
    if model.endswith(".gguf"):
        return False
    if packaged_name(model) is None:
        return True
    import torch

    return torch.cuda.is_available()
