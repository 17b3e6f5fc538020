"""The adapter of the packaged language model: low-rank updates of its matrices (LoRA, Hu et al., ICLR 2022).

``training/tune.py`` trains it to answer from an article in one sentence, and to say whether the article contains the
answer, whether a draft is the answer, and whether a claim agrees. Each backend applies it to the weights once.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from index.types import Float32

FILE = "adapter.npz"


@dataclass(frozen=True)
class Adapter:
    """Updates of matrices by their names in a GGUF file.

    ``parts``: for each matrix a (rank, inputs) and b (outputs, rank); ``b @ a`` is added to it.
    ``version``: a hash of the adapter file.
    """

    parts: Mapping[str, tuple[Float32, Float32]]
    version: str

    def rows(self, name: str, rows: slice) -> Float32 | float:
        """Return what is added to some rows of a matrix; 0 if the adapter does not change it."""
        if name not in self.parts:
            return 0.0
        a, b = self.parts[name]
        added: Float32 = b[rows] @ a
        return added

    def write_gguf(self, path: Path) -> None:
        """Write the adapter in the format of llama.cpp."""
        writer = gguf.GGUFWriter(str(path), "qwen2")
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(len(next(iter(self.parts.values()))[0])))
        for name, (a, b) in self.parts.items():
            writer.add_tensor(f"{name}.lora_a", a)
            writer.add_tensor(f"{name}.lora_b", b)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


@cache
def adapter(model: str) -> Adapter | None:
    """Return the adapter if it was trained for the model with this name, otherwise None."""
    content = resources.files(__package__).joinpath(FILE).read_bytes()
    with np.load(io.BytesIO(content)) as arrays:
        if str(arrays["model"]) != model:
            return None
        names = [name.removesuffix(".a") for name in arrays.files if name.endswith(".a")]
        parts = {name: (_float32(arrays[f"{name}.a"]), _float32(arrays[f"{name}.b"])) for name in names}
    return Adapter(parts, hashlib.sha256(content).hexdigest()[:8])


def _float32(array: NDArray[np.float16]) -> Float32:
    return array.astype(np.float32)


# The names that transformers gives a Qwen2 model's matrices.
_NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def transformers_name(name: str) -> str:
    """Return the name in transformers: ``model.layers.3.self_attn.q_proj.weight`` for ``blk.3.attn_q.weight``."""
    _, layer, matrix, kind = name.split(".")
    return f"model.layers.{layer}.{_NAMES[matrix]}.{kind}"


def gguf_name(module: str) -> str:
    """Return the name in a GGUF file: ``blk.3.attn_q.weight`` for ``….layers.3.self_attn.q_proj``."""
    layer, matrix = module.split("layers.")[1].split(".", 1)
    return f"blk.{layer}.{next(own for own, other in _NAMES.items() if other == matrix)}.weight"
