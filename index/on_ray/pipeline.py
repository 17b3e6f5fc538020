"""The part that runs on the cluster: tasks read files and cut passages, actors load the model and embed them.

The rows of a table are the passages of an issue, followed by the issue itself. Order is preserved throughout, so
whoever receives an issue already has all of its vectors.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import ray
import ray.data
from numpy.typing import NDArray

from index.errors import BaowenError
from index.isolation import read_issue
from index.models.embedder import Embedder
from index.reading import READER_VERSION, Issue
from index.reading.articles.assembly import PageReading
from index.storage.reuse import short_keys, text_hash
from index.storage.store import Stamp
from index.updating.reading import passages_of

Load = Callable[[], Embedder]

_TOGETHER = 256  # passages
_PASSAGES = pa.schema(
    [("number", pa.int64()), ("key", pa.binary()), ("text", pa.large_string()), ("issue", pa.large_binary())]
)


@dataclass(frozen=True)
class Instructions:
    """The instructions for every reading task.

    ``known`` are the sorted ``short_keys`` of texts that need no embedding; ``version`` is the reader version of the
    machine that writes the archive.
    """

    stamp: Stamp
    later: bool
    known: NDArray[np.uint64]
    version: int = READER_VERSION


@ray.remote(num_cpus=0)
class Pipeline:
    """Runs Ray Data inside the cluster, which an outside client cannot do; handles one window of files at a time."""

    def __init__(self, instructions: Instructions, load: Load) -> None:
        self._instructions = instructions
        self._load = load
        ray.data.DataContext.get_current().execution_options.preserve_order = True
        self._tables: Iterator[pa.Table] = iter(())

    def start(self, files: Sequence[ray.ObjectRef]) -> None:
        """Start processing tables of files; one task reads each table."""
        nodes = ray.cluster_resources()
        processors, devices = int(nodes.get("CPU", 1)), int(nodes.get("GPU", 0))
        found = ray.data.from_arrow_refs(list(files))
        found = found.map_batches(
            read,
            fn_kwargs={"instructions": self._instructions},
            batch_size=1,
            batch_format="pyarrow",
            num_cpus=0.5 if processors > 1 else 0,  # differs from the model's, or Ray would fuse both steps
        ).map_batches(
            Embed,
            fn_constructor_args=(self._load,),
            batch_size=_TOGETHER,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=devices or max(1, processors - 1)),
            **({"num_gpus": 1} if devices else {"num_cpus": 1}),
        )
        self._tables = iter(found.iter_batches(batch_size=None, batch_format="pyarrow"))

    def take(self) -> pa.Table | None:
        """The next passages and issues; None when all have been delivered."""
        return next(self._tables, None)


def read(files: pa.Table, instructions: Instructions) -> Iterator[pa.Table]:
    """Yield the passages of one issue that need embedding, and then the issue.

    Raises:
        BaowenError: this machine's reader version differs from that of the machine that writes the archive.
    """
    if instructions.version != READER_VERSION:
        raise BaowenError(
            f"集群上的报问读法是 {READER_VERSION}，这里是 {instructions.version} (another version of baowen)；"
            "请在所有机器上装同一版本"
        )
    (row,) = files.to_pylist()
    issue = _read_copies(row["paths"], row["names"], row["contents"], later=instructions.later)
    number, rows = row["number"], []
    for key, text in _unknown(issue, instructions):
        rows.append({"number": number, "key": key, "text": text})
        if len(rows) == _TOGETHER:
            yield pa.Table.from_pylist(rows, _PASSAGES)
            rows = []
    rows.append({"number": number, "issue": pickle.dumps(issue)})
    yield pa.Table.from_pylist(rows, _PASSAGES)


def _unknown(issue: Issue, instructions: Instructions) -> Iterator[tuple[bytes, str]]:
    known, seen = instructions.known, set[bytes]()
    for article in issue.articles:
        for _, text in passages_of(article, instructions.stamp):
            key = text_hash(text)
            (short,) = short_keys([key])
            place = np.searchsorted(known, short)
            if key not in seen and not (place < len(known) and known[place] == short):
                seen.add(key)
                yield key, text


def _read_copies(
    paths: Sequence[bytes], names: Sequence[str], contents: Sequence[bytes | None], *, later: bool
) -> Issue:
    """Read an issue from copies of its files; its messages name the original paths.

    Args:
        paths: the original path of each file.
        names: the name to cite each file by; empty if the file only accompanies another.
        contents: the bytes of each file; None if it could not be opened.
    """
    with tempfile.TemporaryDirectory(prefix="baowen-") as folder:
        root = os.path.realpath(folder)
        copies = [Path(root + os.fsdecode(path)) for path in paths]
        for copy, content in zip(copies, contents, strict=True):
            copy.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                copy.write_bytes(content)
        issue = read_issue([(copy, name) for copy, name in zip(copies, names, strict=True) if name], later=later)
    issue.failed = [text.replace(root, "") for text in issue.failed]
    issue.warnings = [text.replace(root, "") for text in issue.warnings]
    issue.pages = [replace(page, reading=PageReading([], []), path=Path(), areas={}) for page in issue.pages]
    return issue


class Embed:
    """Holds the model; replaces texts by their vectors, as float16 bytes."""

    def __init__(self, load: Load) -> None:
        self._embedder = load()

    def __call__(self, table: pa.Table) -> pa.Table:
        """The table with vectors for its passages; rows with issues have none."""
        texts = table["text"].to_pylist()
        places = [place for place, text in enumerate(texts) if text is not None]
        vectors: list[bytes | None] = [None] * len(texts)
        if places:
            found = self._embedder.encode([texts[place] for place in places]).astype("<f2")
            for place, vector in zip(places, found, strict=True):
                vectors[place] = vector.tobytes()
        return table.drop_columns(["text"]).append_column("vector", pa.array(vectors, pa.binary()))
