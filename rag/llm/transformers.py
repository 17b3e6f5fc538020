"""Any causal language model in transformers, on CPU or CUDA, including GGUF files, which are converted once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BatchEncoding,
    GgufConfig,
    StoppingCriteria,
    TextIteratorStreamer,
)

from index.config import GeneratorSettings
from index.errors import BaowenError
from index.models.devices import device_of
from index.models.packaged import made_once

from . import ChatMessage
from .adapter import Adapter, adapter, transformers_name
from .threads import PATIENCE


class _Left(StoppingCriteria):
    """Stops generation once the reader has left."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: object) -> torch.Tensor:
        """Return one flag per row of the batch."""
        return torch.full((input_ids.shape[0],), self.event.is_set(), device=input_ids.device)


class TransformersGenerator:
    """A loaded causal language model, bfloat16 on CUDA and float32 on CPU. It gives one answer at a time.

    Args:
        local: a folder or a GGUF file; None: ``name`` is a model on the hub.
    """

    def __init__(self, name: str, local: Path | None, options: GeneratorSettings, cache: Path) -> None:
        self.name = name
        self.reading_speed: float | None = None
        self.writing_speed: float | None = None
        self._busy = threading.Lock()
        device = device_of(options.device)
        dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
        if local is not None and local.is_file():
            local = converted(local, cache, adapter(name))
        source = str(local or name)
        try:
            is_local = local is not None
            self._tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=is_local)
            model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, local_files_only=is_local)
            self._model = model.to(device).eval()
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise BaowenError(f"无法加载语言模型 {name} (cannot load the model): {reason}") from error

    def _inputs(self, messages: Sequence[ChatMessage]) -> BatchEncoding:
        return self._tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(self._model.device)

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        """Return the probability that the reply begins with each of ``choices``, by their first tokens."""
        inputs = self._inputs(messages)
        with self._busy, torch.inference_mode():
            chances = self._model(**inputs).logits[0, -1].float().softmax(-1)
        firsts = [self._tokenizer.encode(choice, add_special_tokens=False)[0] for choice in choices]
        return [float(chances[first]) for first in firsts]

    def tokens(self, text: str) -> int:
        """Return the number of tokens of a text."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """Yield the reply piece by piece, decoded greedily. Closing the iterator stops the model at its next token."""
        inputs = self._inputs(messages)
        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, timeout=PATIENCE, skip_special_tokens=True)
        left = _Left()
        failure: list[BaseException] = []

        def work() -> None:
            try:
                with self._busy:
                    self._model.generate(
                        **inputs,
                        max_new_tokens=max_tokens,
                        do_sample=False,
                        temperature=None,
                        top_p=None,
                        top_k=None,
                        streamer=streamer,
                        stopping_criteria=[left],
                    )
            except Exception as error:
                failure.append(error)
                streamer.end()

        threading.Thread(target=work, daemon=True, name="transformers").start()
        try:
            yield from _received(streamer)
        finally:
            left.event.set()
        if failure:
            raise BaowenError(f"语言模型出错 (model error): {failure[0]}") from failure[0]


def _received(streamer: TextIteratorStreamer) -> Iterator[str]:
    """The pieces, with empty ones while waiting."""
    while True:
        try:
            piece = next(streamer)
        except StopIteration:
            return
        except queue.Empty:
            piece = ""
        yield piece


def converted(path: Path, cache: Path, taught: Adapter | None) -> Path:
    """Convert a GGUF file, with the updates of an adapter, into a transformers folder; return its path.

    This is done once, since reading the GGUF file takes a minute or two each time.
    """

    def write(folder: Path) -> None:
        options = {"gguf_file": path.name, "local_files_only": True}
        AutoTokenizer.from_pretrained(path.parent, **options).save_pretrained(folder)
        unpacked = GgufConfig(dequantize=True)
        model = AutoModelForCausalLM.from_pretrained(
            path.parent, dtype=torch.bfloat16, quantization_config=unpacked, **options
        )
        if taught:
            for name in taught.parts:
                changed = model.get_parameter(transformers_name(name))
                changed.data += torch.as_tensor(taught.rows(name, slice(None)), dtype=changed.dtype)
        # A model read from GGUF refuses save_pretrained, even after its weights were dequantised.
        model.config.quantization_config = None
        model.config.save_pretrained(folder)
        model.generation_config.save_pretrained(folder)
        save_model(model, str(folder / "model.safetensors"), metadata={"format": "pt"})

    suffix = f"-{taught.version}" if taught else ""
    return made_once(cache / "models" / f"{path.stem}-transformers{suffix}", write)
