"""GGUF models in llama.cpp, using xllamacpp's prebuilt wheels."""

from __future__ import annotations

import math
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import xllamacpp

from index.config import GeneratorSettings
from index.errors import BaowenError
from index.models.packaged import made_once
from index.types import JsonObject

from . import WARM_UP, ChatMessage
from .adapter import Adapter, adapter
from .threads import give_way, received, usable_cores

# Tokens read between two checks whether the reader has left: about a second on two cores.
_BATCH = 64
_ADAPTER = "adapter.gguf"
_LOOKED_AT = 20  # likeliest first tokens


def parameters(path: Path, options: GeneratorSettings, taught: Path | None = None) -> xllamacpp.CommonParams:
    """Return the parameters of a server for one reader at a time.

    Args:
        taught: an adapter's GGUF file.
    """
    given = xllamacpp.CommonParams()
    given.model.path = str(path)
    given.n_ctx = options.context_tokens
    given.n_parallel = 1
    given.n_batch = given.n_ubatch = _BATCH
    given.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE  # memory-mapped weights would count twice
    given.cache_ram_mib = 0  # otherwise up to 8 GB of prompt states are kept
    given.verbosity = -1
    given.ui = False
    given.api_keys = [os.urandom(16).hex()]  # so that its local port serves nobody else
    given.cpuparams.n_threads = options.threads or usable_cores()
    if taught:
        own = xllamacpp.CommonAdapterLoraInfo()
        own.path, own.scale = str(taught), 1.0
        given.lora_adapters = [own]
    return given


class LlamaGenerator:
    """A loaded GGUF model. It gives one answer at a time and caches the prompt's prefix.

    Args:
        cache: where the model's adapter, if any, is written once.
    """

    def __init__(self, name: str, path: Path, options: GeneratorSettings, cache: Path) -> None:
        self.name = name
        self.reading_speed: float | None = None
        self.writing_speed: float | None = None
        self._busy = threading.Lock()
        own = adapter(name)
        taught = _written(own, cache) if own else None
        try:
            with ThreadPoolExecutor(1, initializer=give_way) as loader:
                self._server = loader.submit(xllamacpp.Server, parameters(path, options, taught)).result()
        except RuntimeError as error:
            raise BaowenError(f"无法加载语言模型 {path} (cannot load the model): {error}") from error
        for _ in self.stream([{"role": "user", "content": WARM_UP * 16}], 1):  # measures the reading speed
            pass

    def _measure(self, timings: dict[str, float]) -> None:
        """Take llama.cpp's own speeds; the reading speed only from prompts long enough to measure it."""
        if timings.get("prompt_n", 0) >= _BATCH:
            self.reading_speed = timings["prompt_per_second"]
        self.writing_speed = timings.get("predicted_per_second", self.writing_speed)

    def _request(self, messages: Sequence[ChatMessage], max_tokens: int) -> JsonObject:
        return {
            "messages": list(messages),
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
            "cache_prompt": True,
            "return_progress": True,
            "timings_per_token": True,  # a complete answer is stopped before the last chunk
            "stream_options": {"include_usage": True},
        }

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        """Return the probability that the reply begins with each of ``choices``; they need not add up to 1."""
        found: dict[str, float] = {}

        def receive(chunk: JsonObject) -> bool:
            for choice in chunk.get("choices") or []:
                for token in (choice.get("logprobs") or {}).get("content") or []:
                    for top in token["top_logprobs"]:
                        found.setdefault(top["token"].strip(), math.exp(top["logprob"]))
            return False

        request = self._request(messages, 1) | {"logprobs": True, "top_logprobs": _LOOKED_AT}
        with self._busy:
            self._server.handle_chat_completions(request, receive)
        return [found.get(choice, 0.0) for choice in choices]

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """Yield the reply piece by piece, decoded greedily, with an empty piece after each batch of the prompt.

        Closing the iterator stops the model within a batch.
        """
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        left = threading.Event()
        request = self._request(messages, max_tokens)

        def receive(chunk: JsonObject) -> bool:
            if "error" in chunk:
                pieces.put(BaowenError(f"语言模型出错 (model error): {chunk['error'].get('message', chunk['error'])}"))
            self._measure(chunk.get("timings") or {})
            if "prompt_progress" in chunk:
                pieces.put("")
            for choice in chunk.get("choices") or []:
                if text := (choice.get("delta") or {}).get("content"):
                    pieces.put(text)
            return left.is_set()

        def work() -> None:
            try:
                with self._busy:
                    if not left.is_set():
                        self._server.handle_chat_completions(request, receive)
            except Exception as error:
                pieces.put(BaowenError(f"语言模型出错 (model error): {error}"))
            finally:
                pieces.put(None)

        threading.Thread(target=work, daemon=True, name="llama").start()
        try:
            yield from received(pieces)
        finally:
            left.set()


def _written(own: Adapter, cache: Path) -> Path:
    """The path of the adapter's file, which is written once."""
    folder = cache / "models" / f"adapter-{own.version}"
    return made_once(folder, lambda folder: own.write_gguf(folder / _ADAPTER)) / _ADAPTER
