"""Write the packaged e5 encoder as an int8 ONNX graph.

The word embeddings keep their published 4-bit blocks (``GatherBlockQuantized``). Measurements: benchmarks/trials.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from index.types import Float32

from .e5 import BLOCK, E5
from .onnx_graph import MICROSOFT, Graph, quantised


def write_onnx(model: E5, path: Path) -> None:
    """Write the encoder: ``input_ids`` (batch, tokens) → ``last_hidden_state`` (batch, tokens, hidden).

    The graph has no attention mask, so all rows must have the same length; nothing is computed for padding.
    """
    graph = Graph()
    graph.node("Identity", [encoder_states(graph, model)], "last_hidden_state")
    shape = ["batch", "tokens"]
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape)
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, model.hidden])
    graph.save(path, [ids], [output])


def encoder_states(graph: Graph, model: E5) -> str:
    """Add the encoder to a graph with input ``input_ids``; returns the name of its output (batch, tokens, hidden)."""
    x = _embeddings(graph, model)
    for layer in range(model.layers):
        x = _layer(graph, model, f"l{layer}", x)
    return x


def _embeddings(graph: Graph, model: E5) -> str:
    words = model.matrix("emb.word")
    signed = words.codes.reshape(len(words.codes), -1) ^ 0x08  # nibble - 8 as a two's-complement int4
    packed = (signed[:, 0::2] | (signed[:, 1::2] << 4)).tobytes()
    codes = graph.packed_constant("emb.word", TensorProto.INT4, (len(words.codes), model.hidden), packed)
    scales = graph.constant("emb.word.scales", words.scales)
    blocks = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
    word = graph.node("GatherBlockQuantized", [codes, "input_ids", scales], "word", MICROSOFT, **blocks)
    token_type = model.float32("emb.type")[: model.hidden]
    table = graph.constant("emb.pos", model.float32("emb.pos").reshape(-1, model.hidden) + token_type)
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    zero = graph.constant("zero", np.array([0]))
    position = graph.node("Slice", [table, zero, length, zero], "position")
    summed = graph.node("Add", [word, position], "embeddings")
    return _norm(graph, "embeddings.norm", summed, model.float32("emb.ln.w"), model.float32("emb.ln.b"), model.epsilon)


def _layer(graph: Graph, model: E5, name: str, x: str) -> str:
    def tensor(part: str) -> Float32:
        return model.float32(f"{name}.{part}")

    qkv_weights = np.concatenate([tensor(f"{part}.w") for part in "qkv"])
    qkv_bias = np.concatenate([tensor(f"{part}.b") for part in "qkv"])
    qkv = _linear(graph, f"{name}.qkv", x, qkv_weights, qkv_bias)
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    graph.add("Split", [qkv], parts, axis=-1, num_outputs=3)
    context = graph.node("MultiHeadAttention", parts, f"{name}.context", MICROSOFT, num_heads=model.heads)
    attended = _linear(graph, f"{name}.ao", context, tensor("ao.w"), tensor("ao.b"))
    summed = graph.node("Add", [x, attended], f"{name}.attended")
    x = _norm(graph, f"{name}.aln", summed, tensor("aln.w"), tensor("aln.b"), model.epsilon)
    inner = _linear(graph, f"{name}.fi", x, tensor("fi.w"), tensor("fi.b"))
    activated = graph.node("Gelu", [inner], f"{name}.gelu", MICROSOFT)
    outer = _linear(graph, f"{name}.fo", activated, tensor("fo.w"), tensor("fo.b"))
    summed = graph.node("Add", [x, outer], f"{name}.fed")
    return _norm(graph, f"{name}.oln", summed, tensor("oln.w"), tensor("oln.b"), model.epsilon)


def _linear(graph: Graph, name: str, x: str, weights: Float32, bias: Float32) -> str:
    return graph.matmul(name, x, *quantised(weights), bias)


def _norm(graph: Graph, name: str, x: str, weight: Float32, bias: Float32, epsilon: float) -> str:
    inputs = [x, graph.constant(f"{name}.w", weight), graph.constant(f"{name}.b", bias)]
    return graph.node("LayerNormalization", inputs, name, axis=-1, epsilon=epsilon)
