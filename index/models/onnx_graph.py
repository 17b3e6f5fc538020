"""Build and save an ONNX graph whose matrices are multiplied in int8.

Matrices become int8 with one scale per column, and activations are rounded to 8 bits on the fly
(``DynamicQuantizeMatMul``, see ONNX Runtime's contrib operators). Weights use only 7 of the 8 bits, because without
VNNI the x86 kernel adds two products in 16 bits and would saturate. Measurements: benchmarks/trials.md.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper, save
from onnx.external_data_helper import set_external_data

from index.types import Float32

MICROSOFT = "com.microsoft"
_WEIGHT_LIMIT = 63
_PAGE = 4096  # bytes; arrays of at least this size go into the external file, if there is one

Int8 = NDArray[np.int8]


def quantised(weights: Float32) -> tuple[Int8, Float32]:
    """Codes (outputs, inputs) and one scale per output; a weight is its code times the scale."""
    scales = np.maximum(np.abs(weights).max(axis=1), np.finfo(np.float32).tiny) / _WEIGHT_LIMIT
    return np.rint(weights / scales[:, None]).astype(np.int8), scales.astype(np.float32)


class Graph:
    """Collects nodes and initialisers; every method returns the name of what it added.

    Args:
        beside: an open file for large arrays, which the graph refers to by name; None stores them in the graph.
    """

    def __init__(self, beside: BinaryIO | None = None) -> None:
        self.nodes: list[NodeProto] = []
        self.initialisers: list[TensorProto] = []
        self._beside = beside

    def constant(self, name: str, array: NDArray[np.generic]) -> str:
        """Add an array as an initialiser."""
        array = np.ascontiguousarray(array)
        if self._beside is None or array.nbytes < _PAGE:
            self.initialisers.append(numpy_helper.from_array(array, name))
            return name
        self._beside.seek(-self._beside.tell() % _PAGE, os.SEEK_CUR)  # aligned to a page for memory mapping
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = TensorProto(name=name, data_type=kind, dims=array.shape, raw_data=b"")
        set_external_data(tensor, Path(self._beside.name).name, self._beside.tell(), array.nbytes)
        tensor.ClearField("raw_data")  # ``set_external_data`` requires the field, even if empty
        self._beside.write(array.data)
        self.initialisers.append(tensor)
        return name

    def packed_constant(self, name: str, kind: int, shape: tuple[int, ...], data: bytes) -> str:
        """Add an initialiser of a type that numpy does not have; ``kind`` is a ``TensorProto`` type."""
        self.initialisers.append(helper.make_tensor(name, kind, shape, data, raw=True))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: object) -> str:
        """Add a node with one output."""
        self.add(operator, inputs, [output], domain, **attributes)
        return output

    def add(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **attributes: object
    ) -> None:
        """Add a node with several outputs; unwanted outputs have an empty name."""
        name = next(filter(None, outputs))
        self.nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, name=name, **attributes))

    def matmul(self, name: str, x: str, codes: Int8, scales: Float32, bias: Float32 | None = None) -> str:
        """Add ``x @ (codes * scales).T + bias`` in int8, where ``x`` is quantised with a single scale."""
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
        """Write the graph; ``inputs`` and ``outputs`` are made by ``onnx.helper.make_tensor_value_info``."""
        graph = helper.make_graph(self.nodes, path.stem, inputs, outputs, self.initialisers)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
        save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
