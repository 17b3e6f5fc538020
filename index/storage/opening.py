"""Open an archive in a folder or in Milvus, and copy from a folder to Milvus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.article import Span, load_article
from index.config import MilvusSettings, Settings
from index.errors import BaowenError

from .current import CurrentStore
from .local import LocalStore
from .milvus import milvus_address
from .milvus.copying import CopySource, Whole, copy_to_milvus
from .milvus.store import CurrentMilvus, MilvusStore
from .snapshots import ArchiveFolder
from .store import FORMAT, Stamp, Store

if TYPE_CHECKING:
    from pymilvus import MilvusClient


def current_store(place: str | Path, settings: MilvusSettings) -> Callable[[], Store]:
    """A function that opens the state published at the time of the call.

    Raises:
        BaowenError: the address is invalid, its extra is not installed, or Milvus cannot be reached.
    """
    if not isinstance(place, (str, PathLike)):
        raise BaowenError(f"馆藏要是文件夹或地址，不是 {place!r} (must be a folder or an address)")
    address = milvus_address(place, settings)
    return CurrentStore(Path(place)) if address is None else CurrentMilvus(address, settings)


def check_embedder(stamp: Stamp, place: str | Path, settings: Settings) -> None:
    """Check that an archive was built with the configured embedder.

    Raises:
        BaowenError: it was built with another one; the message says how to rebuild it.
    """
    if stamp.embedder == (wanted := settings.embedder.model):
        return
    address = milvus_address(place, settings.milvus)
    rebuild = f"baowen build 报纸文件夹 --archive {'新馆藏' if address else f'{place}-new'}"
    copy = f"，再 baowen copy 新馆藏 {address}" if address else ""
    raise BaowenError(
        f"馆藏 {address or place} 是用 {stamp.embedder} 建的，现在配置的向量模型是 {wanted} (another embedder)；"
        f"请把 embedder.model 改回 {stamp.embedder}，或重建 (rebuild): {rebuild}{copy}"
    )


def copy_archive(
    source: str, target: str, settings: MilvusSettings, gate: Callable[[Store], None] | None = None
) -> Stamp:
    """Copy an archive's published state into Milvus and publish it there; nothing is embedded again.

    Args:
        gate: inspects the copy before it is published; raises ``BaowenError`` to keep the old one.

    Raises:
        BaowenError: the target is a folder, or one of the two archives cannot be used.
    """
    wanted = milvus_address(target, settings)
    if wanted is None:
        raise BaowenError(
            f"{source} 和 {target} 都是文件夹 (copies go into Milvus or come from there)；"
            "文件夹之间用 baowen pack 和 unpack (between folders: pack, unpack)"
        )
    held = milvus_address(source, settings)
    if held is None:
        store = LocalStore(ArchiveFolder(Path(source)).require_current())
        whole = local_source(store)
    else:
        whole = CurrentMilvus(held, settings)().source()

    def inspect(client: MilvusClient, prefix: str) -> None:
        if gate is not None:
            gate(MilvusStore(client, wanted, prefix))

    return copy_to_milvus(whole, wanted, settings, inspect)


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
