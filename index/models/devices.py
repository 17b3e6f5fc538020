"""The device that models in torch run on."""

from __future__ import annotations


def device_of(setting: str) -> str:
    """The device that a setting means: ``auto`` is CUDA where there is one, otherwise the CPU."""
    import torch

    if setting != "auto":
        return setting
    return "cuda" if torch.cuda.is_available() else "cpu"
