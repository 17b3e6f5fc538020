"""List an archive's snapshots and check the current one."""

from __future__ import annotations

import random
from pathlib import Path

from index.types import JsonObject

from .errors import BaowenError
from .models.embedder import Embedder
from .storage.images import ImageSizes, ImageStore
from .storage.local import LocalStore
from .storage.snapshots import ArchiveFolder, check_files, files_of
from .storage.store import Stamp

_SAMPLE = 32
# A recomputed vector may differ slightly (other batch size, other processor), but not by more than this.
_LEAST_COSINE = 0.99


def describe(path: Path) -> list[JsonObject]:
    """Return one object per snapshot, oldest first: name, whether it is current, counts, dates, model, size in bytes.

    Raises:
        BaowenError: the archive does not exist.
    """
    folder = ArchiveFolder(path)
    current = folder.require_current()
    return [_describe(snapshot, snapshot == current) for snapshot in folder.published()]


def image_sizes(path: Path) -> ImageSizes:
    """The number and total bytes of the page images that an archive keeps for all its snapshots."""
    return ImageStore(path).sizes()


def _describe(snapshot: Path, current: bool) -> JsonObject:
    stamp = Stamp.read(snapshot)
    store = LocalStore(snapshot)
    first, last = store.dates()
    return {
        "snapshot": snapshot.name,
        "current": current,
        "created": stamp.created,
        "articles": stamp.articles,
        "passages": stamp.passages,
        "first_date": first,
        "last_date": last,
        "embedder": stamp.embedder,
        "recall@10": stamp.recall,
        "bytes": sum((snapshot / name).stat().st_size for name in files_of(snapshot)),
    }


def verify(path: Path, embedder: Embedder) -> dict[str, int]:
    """Check that every passage has a vector and lies within its article, and embed a sample again.

    Raises:
        BaowenError: something is wrong; the message says what, and which command to run.
    """
    current = ArchiveFolder(path).require_current()
    check_files(current, whole=True)
    store = LocalStore(current)
    mend = "；请运行 (run) baowen rollback，或用 baowen build 重建到新文件夹"
    check = store.database.execute("PRAGMA quick_check").fetchone()[0]
    if check != "ok":
        raise BaowenError(f"馆藏 {path} 的数据库已损坏 (damaged database): {check[:200]}{mend}")
    numbers = []
    query = (
        "SELECT p.number, p.start, p.end, length(a.body) FROM passages p LEFT JOIN articles a ON a.number = p.article"
    )
    for number, start, end, length in store.database.execute(query):
        if length is None or not 0 <= start <= end <= length:
            raise BaowenError(f"馆藏 {path} 的第 {number} 段越出了它的文章 (passage outside its article){mend}")
        numbers.append(number)
    if store.vectors.table["number"].tolist() != sorted(numbers):
        raise BaowenError(f"馆藏 {path} 的段与向量对不上 (passages and vectors differ){mend}")
    sample = random.Random(0).sample(numbers, min(_SAMPLE, len(numbers)))
    _embed_again(store, embedder, sample, path, mend)
    return {"articles": store.stamp.articles, "passages": len(numbers), "embedded_again": len(sample)}


def _embed_again(store: LocalStore, embedder: Embedder, sample: list[int], path: Path, mend: str) -> None:
    if embedder.name != store.stamp.embedder:
        raise BaowenError(f"馆藏 {path} 是用 {store.stamp.embedder} 建的，不是 {embedder.name} (another embedder)")
    passages = store.passages(sample)
    fresh = embedder.encode([passage.embedded for passage in passages])
    for passage, vector in zip(passages, fresh, strict=True):
        if float(store.vectors.row(passage.number) @ vector) < _LEAST_COSINE:
            raise BaowenError(f"馆藏 {path} 第 {passage.number} 段的向量不符 (wrong vector){mend}")
