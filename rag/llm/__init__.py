"""Language models: the protocol that all backends share, and a factory; each backend is a module."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypedDict, runtime_checkable

from index.config import Settings
from index.errors import BaowenError
from index.extras import require
from index.models.packaged import packaged_file, packaged_name

WARM_UP = "报纸上登了什么？"  # repeated to measure the reading speed after loading

_X86 = ("x86_64", "amd64")  # where int8 in ONNX Runtime was benchmarked


class ChatMessage(TypedDict):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Generator(Protocol):
    """Continues a chat."""

    name: str

    @property
    def reading_speed(self) -> float | None:
        """Prompt tokens read per second, as last measured; None if unknown."""
        ...

    @property
    def writing_speed(self) -> float | None:
        """Reply tokens written per second, as last measured; None if unknown."""
        ...

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        """Return the probability that the reply begins with each of ``choices``; None if unknown."""
        ...

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """Yield the reply piece by piece, decoded greedily, with empty pieces while the model is still reading.

        Closing the iterator stops the model. Empty pieces give the caller a chance to do so; one should come about
        every half second if there is no other.
        """
        ...


@runtime_checkable
class CountsTokens(Protocol):
    """A language model with an accessible tokenizer, unlike a remote server or llama.cpp."""

    def tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        ...


def load_generator(settings: Settings) -> Generator:
    """Load the configured language model.

    Raises:
        BaowenError: it cannot be loaded; the message says what to change.
    """
    options = settings.generator
    backend = options.backend
    if backend == "auto":
        backend = "openai" if options.url else _best_for(options.model)
    if backend == "openai":
        require("openai", "openai", "模型服务 (a model server) ")
        from .openai import OpenAIGenerator

        return OpenAIGenerator(options)
    name = packaged_name(options.model)
    source = packaged_file(name, settings.cache, settings.weights_mirror) if name else Path(options.model)
    if backend in ("onnx", "llama") and not source.is_file():
        raise BaowenError(f"没有 GGUF 文件 {source} (no such file); 请改 generator.model 或 BAOWEN_GENERATOR__MODEL")
    if backend == "onnx":
        from .onnx import OnnxGenerator

        return OnnxGenerator(options.model, source, options, settings.cache)
    if backend == "llama":
        require("xllamacpp", "llama", "llama 后端 (backend) ")
        from .llama import LlamaGenerator

        return LlamaGenerator(options.model, source, options, settings.cache)
    if source.is_file():  # transformers reads GGUF files with its help
        require("accelerate", "transformers", "用 transformers 读 GGUF (GGUF in transformers) ")
    from .transformers import TransformersGenerator

    return TransformersGenerator(options.model, source if name or source.exists() else None, options, settings.cache)


def _best_for(model: str) -> Literal["onnx", "llama", "transformers"]:
    """The fastest backend for a model on this machine (benchmarks/trials.md); transformers for a model on the hub."""
    if model.endswith(".gguf"):
        return "llama"
    if packaged_name(model) is None:
        return "transformers"
    import torch

    if torch.cuda.is_available():
        return "transformers"
    return "onnx" if platform.machine().lower() in _X86 else "llama"
