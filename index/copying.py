"""Copy an archive from Milvus into a folder: an update whose articles and vectors come from there, not from files."""

from __future__ import annotations

import pickle
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .config import Settings
from .errors import BaowenError
from .isolation.frames import believed
from .models.embedder import LazyEmbedder
from .next_snapshot import Gate, NextSnapshot
from .reading import Issue
from .search.names import tagger_of
from .sources import File, Source
from .storage import opening
from .storage.milvus import milvus_address
from .storage.milvus.copying import CopySource, Whole, embedded
from .storage.milvus.store import CurrentMilvus
from .storage.reuse import Journal, text_hash
from .storage.snapshots import ArchiveFolder
from .storage.store import FORMAT, Stamp
from .updating.ledger import Held
from .updating.plan import Plan
from .updating.reading import Job


def copy_archive(source: str, target: str, settings: Settings, gate: Gate | None = None) -> Stamp:
    """Copy an archive's published state into Milvus, or from Milvus into a folder, and publish it there.

    Args:
        gate: as for ``index.build.build``.

    Raises:
        BaowenError: both are folders, one of them cannot be used, or the target folder has an archive.
    """
    held = milvus_address(source, settings.milvus)
    if held is None or milvus_address(target, settings.milvus) is not None:
        return opening.copy_archive(source, target, settings.milvus, gate)
    state = CurrentMilvus(held, settings.milvus)().source()
    folder = ArchiveFolder(Path(target))
    with folder.writing():
        if folder.current() is not None:
            raise BaowenError(f"{target} 里已有馆藏 (there is an archive already)；请另选一个文件夹")
        with closing(Journal(folder.journal, state.stamp.embedder)) as journal:
            copied = _Copied(state, journal)
        stamp = replace(state.stamp, format=FORMAT)
        snapshot = NextSnapshot(folder, stamp, LazyEmbedder(settings), gate, tagger_of(settings.search))
        snapshot.images, snapshot.reader = False, copied
        snapshot.apply(Plan(Held(), copied.files, copied.files, set(), {}))
    return Stamp.read(folder.require_current())


class _Copied:
    """Puts articles and vectors into the journal, and then reads the articles of each file from there.

    Articles come ordered by date, and a file may have articles of many, so it comes in several pieces.
    """

    def __init__(self, state: CopySource, journal: Journal) -> None:
        self._pieces: dict[str, list[bytes]] = {}
        for number, (name, wholes) in enumerate(groupby(state.articles(), lambda whole: whole.article.source)):
            piece, key = list(wholes), f"copied {number}".encode()
            journal.put(_vectors(piece))
            articles = [replace(whole.article, regions=whole.regions) for whole in piece]
            journal.put_issue(key, pickle.dumps(Issue(articles)))
            self._pieces.setdefault(name, []).append(key)
        self.files = [Source(name, [File("", name, b"", 0)]) for name in self._pieces]

    def __call__(self, sources: Sequence[Source], job: Job) -> Generator[Issue, None, None]:
        """Like ``index.updating.reading.Reader``."""
        for source in sources:
            issue = Issue()
            for key in self._pieces[source.key]:
                piece = believed(job.journal.issue(key) or b"")
                assert isinstance(piece, Issue)
                issue.articles += piece.articles
            yield issue


def _vectors(wholes: Sequence[Whole]) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
    for whole in wholes:
        yield from zip(map(text_hash, embedded(whole)), whole.vectors, strict=True)
