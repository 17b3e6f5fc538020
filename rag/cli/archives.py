"""Commands about an archive's snapshots: info, verify, migrate, rollback, copy."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .auditing import note
from .options import AsJson, Check, Folder, MinHit5, archive_folder, gate_of
from .printing import print_json, say

if TYPE_CHECKING:
    from index.config import Settings


def info(archive: Folder = None, as_json: AsJson = False) -> None:
    """列出馆藏的快照和本机的读入速度 · list snapshots and the models' reading speed here."""
    from index.config import Settings
    from index.maintenance import describe, image_sizes
    from index.storage.milvus import milvus_address
    from index.storage.milvus.states import describe as describe_milvus
    from rag.generation.speed import reading_speeds

    settings, place = Settings.load(), archive_folder(archive)
    speeds, images = reading_speeds(settings.cache), image_sizes(place)
    address = milvus_address(place, settings.milvus)
    for snapshot in describe(place) if address is None else describe_milvus(address, settings.milvus):
        if as_json:
            print_json(snapshot | {"images": asdict(images), "reading_speed": speeds})
        else:
            mark = "*" if snapshot["current"] else " "
            say(f"{mark} " + "  ".join(f"{key}={value}" for key, value in snapshot.items() if key != "current"))
    if not as_json:
        if images.count:
            say(f"版面图 {images.count} 张，{images.bytes / (1 << 20):.1f} MB (pictures of pages)")
        for model, speed in speeds.items():
            say(f"{model}：每秒读 {speed:.0f} 个词元 (tokens a second)")


def verify(archive: Folder = None, as_json: AsJson = False) -> None:
    """核对当前快照 · check the current snapshot."""
    from index.config import Settings
    from index.maintenance import verify as verify_archive
    from index.models.embedder import LazyEmbedder
    from index.storage.milvus import milvus_address
    from index.storage.milvus.verifying import verify as verify_milvus

    settings, place = Settings.load(), archive_folder(archive)
    address = milvus_address(place, settings.milvus)
    if address is None:
        report = verify_archive(place, LazyEmbedder(settings))
    else:
        report = verify_milvus(address, settings.milvus, LazyEmbedder(settings))
    if as_json:
        print_json(report)
    else:
        say(f"完好：{report['articles']} 篇、{report['passages']} 段，抽查重算 {report['embedded_again']} 段")


def migrate(archive: Folder = None) -> None:
    """把旧版本的馆藏转成现在的格式 · convert an old archive to the current format."""
    from index.build import migrate as migrate_archive
    from index.config import Settings
    from index.models.embedder import LazyEmbedder
    from index.search.names import tagger_of

    settings = Settings.load()
    tagger = tagger_of(settings.search)
    report = migrate_archive(archive_folder(archive), LazyEmbedder(settings), settings.passages, tagger)
    say(f"馆藏是现在的格式了：{report.articles} 篇、{report.passages} 段，用时 {report.seconds:.1f} 秒")


def rollback(archive: Folder = None) -> None:
    """回到上一个快照 · go back to the previous snapshot."""
    from index.config import Settings
    from index.storage.milvus import milvus_address
    from index.storage.milvus.states import rollback as rollback_milvus
    from index.storage.snapshots import ArchiveFolder

    settings, place = Settings.load(), archive_folder(archive)
    address = milvus_address(place, settings.milvus)
    if address is None:
        folder = ArchiveFolder(place)
        with folder.writing():
            published = folder.rollback().name
        published = _corrected_again(place, settings) or published
    else:
        published = rollback_milvus(address, settings.milvus)
    note("rolled back", archive=str(address or place), snapshot=published)
    say(f"现在使用快照 {published}")


def _corrected_again(place: Path, settings: Settings) -> str:
    """Publish the snapshot with the text corrections applied again; return its name, empty if there are none."""
    from index.build import publish_corrections
    from index.models.embedder import LazyEmbedder
    from index.overlay.places import CORRECTED
    from index.search.names import tagger_of
    from index.storage.snapshots import ArchiveFolder
    from rag.serving.database.corrections import open_overlay

    overlay = open_overlay(place, settings)
    if overlay is None or not overlay.edits(CORRECTED):
        return ""
    tagger = tagger_of(settings.search)
    publish_corrections(place, LazyEmbedder(settings), settings.passages, tagger=tagger, overlay=overlay)
    return ArchiveFolder(place).require_current().name


def copy(
    source: Annotated[str, typer.Argument(help="馆藏文件夹，或 milvus:… · source archive", metavar="FROM")],
    target: Annotated[str, typer.Argument(help="milvus://主机:端口/名字，或新文件夹 · destination", metavar="TO")],
    as_json: AsJson = False,
    check: Check = None,
    min_hit5: MinHit5 = 0.9,
) -> None:
    """在文件夹和 Milvus 之间复制馆藏，不重新计算向量 · copy an archive to or from Milvus without embedding it again."""
    from index.config import Settings
    from index.copying import copy_archive
    from index.models.embedder import LazyEmbedder

    settings = Settings.load()
    gate = gate_of(check, min_hit5, LazyEmbedder(settings), settings)
    stamp = copy_archive(source, target, settings, gate)
    note("copied", archive=target, source=source)
    if as_json:
        print_json({"articles": stamp.articles, "passages": stamp.passages})
        return
    say(f"已复制并发布 (copied and published)：{stamp.articles} 篇、{stamp.passages} 段")
