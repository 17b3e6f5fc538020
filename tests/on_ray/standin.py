"""A stand-in for the model on the machines of a cluster: says on disk what it embedded, and where."""

import time
from pathlib import Path

import ray

from tests.conftest import FakeEmbedder


class RecordingEmbedder(FakeEmbedder):
    """Slow enough that a machine can be lost in the middle."""

    def __init__(self, folder: Path, seconds: float = 0.0) -> None:
        super().__init__()
        self._folder = folder
        self._seconds = seconds

    def encode(self, texts, *, query=False):
        time.sleep(self._seconds)
        node = ray.get_runtime_context().get_node_id()
        (self._folder / f"{time.time_ns()}-{node}").write_text("\0".join(texts), encoding="utf-8")
        return super().encode(texts, query=query)


def nodes(folder: Path) -> list[str]:
    """The machine of each call, in their order."""
    return [path.name.partition("-")[2] for path in sorted(folder.iterdir())]


def embedded(folder: Path) -> list[str]:
    """Every text that was embedded, as often as it was."""
    return [text for path in sorted(folder.iterdir()) for text in path.read_text(encoding="utf-8").split("\0")]
