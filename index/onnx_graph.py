"""Write the packaged e5 encoder as an int8 ONNX graph.

Matrices become int8 with one scale a column and activations are rounded to int8 as they come
(``DynamicQuantizeMatMul``); the word embeddings keep their published 4-bit blocks (``GatherBlockQuantized``).
Weights use 7 of the 8 bits, because without VNNI the x86 kernel adds two products in 16 bits and would saturate.
Both operators are described in ONNX Runtime's contrib-operator reference. Measured trials: benchmarks/README.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, save

from .e5 import BLOCK, E5, Float32

_MICROSOFT = "com.microsoft"
_WEIGHT_LIMIT = 63


class _Graph:
    """Collects nodes and initialisers; every method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.initialisers: list[Any] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def packed_constant(self, name: str, kind: int, shape: tuple[int, ...], data: bytes) -> str:
        self.initialisers.append(helper.make_tensor(name, kind, shape, data, raw=True))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, name=output, **attributes))
        return output

    def linear(self, name: str, x: str, weights: Float32, bias: Float32) -> str:
        """``x @ weights.T + bias`` in int8; ``weights``: (outputs, inputs)."""
        scales = np.abs(weights).max(axis=1) / _WEIGHT_LIMIT
        codes = np.rint(weights / scales[:, None]).astype(np.int8)
        inputs = [
            x,
            self.constant(f"{name}.codes", codes.T),
            self.constant(f"{name}.scales", scales),
            self.constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
            self.constant(f"{name}.bias", bias),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, name, _MICROSOFT)

    def norm(self, name: str, x: str, weight: Float32, bias: Float32, epsilon: float) -> str:
        inputs = [x, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=epsilon)


def write_onnx(model: E5, path: Path) -> None:
    """Write the encoder: ``input_ids`` (batch, tokens) → ``last_hidden_state`` (batch, tokens, hidden).

    There is no attention mask: every row must be as long as the others, so that nothing is computed for padding.
    """
    graph = _Graph()
    x = _embeddings(graph, model)
    for layer in range(model.layers):
        x = _layer(graph, model, f"l{layer}", x)
    graph.node("Identity", [x], "last_hidden_state")
    shape = ["batch", "tokens"]
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape)
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, model.hidden])
    onnx_graph = helper.make_graph(graph.nodes, "e5", [ids], [output], graph.initialisers)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)]
    save(helper.make_model(onnx_graph, opset_imports=opsets, ir_version=10), path)


def _embeddings(graph: _Graph, model: E5) -> str:
    words = model.matrix("emb.word")
    signed = words.codes.reshape(len(words.codes), -1) ^ 0x08  # nibble - 8 as a two's-complement int4
    packed = (signed[:, 0::2] | (signed[:, 1::2] << 4)).tobytes()
    codes = graph.packed_constant("emb.word", TensorProto.INT4, (len(words.codes), model.hidden), packed)
    scales = graph.constant("emb.word.scales", words.scales)
    blocks = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
    word = graph.node("GatherBlockQuantized", [codes, "input_ids", scales], "word", _MICROSOFT, **blocks)
    token_type = model.float32("emb.type")[: model.hidden]
    table = graph.constant("emb.pos", model.float32("emb.pos").reshape(-1, model.hidden) + token_type)
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    zero = graph.constant("zero", np.array([0]))
    position = graph.node("Slice", [table, zero, length, zero], "position")
    summed = graph.node("Add", [word, position], "embeddings")
    return graph.norm("embeddings.norm", summed, model.float32("emb.ln.w"), model.float32("emb.ln.b"), model.epsilon)


def _layer(graph: _Graph, model: E5, name: str, x: str) -> str:
    def tensor(part: str) -> Float32:
        return model.float32(f"{name}.{part}")

    qkv_weights = np.concatenate([tensor(f"{part}.w") for part in "qkv"])
    qkv_bias = np.concatenate([tensor(f"{part}.b") for part in "qkv"])
    qkv = graph.linear(f"{name}.qkv", x, qkv_weights, qkv_bias)
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(helper.make_node("Split", [qkv], parts, axis=-1, num_outputs=3, name=f"{name}.split"))
    context = graph.node("MultiHeadAttention", parts, f"{name}.context", _MICROSOFT, num_heads=model.heads)
    attended = graph.linear(f"{name}.ao", context, tensor("ao.w"), tensor("ao.b"))
    summed = graph.node("Add", [x, attended], f"{name}.attended")
    x = graph.norm(f"{name}.aln", summed, tensor("aln.w"), tensor("aln.b"), model.epsilon)
    inner = graph.linear(f"{name}.fi", x, tensor("fi.w"), tensor("fi.b"))
    activated = graph.node("Gelu", [inner], f"{name}.gelu", _MICROSOFT)
    outer = graph.linear(f"{name}.fo", activated, tensor("fo.w"), tensor("fo.b"))
    summed = graph.node("Add", [x, outer], f"{name}.fed")
    return graph.norm(f"{name}.oln", summed, tensor("oln.w"), tensor("oln.b"), model.epsilon)
