"""Export the trained model as the file that the product ships: int8 codes with one scale per row, and small tensors.

Run: ``python -m training.export TRAINED.pt index/models/pair.npz``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import torch

from index.models.onnx_graph import quantised
from index.models.pair import WEIGHTS

# Names of a layer's parts in torch and in the exported file.
_PARTS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
_LAYER = re.compile(r"encoder\.encoder\.layer\.(\d+)\.(.+)\.(weight|bias)")


def packed(state: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Return the arrays of ``pair.npz``."""
    found: dict[str, np.ndarray] = {}
    for name, tensor in state.items():
        array = tensor.float().numpy()
        match = _LAYER.fullmatch(name)
        if not match:
            found[name] = array.astype(np.float32)
            continue
        own = f"l{match[1]}.{_PARTS[match[2]]}.{match[3][0]}"
        if array.ndim == 2:
            found[f"{own}.codes"], found[f"{own}.scales"] = quantised(array)
        else:
            found[own] = array.astype(np.float32)
    return found


def main(source: Path, target: Path) -> None:
    """Write the file."""
    np.savez_compressed(target, **packed(torch.load(source, weights_only=True)))
    print(f"{target} ({WEIGHTS}): {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
