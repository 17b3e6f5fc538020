"""Qwen2 models in ONNX Runtime, int8: on two x86 cores they read a prompt three times as fast as llama.cpp.

ONNX Runtime GenAI 0.18 reads in 1.44 times the processor time and writes 1.2 times as fast (benchmarks/trials.md,
2026-12-01).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers.decoders import DecodeStream
from transformers import AutoTokenizer

from index.config import GeneratorSettings
from index.errors import BaowenError
from index.models.packaged import made_once
from index.privacy import silence_onnxruntime

from . import WARM_UP, ChatMessage
from .adapter import adapter
from .qwen2 import GRAPH, write_folder
from .threads import give_way, usable_cores

silence_onnxruntime()

# Incremented when the format of the folder changes, so that an old folder is rebuilt.
_FOLDER_VERSION = 4
# Tokens read between two checks whether the reader has left: half a second on two cores.
_CHUNK = 128

_Result = TypeVar("_Result")


class OnnxGenerator:
    """A loaded model. It gives one answer at a time and keeps the prompt's prefix in its key-value cache.

    Args:
        path: a GGUF file, converted once into a folder in ``cache``.
    """

    def __init__(self, name: str, path: Path, options: GeneratorSettings, cache: Path) -> None:
        self.name = name
        self.reading_speed: float | None = None
        self.writing_speed: float | None = None
        self._busy = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "onnx", initializer=give_way)  # its threads inherit its priority
        taught = adapter(name)
        version = f"v{_FOLDER_VERSION}-{taught.version}" if taught else f"v{_FOLDER_VERSION}"
        folder = cache / "models" / f"{path.stem}-onnx-{version}"
        made_once(folder, partial(write_folder, path, taught))
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._ends = frozenset(self._tokenizer.all_special_ids)
        context = min(options.context_tokens, self._tokenizer.model_max_length)
        self._decoder = self._run(Decoder, folder / GRAPH, context, options.threads)
        for _ in self.stream([{"role": "user", "content": WARM_UP * 32}], 1):  # measures the reading speed
            pass

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        """Return the probability that the reply begins with each of ``choices``, by their first tokens."""
        tokens = self._tokens(messages)
        with self._busy:
            logits = self._run(self._decoder.after, tokens)
        chances = np.exp(logits - logits.max())
        firsts = [self._tokenizer.encode(choice, add_special_tokens=False)[0] for choice in choices]
        return [float(chances[first] / chances.sum()) for first in firsts]

    def tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """Yield the reply piece by piece, decoded greedily, with an empty piece after each part of the prompt.

        The model runs only while the caller waits for the next piece, so closing the iterator stops it.
        """
        pieces = self._reply(self._tokens(messages), max_tokens)
        with self._busy:
            while (piece := self._run(next, pieces, None)) is not None:
                yield piece

    def _run(self, work: Callable[..., _Result], *arguments: object) -> _Result:
        try:
            return self._worker.submit(work, *arguments).result()
        except BaowenError:
            raise
        except Exception as error:
            raise BaowenError(f"语言模型 {self.name} 出错 (model error): {error}") from error

    def _tokens(self, messages: Sequence[ChatMessage]) -> list[int]:
        tokens = self._tokenizer.apply_chat_template(list(messages), add_generation_prompt=True, return_dict=False)
        if len(tokens) >= self._decoder.context:
            raise BaowenError(
                f"要读的文字有 {len(tokens)} 个词元，语言模型只能读 {self._decoder.context} 个 (prompt too long)；"
                "请调大 generator.context_tokens"
            )
        return list(tokens)

    def _reply(self, tokens: list[int], max_tokens: int) -> Iterator[str]:
        unread, started = len(tokens) - self._decoder.known(tokens), time.perf_counter()
        logits = np.zeros(1, np.float32)
        for read in self._decoder.read(tokens):
            logits = read
            yield ""
        if unread >= _CHUNK:
            self.reading_speed = unread / (time.perf_counter() - started)
        text = DecodeStream(skip_special_tokens=True)
        started = time.perf_counter()
        for written in range(1, 1 + min(max_tokens, self._decoder.context - len(tokens))):
            likeliest = int(logits.argmax())
            if likeliest in self._ends:
                break
            if piece := text.step(self._tokenizer.backend_tokenizer, likeliest):
                yield piece
            tokens = [*tokens, likeliest]
            logits = self._decoder.after(tokens)
            self.writing_speed = written / (time.perf_counter() - started)


class Decoder:
    """A session with the key-value cache of the tokens read so far.

    Args:
        context: the most tokens that the cache holds.
        threads: the number of threads; None: one per usable core.

    Raises:
        BaowenError: the graph cannot be loaded.
    """

    def __init__(self, path: Path, context: int, threads: int | None) -> None:
        self.context = context
        self._known: list[int] = []
        session = onnxruntime.SessionOptions()
        session.intra_op_num_threads = threads or usable_cores()
        try:
            self._session = onnxruntime.InferenceSession(str(path), session, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BaowenError(
                f"无法加载语言模型 {path} (cannot load the model): {error}；"
                f"请删除文件夹 {path.parent} 后重试，它会重新生成"
            ) from error
        self._bound = self._session.io_binding()
        self._bound.bind_output("logits")
        self._memory: list[onnxruntime.OrtValue] = []  # kept from being freed: bindings do so only since 1.30
        for state in self._session.get_inputs():
            if state.name.startswith("past."):
                heads, head_size = state.shape[1], state.shape[3]
                empty = np.zeros((1, heads, self.context, head_size), np.float32)
                memory = onnxruntime.OrtValue.ortvalue_from_numpy(empty)
                self._memory.append(memory)
                self._bound.bind_ortvalue_input(state.name, memory)
                self._bound.bind_ortvalue_output(state.name.replace("past.", "present."), memory)

    def known(self, tokens: Sequence[int]) -> int:
        """Return how many of the first ``tokens`` are cached, never counting the last, which must give its logits."""
        same = 0
        while same < min(len(self._known), len(tokens) - 1) and self._known[same] == tokens[same]:
            same += 1
        return same

    def read(self, tokens: list[int]) -> Iterator[NDArray[np.float32]]:
        """Read the tokens that are not cached; yield the next token's logits (vocabulary) after each part."""
        for start in range(self.known(tokens), len(tokens), _CHUNK):
            part = tokens[start : start + _CHUNK]
            self._known = self._known[:start]
            end = start + len(part)
            self._bound.bind_cpu_input("input_ids", np.array([part], np.int64))
            self._bound.bind_cpu_input("last", np.array([end - 1], np.int32))
            self._bound.bind_cpu_input("total", np.array(end, np.int32))
            self._session.run_with_iobinding(self._bound)
            self._known = self._known + part
            yield self._bound.get_outputs()[0].numpy()[0, 0]

    def after(self, tokens: list[int]) -> NDArray[np.float32]:
        """Return the logits (vocabulary) of the next token; if ``tokens`` were just read, they are not read again."""
        if tokens != self._known:
            for _ in self.read(tokens):
                pass
        logits: NDArray[np.float32] = self._bound.get_outputs()[0].numpy()[0, 0]
        return logits
