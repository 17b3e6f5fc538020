"""Converts a Qwen2 model's GGUF file into a folder with an int8 ONNX graph and the tokenizer.

Weights of any GGUF type are dequantised and then quantised to int8 with one scale per column. Activations are rounded
to 8 bits with one scale per token: those of some tokens are a thousand times larger than others (Sun et al., "Massive
Activations in Large Language Models", COLM 2024), and one scale for all would round the others to zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize
from onnx import TensorProto, helper
from tqdm import tqdm

from index.errors import BaowenError
from index.models.onnx_graph import MICROSOFT, Graph, Int8, quantised
from index.types import Float32

from .adapter import Adapter

GRAPH = "decoder.onnx"
_ARCHITECTURE = "qwen2"
_ROWS = 4096  # dequantised at a time


class Gguf:
    """A Qwen2 model's GGUF file, with the updates of an adapter, if any.

    Raises:
        BaowenError: the file is not a GGUF file, or has another architecture.
    """

    def __init__(self, path: Path, taught: Adapter | None = None) -> None:
        self._taught = taught
        try:
            self._reader = GGUFReader(path)
        except (OSError, ValueError) as error:
            raise BaowenError(f"读不懂 GGUF 文件 {path} (cannot read it): {error}") from error
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        architecture = self._reader.fields["general.architecture"].contents()
        if architecture != _ARCHITECTURE:
            raise BaowenError(
                f"{path} 是 {architecture} 模型，ONNX Runtime 只能运行 {_ARCHITECTURE} (not a Qwen2 model); "
                '请设 generator.backend = "llama"'
            )
        self.layers = int(self._number("block_count"))
        self.heads = int(self._number("attention.head_count"))
        self.kv_heads = int(self._number("attention.head_count_kv"))
        self.head_size = int(self._number("embedding_length")) // self.heads
        self.context = int(self._number("context_length"))
        self.epsilon = self._number("attention.layer_norm_rms_epsilon")
        self.rope_base = self._number("rope.freq_base")

    def _number(self, key: str) -> float:
        """A number of the file's header."""
        return float(self._reader.fields[f"{_ARCHITECTURE}.{key}"].contents())

    def has(self, name: str) -> bool:
        """Return whether the file contains a tensor."""
        return name in self._tensors

    def float32(self, name: str) -> Float32:
        """Return a dequantised tensor."""
        return np.concatenate(list(self._blocks(name)))

    def quantised(self, *names: str) -> tuple[Int8, Float32]:
        """Return stacked matrices, quantised by ``index.models.onnx_graph.quantised``."""
        blocks = [quantised(block) for name in names for block in self._blocks(name)]
        return np.concatenate([codes for codes, _ in blocks]), np.concatenate([scales for _, scales in blocks])

    def _blocks(self, name: str) -> Iterator[Float32]:
        tensor = self._tensors[name]
        for start in range(0, len(tensor.data), _ROWS):
            block = dequantize(tensor.data[start : start + _ROWS], tensor.tensor_type).astype(np.float32)
            yield block + self._taught.rows(name, slice(start, start + _ROWS)) if self._taught else block


def write_folder(path: Path, taught: Adapter | None, folder: Path) -> None:
    """Write the graph of a GGUF file, with the updates of an adapter, and its tokenizer.

    Raises:
        BaowenError: as for ``Gguf``.
    """
    from transformers import AutoTokenizer

    model = Gguf(path, taught)
    with (folder / f"{GRAPH}.data").open("wb") as beside:
        _write_graph(model, Graph(beside), folder / GRAPH)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)
    tokenizer.model_max_length = model.context
    tokenizer.save_pretrained(folder)


def _write_graph(model: Gguf, graph: Graph, path: Path) -> None:
    """Write the decoder.

    Inputs: ``input_ids`` (1, tokens); the key-value cache of each layer in ``past.L.k`` and ``past.L.v`` (1, heads,
    context, head size); ``last`` (1), the position of the last token; ``total``, the number of tokens including these.
    Outputs: ``logits`` (1, 1, vocabulary) of the next token; ``present.L.k`` and ``present.L.v``, which must be bound
    to the same memory as the inputs.
    """
    shared = model.quantised("token_embd.weight")
    x = _embedded(graph, *shared)
    turns = np.outer(np.arange(model.context), model.rope_base ** -(np.arange(0, model.head_size, 2) / model.head_size))
    graph.constant("cos", np.cos(turns).astype(np.float32))
    graph.constant("sin", np.sin(turns).astype(np.float32))
    graph.constant("row", np.array([-1]))
    added = ""
    for layer in tqdm(range(model.layers), desc="准备语言模型", disable=None):
        x, added = _layer(graph, model, layer, x, added)
    x, added = (graph.node("Gather", [part, "row"], f"{part}.last", axis=1) for part in (x, added))
    _, x = _normed(graph, model, "output_norm", x, added)
    head = model.quantised("output.weight") if model.has("output.weight") else shared
    graph.matmul("logits", x, *head)
    memory = [1, model.kv_heads, "context", model.head_size]
    states = [(layer, part) for layer in range(model.layers) for part in "kv"]
    value = helper.make_tensor_value_info
    inputs = [
        value("input_ids", TensorProto.INT64, [1, "tokens"]),
        value("last", TensorProto.INT32, [1]),
        value("total", TensorProto.INT32, []),
        *(value(f"past.{layer}.{part}", TensorProto.FLOAT, memory) for layer, part in states),
    ]
    outputs = [
        value("logits", TensorProto.FLOAT, [1, 1, len(head[1])]),
        *(value(f"present.{layer}.{part}", TensorProto.FLOAT, memory) for layer, part in states),
    ]
    graph.save(path, inputs, outputs)


