"""Open an archive in a folder or in Milvus, and copy from a folder to Milvus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path

import numpy as np

from index.article import Span, load_article
from index.config import MilvusSettings
from index.errors import BaowenError

from .current import CurrentStore
from .local import LocalStore
from .milvus import milvus_address
from .milvus.copying import CopySource, Whole, copy_to_milvus
from .milvus.store import CurrentMilvus
from .snapshots import ArchiveFolder
from .store import FORMAT, Stamp, Store


def current_store(place: str | Path, settings: MilvusSettings) -> Callable[[], Store]:
    """A function that opens the state published at the time of the call.

    Raises:
        BaowenError: the address is invalid, its extra is not installed, or Milvus cannot be reached.
    """
    if not isinstance(place, (str, PathLike)):
        raise BaowenError(f"馆藏要是文件夹或地址，不是 {place!r} (must be a folder or an address)")
    address = milvus_address(place, settings)
    return CurrentStore(Path(place)) if address is None else CurrentMilvus(address, settings)


def copy_archive(source: str, target: str, settings: MilvusSettings) -> Stamp:
    """Copy an archive's published state into Milvus and publish it there; nothing is embedded again.

    Raises:
        BaowenError: the target is a folder, or one of the two archives cannot be used.
    """
    wanted = milvus_address(target, settings)
    if wanted is None:
        raise BaowenError(
            f"目标 {target} 不是 Milvus 地址 (copies go into Milvus)；"
            "文件夹之间用 baowen pack 和 unpack (between folders: pack, unpack)"
        )
    held = milvus_address(source, settings)
    if held is None:
        store = LocalStore(ArchiveFolder(Path(source)).require_current())
        return copy_to_milvus(local_source(store), wanted, settings)
    return copy_to_milvus(CurrentMilvus(held, settings)().source(), wanted, settings)


def local_source(store: LocalStore) -> CopySource:
    """A whole snapshot, for copying it elsewhere."""
    return CopySource(replace(store.stamp, format=FORMAT), partial(_wholes, store))


def _wholes(store: LocalStore) -> Iterator[Whole]:
    query = "SELECT number, id, fields, body FROM articles ORDER BY date DESC, page, number"
    for number, identity, fields, body in store.database.execute(query):
        rows = store.database.execute(
            "SELECT number, start, end FROM passages WHERE article = ? ORDER BY number", (number,)
        ).fetchall()
        vectors = np.stack([store.vectors.row(passage) for passage, _, _ in rows])
        spans = [Span(start, end) for _, start, end in rows]
        yield Whole(load_article(identity, fields, body), store.catalogue.regions(identity), spans, vectors)
