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
        call = f"{time.time_ns()}-{ray.get_runtime_context().get_node_id()}"
        (self._folder / f"{call}.begun").touch()
        time.sleep(self._seconds)
        (self._folder / call).write_text("\0".join(texts), encoding="utf-8")
        return super().encode(texts, query=query)


def nodes(folder: Path) -> list[str]:
    """The machine of each call that ended, in the order in which they began."""
    return [call.partition("-")[2] for call in _ended(folder)]


def embedded(folder: Path) -> list[str]:
    """Every text that was embedded, as often as it was."""
    return [text for call in _ended(folder) for text in (folder / call).read_text(encoding="utf-8").split("\0")]


def under_way(folder: Path) -> list[str]:
    """The machines of the calls that began and have not ended, in the order in which they began."""
    begun = sorted(path.stem for path in folder.glob("*.begun"))
    return [call.partition("-")[2] for call in begun if not (folder / call).exists()]


def _ended(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".begun")