def _embedded(graph: Graph, codes: Int8, scales: Float32) -> str:
    graph.constant("embedding.codes", codes)
    graph.constant("embedding.scales", scales[:, None])
    rows = graph.node("Gather", ["embedding.codes", "input_ids"], "embedding.rows")
    rows = graph.node("Cast", [rows], "embedding.floats", to=TensorProto.FLOAT)
    scale = graph.node("Gather", ["embedding.scales", "input_ids"], "embedding.scale")
    return graph.node("Mul", [rows, scale], "embedding")


def _layer(graph: Graph, model: Gguf, layer: int, x: str, added: str) -> tuple[str, str]:
    """The residual stream and this layer's output to be added to it.

    ``added`` is the output of the layer before; empty for the first.
    """
    block = f"blk.{layer}"
    parts = [f"{block}.attn_{part}" for part in "qkv"]
    x, normed = _normed(graph, model, f"{block}.attn_norm", x, added)
    bias = np.concatenate([model.float32(f"{part}.bias") for part in parts])
    qkv = _linear(graph, f"{block}.qkv", _by_rows(graph, normed), *model.quantised(*(f"{p}.weight" for p in parts)))
    qkv = graph.node("Add", [qkv, graph.constant(f"{block}.bias", bias)], f"{block}.qkv.biased")
    states = [f"{when}.{layer}.{part}" for when in ("past", "present") for part in "kv"]
    context = f"{block}.context"
    graph.add(
        "GroupQueryAttention",
        [qkv, "", "", *states[:2], "last", "total", "cos", "sin"],
        [context, *states[2:]],
        MICROSOFT,
        num_heads=model.heads,
        kv_num_heads=model.kv_heads,
        do_rotary=1,
    )
    attended = _matrix(graph, model, f"{block}.attn_output", _by_rows(graph, context))
    x, normed = _normed(graph, model, f"{block}.ffn_norm", x, attended)
    rows = _by_rows(graph, normed)
    gate, up = (_matrix(graph, model, f"{block}.ffn_{part}", rows) for part in ("gate", "up"))
    gate = graph.node("QuickGelu", [gate], f"{block}.silu", MICROSOFT, alpha=1.0)
    gated = graph.node("Mul", [gate, up], f"{block}.gated")
    return x, _matrix(graph, model, f"{block}.ffn_down", _by_rows(graph, gated))


def _normed(graph: Graph, model: Gguf, name: str, x: str, added: str) -> tuple[str, str]:
    """The sum of ``x`` and ``added``, if any, and its RMS normalisation."""
    weight = graph.constant(f"{name}.weight", model.float32(f"{name}.weight"))
    if not added:
        return x, graph.node("SimplifiedLayerNormalization", [x, weight], name, axis=-1, epsilon=model.epsilon)
    total = f"{name}.sum"
    graph.add(
        "SkipSimplifiedLayerNormalization",
        [x, added, weight],
        [name, "", "", total],
        MICROSOFT,
        epsilon=model.epsilon,
    )
    return total, name


_Rows = tuple[str, str]  # each row divided by its largest absolute value, and that value


def _by_rows(graph: Graph, x: str) -> _Rows:
    largest = graph.node("ReduceMax", [graph.node("Abs", [x], f"{x}.abs"), "row"], f"{x}.largest", keepdims=1)
    return graph.node("Div", [x, largest], f"{x}.rows"), largest


def _matrix(graph: Graph, model: Gguf, name: str, rows: _Rows) -> str:
    return _linear(graph, name, rows, *model.quantised(f"{name}.weight"))


def _linear(graph: Graph, name: str, rows: _Rows, codes: Int8, scales: Float32) -> str:
    product = graph.matmul(f"{name}.product", rows[0], codes, scales)
    return graph.node("Mul", [product, rows[1]], name)
