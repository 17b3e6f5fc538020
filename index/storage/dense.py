"""The dense retriever: one half-precision row per passage on disk, searched with FAISS.

With up to ``EXACT_UP_TO`` passages, all rows are compared. Beyond that, an inverted file with scalar-quantised rows
(FAISS ``IVF…,SQ4``) is read from disk on demand, and its best candidates are compared again by their exact rows.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.errors import BaowenError

log = logging.getLogger(__name__)

ROWS, TABLE, NEIGHBOURS = "vectors.f16", "passages.npy", "neighbours.faiss"

# One entry per row: the passage's number, its article's number, and its date as 20240730 (0: unknown).
TABLE_TYPE = np.dtype([("number", "<i8"), ("article", "<i8"), ("date", "<i4")])

# benchmarks/README.md: comparing 100,000 rows takes about as long as embedding the question.
EXACT_UP_TO = 100_000
_RECALL_WANTED = 0.995
_DEPTH = 4  # candidates compared again by their exact rows, as a multiple of the requested hits
_LEAST_DEPTH = 200
_GATHERED_UP_TO = 20_000  # if a filter leaves fewer rows, all of them are compared
_CHUNK = 1 << 14
_TRAINED_ON = 40  # rows per list, as FAISS advises (39 to 256)


class RowWriter:
    """Writes a snapshot's rows one after another, with at most one chunk in memory.

    Raises:
        OSError: the disk is full or read-only.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._file = (folder / ROWS).open("wb")
        self._dimension = dimension

    def copy(self, previous: Path, kept: NDArray[np.int64]) -> None:
        """Copy the rows of passages ``kept`` (ascending numbers) from another snapshot."""
        reader = RowReader(previous, self._dimension)
        places = reader.places(kept)
        for start in range(0, len(places), _CHUNK):
            self._file.write(reader.rows(places[start : start + _CHUNK]).tobytes())
        reader.close()

    def append(self, vectors: NDArray[np.float32]) -> None:
        """Append rows of shape (rows, dimension)."""
        self._file.write(vectors.astype("<f2").tobytes())

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class RowReader:
    """Reads single rows of a snapshot by position, with ordinary file reads, so that none stay in memory."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._dimension = dimension
        self._file = (folder / ROWS).open("rb", buffering=0)
        self.table: NDArray[np.void] = np.load(folder / TABLE, mmap_mode="r")
        self.numbers: NDArray[np.int64] = np.ascontiguousarray(self.table["number"])

    def __len__(self) -> int:
        return len(self.numbers)

    def places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The positions of rows by their passages' numbers, which must all exist."""
        return np.searchsorted(self.numbers, numbers)

    def rows(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        """The rows at ``places``, shape (places, dimension); neighbouring rows are read together."""
        result = np.empty((len(places), self._dimension), "<f2")
        if len(places):
            breaks = np.flatnonzero(np.diff(places) != 1) + 1
            for start, stop in zip([0, *breaks], [*breaks, len(places)], strict=True):
                self._file.seek(int(places[start]) * self._dimension * 2)
                self._file.readinto(memoryview(result[start:stop]).cast("B"))  # type: ignore[arg-type]
        return result

    def chunks(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield all rows in chunks, each with the position of its first row."""
        for start in range(0, len(self), _CHUNK):
            yield start, self.rows(np.arange(start, min(start + _CHUNK, len(self)))).astype(np.float32)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class DenseIndex:
    """Searches a snapshot's rows.

    Args:
        folder: the snapshot's folder.
        dimension: length of a row.
        probes: number of lists of the inverted file to search, chosen when it was built.

    Raises:
        RuntimeError: the file of neighbours is invalid.
        OSError: a file is missing.
    """

    def __init__(self, folder: Path, dimension: int, probes: int) -> None:
        self._reader = RowReader(folder, dimension)
        self._numbers = self._reader.numbers
        self._probes = probes
        self._inverted = (folder / NEIGHBOURS).is_file()
        if self._inverted:
            self._index = faiss.read_index(str(folder / NEIGHBOURS), faiss.IO_FLAG_MMAP)
            self._index.parallel_mode = 1  # the threads share the lists of one question
        else:
            self._index = faiss.IndexScalarQuantizer(
                dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
            )
            faiss.copy_array_to_vector(np.fromfile(folder / ROWS, np.uint8), self._index.codes)
            self._index.ntotal = len(self._reader)

    def __len__(self) -> int:
        return len(self._reader)

    @property
    def table(self) -> NDArray[np.void]:
        """One entry per row: number, article, date."""
        return self._reader.table

    def row(self, number: int) -> NDArray[np.float32]:
        """A passage's vector."""
        vector: NDArray[np.float32] = self._reader.rows(self._reader.places(np.array([number])))[0].astype(np.float32)
        return vector

    def cosines(self, vector: NDArray[np.float32], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of each passage with a unit ``vector`` (dimension,)."""
        order = np.argsort(numbers)
        places = self._reader.places(numbers[order])
        scores = np.empty(len(numbers), np.float32)
        scores[order] = self._reader.rows(places).astype(np.float32) @ vector
        return scores

    def search(
        self, vectors: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[list[tuple[int, float]]]:
        """The ``k`` nearest rows to each of ``vectors`` (questions, dimension), as (passage number, cosine).

        Args:
            vectors: of unit length.
            k: number of hits; fewer are returned only if fewer rows are allowed.
            allowed: one flag per row; None: all rows are allowed.
        """
        count = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, count)
        if k == 0:
            return [[] for _ in vectors]
        if allowed is not None and (count <= _GATHERED_UP_TO or count <= k * _DEPTH):
            return self._gathered(vectors, k, np.flatnonzero(allowed))
        if not self._inverted:
            return self._exact(vectors, k, allowed)
        return self._approximate(vectors, k, allowed)

    def _gathered(
        self, vectors: NDArray[np.float32], k: int, places: NDArray[np.int64]
    ) -> list[list[tuple[int, float]]]:
        scores = vectors @ self._reader.rows(places).astype(np.float32).T
        return [_best(self._numbers[places], row, k) for row in scores]

    def _exact(
        self, vectors: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None
    ) -> list[list[tuple[int, float]]]:
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little")))
        scores, places = self._index.search(vectors, k, params=parameters)
        return [
            [(int(self._numbers[place]), float(score)) for place, score in zip(*row, strict=True) if place >= 0]
            for row in zip(places, scores, strict=True)
        ]

    def _approximate(
        self, vectors: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None
    ) -> list[list[tuple[int, float]]]:
        options: dict[str, object] = {"nprobe": self._probes}
        if allowed is not None:
            flags = np.zeros(int(self._numbers[-1]) + 1, np.bool_)
            flags[self._numbers[allowed]] = True
            options["sel"] = faiss.IDSelectorBitmap(np.packbits(flags, bitorder="little"))
        _, found = self._index.search(
            vectors, max(k * _DEPTH, _LEAST_DEPTH), params=faiss.SearchParametersIVF(**options)
        )
        results = []
        for vector, numbers in zip(vectors, found, strict=True):
            numbers = numbers[numbers >= 0]
            if len(numbers) < k:  # the searched lists contained too few allowed rows
                places = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
                results.append(self._scanned(vector, k, places))
            else:
                results.append(_best(numbers, self.cosines(vector, numbers), k))
        return results

    def _scanned(self, vector: NDArray[np.float32], k: int, places: NDArray[np.int64]) -> list[tuple[int, float]]:
        best: list[tuple[int, float]] = []
        for start in range(0, len(places), _CHUNK):
            chunk = places[start : start + _CHUNK]
            best += _best(self._numbers[chunk], self._reader.rows(chunk).astype(np.float32) @ vector, k)
        return sorted(best, key=lambda hit: -hit[1])[:k]


def _best(numbers: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    chosen = np.argpartition(-scores, k - 1)[:k] if k < len(scores) else np.arange(len(scores))
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    return [(int(numbers[place]), float(scores[place])) for place in chosen]


def write_neighbours(
    folder: Path, dimension: int, previous: Path | None, questions: Callable[[], NDArray[np.float32]]
) -> tuple[int, float]:
    """Build the inverted file of a snapshot if it is large enough; its rows and table must already be written.

    A previous snapshot's file is updated, unless the archive has doubled since that file was trained.

    Args:
        folder: the snapshot's folder.
        dimension: length of a row.
        previous: the previous snapshot.
        questions: returns vectors to measure recall with, (questions, dimension); the passages' own vectors would be
            found too easily, since the lists were built from them.

    Returns:
        The number of lists to search, and recall@10 against exact search; (0, 1.0) if search is exact.

    Raises:
        BaowenError: it cannot be written.
    """
    reader = RowReader(folder, dimension)
    try:
        if len(reader) <= EXACT_UP_TO:
            return 0, 1.0
        index = _updated(reader, dimension, previous) or _trained(reader, dimension)
        faiss.write_index(index, str(folder / NEIGHBOURS))
        return _tuned(index, reader, questions())
    except RuntimeError as error:
        raise BaowenError(f"写入向量索引失败 (cannot write the vectors): {error}；已发布的内容没有改变") from error
    finally:
        reader.close()


def _trained(reader: RowReader, dimension: int) -> faiss.Index:
    lists = int(4 * math.sqrt(len(reader)))
    log.info("训练向量索引 (training): %d 段，%d 组", len(reader), lists)
    sample = np.sort(np.random.default_rng(0).choice(len(reader), min(len(reader), lists * _TRAINED_ON), replace=False))
    index = faiss.index_factory(dimension, f"IVF{lists},SQ4", faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 8
    index.train(reader.rows(sample).astype(np.float32))
    for start, rows in reader.chunks():
        index.add_with_ids(rows, reader.numbers[start : start + len(rows)])
    return index


def _updated(reader: RowReader, dimension: int, previous: Path | None) -> faiss.Index:
    if previous is None or not (previous / NEIGHBOURS).is_file():
        return None
    index = faiss.read_index(str(previous / NEIGHBOURS))
    if len(reader) > 2 * index.nlist**2 / 16:
        return None
    old = np.load(previous / TABLE, mmap_mode="r")["number"]
    index.remove_ids(np.setdiff1d(old, reader.numbers))
    new = reader.places(np.setdiff1d(reader.numbers, old))
    for start in range(0, len(new), _CHUNK):
        places = new[start : start + _CHUNK]
        index.add_with_ids(reader.rows(places).astype(np.float32), reader.numbers[places])
    return index


def _tuned(index: faiss.Index, reader: RowReader, queries: NDArray[np.float32]) -> tuple[int, float]:
    """The smallest number of probes that reaches the desired recall, and that recall."""
    k = 10
    best: list[list[tuple[int, float]]] = [[] for _ in queries]
    for start, rows in reader.chunks():
        numbers = reader.numbers[start : start + len(rows)]
        for place, scores in enumerate(queries @ rows.T):
            best[place] = sorted([*best[place], *_best(numbers, scores, k)], key=lambda hit: -hit[1])[:k]
    exact = [{number for number, _ in hits} for hits in best]
    probes, recall = 8, 0.0
    while True:
        _, found = index.search(queries, _LEAST_DEPTH, params=faiss.SearchParametersIVF(nprobe=probes))
        recall = float(np.mean([len(e & set(map(int, f))) / k for e, f in zip(exact, found, strict=True)]))
        if recall >= _RECALL_WANTED or probes == index.nlist:
            return probes, recall
        probes = min(index.nlist, probes * 5 // 4)
