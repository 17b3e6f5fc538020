"""The trained pair model: reads a question or a statement beside a text, in ONNX Runtime, int8.

It is the packaged sentence model with its upper layers trained further and small heads put on them; ``pair.npz`` holds
what was trained (``training/``; its data card is ``training/README.md``), and the rest comes from the package.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from index.errors import BaowenError
from index.types import Float32

from .devices import device_of
from .e5 import E5, read_e5, write_tokenizer
from .e5_graph import encoder_states
from .onnx_graph import Graph, Int8
from .packaged import made_once, packaged_file

if TYPE_CHECKING:
    from tokenizers import Encoding

log = logging.getLogger(__name__)

BASE = "multilingual-e5-small"
WEIGHTS = "pair.npz"
MAX_TOKENS = 288
_HEADS = ("answers", "supports")
STATES_OF = (3, 7)  # layers whose states are given; later ones tell less of a question's words (benchmarks/trials.md)
_GRAPH = 2  # of what is put together from the same weights


@dataclass(frozen=True)
class Reading:
    """What the model sees in a pair of a query and a text; logits.

    ``answers``: whether the text answers the question. ``supports``: whether it supports the statement. ``start``,
    ``end``: of the likeliest answer in the text, characters; ``span``: its logit, start and end together. ``flags``:
    for each character of the statement whether the text does not support it. ``starts``, ``ends``: for each character
    of the text whether the answer starts or ends there.
    """

    answers: float
    supports: float
    start: int
    end: int
    span: float
    flags: Float32
    starts: Float32
    ends: Float32

    def of(self, start: int, end: int) -> float:
        """The logit of a stretch of the text as the answer, as ``span`` is of the likeliest."""
        first = float(self.starts[max(0, start - 1) : start + 1].max(initial=_NONE))
        last = float(self.ends[end - 1 : end + 1].max(initial=_NONE))
        return first + last


_NONE = -10.0


@dataclass(frozen=True)
class TokenStates:
    """What the model makes of a text's tokens.

    ``states``: (tokens, states of ``STATES_OF``); ``spans``: where each token's characters are, the same place twice
    where it has none.
    """

    states: Float32
    spans: Sequence[tuple[int, int]]

    def of_characters(self, length: int) -> Float32:
        """The states of the token that each of the text's characters is in; (length, states)."""
        tokens = np.zeros(length, np.int64)
        for token, (start, end) in enumerate(self.spans):
            tokens[start:end] = token
        return np.asarray(self.states[tokens])


class PairModel(Protocol):
    """Anything that reads pairs."""

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        """A reading of each (question or statement, text)."""
        ...

    def states(self, text: str) -> TokenStates | None:
        """Return the states of one text; None if the model has no network."""
        ...


class OnnxPairModel:
    """The trained model, one pair a thread.

    Args:
        cache: where the graph is put together, once for each version of the weights.
        mirror: as for ``packaged_file``.

    Raises:
        BaowenError: the weights file, or the package of the base model, is missing or damaged.
    """

    def __init__(self, cache: Path, mirror: str | None = None, threads: int | None = None) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        folder = pair_folder(cache, mirror)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = str(folder / "pair.onnx")
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._pool = ThreadPoolExecutor(threads or os.cpu_count(), thread_name_prefix="pair")

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        """A reading of each (question or statement, text); a text is cut after ``MAX_TOKENS`` tokens."""
        return list(self._pool.map(self._one, pairs))

    def states(self, text: str) -> TokenStates:
        """Return the states of one text; of a long text, only those of its beginning."""
        code = self._tokenizer.encode(text[: MAX_TOKENS - 3])
        layers = self._session.run([_state(layer) for layer in STATES_OF], {"input_ids": [code.ids]})
        return TokenStates(np.concatenate([layer[0] for layer in layers], axis=-1), code.offsets)

    def _one(self, pair: tuple[str, str]) -> Reading:
        code = self._tokenizer.encode(*pair)
        heads, tokens = self._session.run(["heads", "tokens"], {"input_ids": [code.ids]})
        return reading_of(pair, code, heads[0], tokens[0])


def reading_of(pair: tuple[str, str], code: Encoding, heads: Float32, tokens: Float32) -> Reading:
    """The reading of a pair from the network's logits, ``heads`` (2,) and ``tokens`` (tokens, 3)."""
    sides = np.array([-1 if side is None else side for side in code.sequence_ids])
    start, end, span = _best_span(tokens[:, 0], tokens[:, 1], np.flatnonzero(sides == 1))
    flags, starts, ends = (np.full(len(pair[side]), _NONE, np.float32) for side in (0, 1, 1))
    for place, (left, right) in enumerate(code.offsets):
        if sides[place] == 0:
            flags[left:right] = tokens[place, 2]
        elif sides[place] == 1 and right > left:
            starts[left], ends[right - 1] = tokens[place, 0], tokens[place, 1]
    found = span > -np.inf
    first, last = (code.offsets[start][0], code.offsets[end][1]) if found else (0, 0)
    return Reading(float(heads[0]), float(heads[1]), first, last, span, flags, starts, ends)


