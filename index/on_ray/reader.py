"""The side that writes the archive: sends files to the cluster and receives issues and vectors."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from index.errors import BaowenError
from index.extras import require
from index.isolation.frames import believed
from index.reading import Issue
from index.reading.beside import files_beside
from index.sources import Source
from index.updating.reading import Job

if TYPE_CHECKING:
    import pyarrow as pa

    from .pipeline import Load

T = TypeVar("T")

_BLOCK = 4 << 20  # bytes of files per task
_TRIES = 3  # attempts to connect
_WINDOW = 1 << 30  # bytes of files in the cluster's memory at a time
_HEAD = {"node:__internal_head__": 0.001}  # the head node, so that the loss of another node does not end the pipeline


class RayReader:
    """Reads and embeds on a cluster; finished issues are kept in a journal until the archive is published.

    Args:
        on: ``ray`` for this machine's cluster, which is started if necessary; ``ray://host:port`` for another cluster.
        load: loads the model; it is called on the machines of the cluster.
        block: bytes of files per task, which are read again if a machine is lost.
    """

    def __init__(self, on: str, load: Load, block: int = _BLOCK) -> None:
        self._on = on
        self._load = load
        self._block = block

    def __call__(self, sources: Sequence[Source], job: Job) -> Generator[Issue, None, None]:
        """Like ``index.updating.reading.Reader``.

        Raises:
            BaowenError: Ray is not installed, no cluster answers, or it gave up.
        """
        require("ray", "ray", "--on ray ")
        keys = [_key(source, job) for source in sources]
        kept = job.journal.issue_keys()
        waiting = [(number, sources[number]) for number, key in enumerate(keys) if key not in kept]
        with contextlib.closing(self._read(waiting, job)) as fresh:
            for number, key in enumerate(keys):
                held = job.journal.issue(key) if key in kept else None
                if held is None:
                    came, held = next(fresh, (None, b""))
                    if came != number:
                        raise BaowenError(
                            f"Ray 给的是第 {came} 期，应是第 {number} 期 (lost or out of order)；请再运行一次"
                        )
                    job.journal.put_issue(key, held)
                issue = believed(held)
                assert isinstance(issue, Issue)
                yield issue

    def _read(self, sources: Sequence[tuple[int, Source]], job: Job) -> Generator[tuple[int, bytes], None, None]:
        """Yield the number and the packed bytes of each issue, once its vectors are in the journal."""
        if not sources:
            return
        with _connected(self._on) as ray:
            from .pipeline import Instructions, Pipeline

            instructions = Instructions(job.stamp, job.later, job.known.short_keys())
            pipeline = Pipeline.options(resources=_HEAD).remote(instructions, self._load)  # type: ignore[attr-defined]
            blocks = _together(map(_table, sources), self._block, lambda table: table.nbytes)
            sent = ((ray.put(table), table.nbytes) for table in map(_joined, blocks))
            for window in _together(sent, _WINDOW, lambda one: one[1]):
                ray.get(pipeline.start.remote([table for table, _ in window]))
                coming = pipeline.take.remote()
                while (table := ray.get(coming)) is not None:
                    coming = pipeline.take.remote()
                    yield from _taken(table, job)


def _taken(table: pa.Table, job: Job) -> Iterator[tuple[int, bytes]]:
    rows = table.to_pylist()
    vectors = [(row["key"], np.frombuffer(row["vector"], "<f2")) for row in rows if row["vector"] is not None]
    job.journal.put(vectors)
    yield from ((row["number"], row["issue"]) for row in rows if row["issue"] is not None)


@contextlib.contextmanager
def _connected(on: str) -> Iterator[ModuleType]:
    """Connect to Ray; its output goes to standard error.

    Raises:
        BaowenError: no cluster answers, or Ray gave up.
    """
    import ray

    with contextlib.redirect_stdout(sys.stderr):
        try:
            with warnings.catch_warnings(action="ignore"):  # the error says the same
                _init(ray, None if on == "ray" else on)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise BaowenError(
                f"{on} 没有应答的 Ray 集群 (no Ray cluster answers)；请先在那里运行 (start it): "
                f"ray start --head --ray-client-server-port 10001；{_last_line(error)}"
            ) from error
        try:
            yield ray
        except (ray.exceptions.RayError, ConnectionError) as error:
            raise BaowenError(
                f"Ray 没有做完 (Ray gave up): {_last_line(error)}；再运行一次会接着做 (run it again to go on)"
            ) from error
        finally:
            ray.shutdown()


def _init(ray: ModuleType, address: str | None) -> None:
    """Connect, and retry if the head node answers but is too slow to start a server for this client."""
    for left in reversed(range(_TRIES)):
        try:
            ray.init(address, logging_level=logging.WARNING)
            return
        except ConnectionAbortedError:
            if not left:
                raise
            ray.shutdown()


def _last_line(error: Exception) -> str:
    return next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)


def _key(source: Source, job: Job) -> bytes:
    """A key that changes whenever the issue would be read differently or its files are moved."""
    places = [(str(file.path), file.source) for file in source.files]
    return hashlib.blake2b(repr((source.key, source.hash, places, job.later)).encode(), digest_size=16).digest()


def _table(numbered: tuple[int, Source]) -> pa.Table:
    """One row with the files of an issue and the other files they need."""
    import pyarrow as pa

    number, source = numbered
    names = {file.path: file.source for file in source.files}
    contents: dict[Path, bytes | None] = {}
    for path in names:
        contents[path] = _bytes(path)
    for path in names:
        for beside in files_beside(path, contents[path] or b""):
            if beside not in contents:
                contents[beside] = _bytes(beside)
    return pa.table(
        {
            "number": pa.array([number], pa.int64()),
            "paths": pa.array([[os.fsencode(path) for path in contents]], pa.list_(pa.binary())),
            "names": pa.array([[names.get(path, "") for path in contents]], pa.list_(pa.string())),
            "contents": pa.array([list(contents.values())], pa.list_(pa.large_binary())),
        }
    )


def _bytes(path: os.PathLike[str]) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None  # whoever reads the issue reports that it is missing


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(tables).combine_chunks()


def _together(items: Iterable[T], limit: int, size: Callable[[T], int]) -> Iterator[list[T]]:
    """Group items into non-empty groups of about ``limit`` bytes."""
    group: list[T] = []
    held = 0
    for item in items:
        group.append(item)
        held += size(item)
        if held >= limit:
            yield group
            group, held = [], 0
    if group:
        yield group
