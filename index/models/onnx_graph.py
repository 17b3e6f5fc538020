"""Collect the nodes of an ONNX graph whose matrices are multiplied in int8, and write it.

Matrices become int8 with one scale a column and activations are rounded to 8 bits as they come
(``DynamicQuantizeMatMul``, described in ONNX Runtime's contrib-operator reference). Weights use 7 of the 8 bits,
because without VNNI the x86 kernel adds two products in 16 bits and would saturate. Measured trials:
benchmarks/trials.md.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper, save
from onnx.external_data_helper import set_external_data

from index.types import Float32

MICROSOFT = "com.microsoft"
_WEIGHT_LIMIT = 63
_PAGE = 4096  # bytes; arrays of that many and more lie beside the graph, if anything does

Int8 = NDArray[np.int8]


def quantised(weights: Float32) -> tuple[Int8, Float32]:
    """Codes (outputs, inputs) and one scale an output; a weight is its code times the scale."""
    scales = np.maximum(np.abs(weights).max(axis=1), np.finfo(np.float32).tiny) / _WEIGHT_LIMIT
    return np.rint(weights / scales[:, None]).astype(np.int8), scales.astype(np.float32)


class Graph:
    """Collects nodes and initialisers; every method returns the name of what it made.

    Args:
        beside: an open file for the large arrays, which the graph then refers to by its name; None: they lie inside.
    """

    def __init__(self, beside: BinaryIO | None = None) -> None:
        self.nodes: list[NodeProto] = []
        self.initialisers: list[TensorProto] = []
        self._beside = beside

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """An array of the graph's own."""
        array = np.ascontiguousarray(array)
        if self._beside is None or array.nbytes < _PAGE:
            self.initialisers.append(numpy_helper.from_array(array, name))
            return name
        self._beside.seek(-self._beside.tell() % _PAGE, os.SEEK_CUR)  # mapped, an array begins where a page does
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = TensorProto(name=name, data_type=kind, dims=array.shape, raw_data=b"")
        set_external_data(tensor, Path(self._beside.name).name, self._beside.tell(), array.nbytes)
        tensor.ClearField("raw_data")  # which must be there before, if only empty
        self._beside.write(array.data)
        self.initialisers.append(tensor)
        return name

    def packed_constant(self, name: str, kind: int, shape: tuple[int, ...], data: bytes) -> str:
        """The same of a type that numpy does not have; ``kind``: a ``TensorProto`` type."""
        self.initialisers.append(helper.make_tensor(name, kind, shape, data, raw=True))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: object) -> str:
        """A node with one output."""
        self.add(operator, inputs, [output], domain, **attributes)
        return output

    def add(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **attributes: object
    ) -> None:
        """A node with several outputs, of which those not wanted have an empty name."""
        name = next(filter(None, outputs))
        self.nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, name=name, **attributes))

    def matmul(self, name: str, x: str, codes: Int8, scales: Float32, bias: Float32 | None = None) -> str:
        """``x @ (codes * scales).T + bias`` in int8, ``x`` being rounded with one scale for all of it."""
        inputs = [
            x,
            self.constant(f"{name}.codes", codes.T),
            self.constant(f"{name}.scales", scales),
            self.constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
        ]
        if bias is not None:
            inputs.append(self.constant(f"{name}.bias", bias))
        return self.node("DynamicQuantizeMatMul", inputs, name, MICROSOFT)

    def save(self, path: Path, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]) -> None:
        """Write the graph; ``inputs`` and ``outputs``: what ``onnx.helper.make_tensor_value_info`` gives."""
        graph = helper.make_graph(self.nodes, path.stem, inputs, outputs, self.initialisers)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
        save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