def load_pair_model(cache: Path, mirror: str | None = None, device: str = "auto") -> PairModel:
    """The trained model, or one that sees nothing where its weights are missing, so that words and figures decide."""
    try:
        if (chosen := device_of(device)) == "cpu":
            return OnnxPairModel(cache, mirror)
        from .pair_torch import TorchPairModel

        return TorchPairModel(cache, mirror, chosen)
    except BaowenError as error:
        log.warning("没有训练的核对模型，只按文字和数字核对 (checked by words and figures only): %s", error)
        return BlindPairModel()


class BlindPairModel:
    """In place of the trained model: every logit is 0, which leaves the decision to the other signals."""

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        """The same reading of every pair."""
        empty = (np.full(len(text), 0.0, np.float32) for pair in pairs for text in (pair[0], pair[1], pair[1]))
        return [Reading(0.0, 0.0, 0, 0, 0.0, next(empty) + _NONE, next(empty), next(empty)) for _ in pairs]

    def states(self, text: str) -> None:
        """None."""


_LONGEST_SPAN = 40  # tokens


def _best_span(starts: Float32, ends: Float32, places: NDArray[np.int64]) -> tuple[int, int, float]:
    """The span with the highest sum of its start's and end's logits, among tokens of the text."""
    if not len(places):
        return 0, 0, float("-inf")
    first, last = places[0], places[-1] + 1
    sums = starts[first:last, None] + ends[None, first:last]
    lengths = np.arange(last - first)
    allowed = (lengths[None, :] >= lengths[:, None]) & (lengths[None, :] < lengths[:, None] + _LONGEST_SPAN)
    sums = np.where(allowed, sums, -np.inf)
    start, end = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first + start), int(first + end), float(sums[start, end])


def pair_folder(cache: Path, mirror: str | None) -> Path:
    """The folder with the graph and the tokenizer, put together once for each version of the weights."""
    weights = _weights_file()
    version = hashlib.sha256(weights).hexdigest()[:12]
    return made_once(cache / "models" / f"pair-{version}-{_GRAPH}", partial(_write, weights, cache, mirror))


def trained_weights(weights: bytes | None = None) -> dict[str, Float32 | Int8]:
    """What was trained, by name, as it is stored.

    Raises:
        BaowenError: it is missing or damaged.
    """
    try:
        with np.load(io.BytesIO(_weights_file() if weights is None else weights)) as stored:
            return {name: stored[name] for name in stored.files}
    except (ValueError, OSError, KeyError) as error:
        raise BaowenError(f"核对模型的权重 {WEIGHTS} 已损坏 (damaged)；请重新安装：pip install -e .") from error


def trained_base(trained: dict[str, Float32 | Int8], cache: Path, mirror: str | None) -> E5:
    """The packaged sentence model with what was trained in place of its own."""
    base = read_e5(packaged_file(BASE, cache, mirror))
    return replace(base, tensors={**base.tensors, **_tensors(trained)})


def _weights_file() -> bytes:
    try:
        return resources.files(__package__).joinpath(WEIGHTS).read_bytes()
    except OSError as error:
        raise BaowenError(f"缺少核对模型的权重 {WEIGHTS} (weights missing)；请重新安装：pip install -e .") from error


def _write(weights: bytes, cache: Path, mirror: str | None, folder: Path) -> None:
    """Write the graph and the tokenizer.

    ``input_ids`` (1, tokens) → ``heads`` (1, 2), ``tokens`` (1, tokens, 3), and (1, tokens, hidden) of ``STATES_OF``.
    """
    trained = trained_weights(weights)
    model = trained_base(trained, cache, mirror)
    graph = Graph()
    states = encoder_states(graph, model)
    first = graph.node("Slice", [states, *(graph.constant(f"first.{n}", np.array([v])) for n, v in _FIRST)], "first")
    for name, of in (("heads", first), ("tokens", states)):
        product = graph.node(
            "MatMul", [of, graph.constant(f"{name}.w", trained[f"{name}.weight"].T)], f"{name}.product"
        )
        graph.node("Add", [product, graph.constant(f"{name}.b", trained[f"{name}.bias"])], f"{name}.all")
    graph.node("Squeeze", ["heads.all", graph.constant("one", np.array([1]))], "heads")
    graph.node("Identity", ["tokens.all"], "tokens")
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "length"])
    heads = helper.make_tensor_value_info("heads", TensorProto.FLOAT, [1, len(_HEADS)])
    tokens = helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1, "length", 3])
    shape = [1, "length", model.hidden]
    states_of = [helper.make_tensor_value_info(_state(layer), TensorProto.FLOAT, shape) for layer in STATES_OF]
    graph.save(folder / "pair.onnx", [ids], [heads, tokens, *states_of])
    write_tokenizer(model, folder)


def _state(layer: int) -> str:
    """The graph's name of a layer's states."""
    return f"l{layer}.oln"


_FIRST = (("start", 0), ("end", 1), ("axis", 1))


def _tensors(trained: dict[str, Float32 | Int8]) -> dict[str, Float32]:
    """The encoder's trained tensors as float32, by their packaged names; matrices lie as int8 codes and row scales."""
    found: dict[str, Float32] = {}
    for name, array in trained.items():
        if name.endswith(".codes"):
            whole = name.removesuffix(".codes")
            found[whole] = array.astype(np.float32) * trained[f"{whole}.scales"][:, None]
        elif name.startswith("l") and not name.endswith(".scales"):
            found[name] = array.astype(np.float32)
    return found
