"""The checks of ``baowen doctor``: whether this machine can run everything, and what to do if not."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import psutil

from index.config import Settings
from index.errors import BaowenError
from index.models.packaged import check_packaged, packaged_name
from index.packing import free_bytes
from index.secret import without_logins
from index.storage.milvus import milvus_address
from index.storage.opening import check_embedder, current_store
from index.storage.snapshots import ArchiveFolder, check_files

_LEAST_MEMORY = 4 << 30  # bytes: for the models and an archive of a few thousand articles
_LEAST_DISK = 3 << 30  # bytes: for the language model in ONNX format and a build
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")

FindingState = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """What was checked, its state (``bad``: something will not work), what was found, and what to do, if anything."""

    what: str
    state: FindingState
    found: str
    do: str = ""


def examine(settings: Settings, host: str, port: int) -> list[Finding]:
    """Run every check; nothing is changed or loaded, and no server is called."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _machine,
        lambda: _weights(settings),
        *(partial(_archive, settings, name, folder) for name, folder in _archives(settings).items()),
        lambda: _history(settings.history),
        lambda: _disk(settings),
        lambda: _port(host, port),
        _fonts,
        _browser,
    ]
    return [finding for check in checks for finding in check()]


def _machine() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < (3, 11)
    yield Finding(
        "Python", "bad" if old else "ok", version, "请装 Python 3.11 以上 (install 3.11 or newer)" if old else ""
    )
    memory = psutil.virtual_memory()
    little = memory.total < _LEAST_MEMORY
    yield Finding(
        "内存 memory",
        "warn" if little else "ok",
        f"{memory.total >> 30} GB，现空 (free) {memory.available >> 30} GB",
        "内存少于 4 GB：请用小模型 generator.model = packaged:qwen2.5-coder-0.5b-instruct" if little else "",
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding("处理器 cores", "ok", str(cores))


def _weights(settings: Settings) -> Iterator[Finding]:
    for what, model in (
        ("向量模型 embedder", settings.embedder.model),
        ("语言模型 generator", settings.generator.model),
    ):
        if what.startswith("语言") and settings.generator.backend == "openai":
            given = without_logins(settings.generator.url or "")
            mend = "" if given else "请配置 generator.url"
            yield Finding(what, "ok" if given else "bad", f"{model} @ {given or '?'}", mend)
            continue
        try:
            name = packaged_name(model)
            if name is not None:
                check_packaged(name, settings.weights_mirror)
            elif model.startswith(("/", ".")) and not Path(model).exists():
                raise BaowenError(f"没有 {model} (no such file)；请改配置")
            yield Finding(what, "ok", model)
        except BaowenError as error:
            problem, _, mend = str(error).partition("；")
            yield Finding(what, "bad", problem, mend)


def _archives(settings: Settings) -> dict[str, Path]:
    """The served archives by name; if none is configured, the default archive without a name."""
    return {name: held.path for name, held in settings.archives.items()} or {"": settings.archive}


def _archive(settings: Settings, name: str, folder: Path) -> Iterator[Finding]:
    what = f"馆藏 archive：{name}" if name else "馆藏 archive"
    try:
        address = milvus_address(folder, settings.milvus)
        if address is None:
            check_files(ArchiveFolder(folder).require_current())
        store = current_store(folder, settings.milvus)()
        check_embedder(store.stamp, folder, settings)
    except (BaowenError, OSError) as error:
        problem, _, mend = str(error).partition("；" if "；" in str(error) else "; ")
        yield Finding(what, "bad", problem, mend)
        return
    held = f"{store.stamp.articles} 篇、{store.stamp.passages} 段"
    yield Finding(what, "ok", f"{address or folder}：快照 {store.snapshot}，{held}")


def _history(path: Path) -> Iterator[Finding]:
    what = "历史 history"
    if not path.exists():
        yield Finding(what, "ok", f"{path} 还没有 (none yet)")
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            said = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
            turns = database.execute("SELECT count(*) FROM turns").fetchone()[0]
    except sqlite3.Error as error:
        said, turns = str(error), 0
    if said != "ok":
        mend = f"请把 {path} 移开，或从备份恢复：baowen unpack 备份 新文件夹 --history {path}"
        yield Finding(what, "bad", f"{path}: {said[:200]}", mend)
    elif not os.access(path, os.W_OK):
        yield Finding(what, "bad", f"{path} 不能写入 (read-only)", "请改文件权限，或改配置 history")
    else:
        yield Finding(what, "ok", f"{path}：{turns} 条问答")


def _disk(settings: Settings) -> Iterator[Finding]:
    archives = {f"馆藏 archive {name}".strip(): folder for name, folder in _archives(settings).items()}
    here = {name: folder for name, folder in archives.items() if milvus_address(folder, settings.milvus) is None}
    places = {**here, "历史 history": settings.history, "缓存 cache": settings.cache}
    for name, folder in places.items():
        free = free_bytes(folder)
        little = free < _LEAST_DISK
        mend = "余量少于 3 GB，建馆或准备模型可能写满：请清理 (free some space)" if little else ""
        yield Finding(f"磁盘 disk：{name}", "warn" if little else "ok", f"{folder} 余 (free) {free >> 20} MB", mend)


def _port(host: str, port: int) -> Iterator[Finding]:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            mend = "也许报问已在运行；否则请换 --port (already running, or choose another port)"
            yield Finding("端口 port", "warn", f"{host}:{port} {reason}", mend)
        else:
            yield Finding("端口 port", "ok", f"{host}:{port} 空着 (free)")


def _fonts() -> Iterator[Finding]:
    what, mend = "中文字体 fonts", "只影响在本机看网页：Debian 可装 fonts-noto-cjk (only for a browser on this machine)"
    tool = shutil.which("fc-list")
    if tool is None:
        yield Finding(what, "warn", "没有 fontconfig，不知道有没有 (unknown)", mend)
        return
    listed = subprocess.run([tool, ":lang=zh", "family"], capture_output=True, text=True, timeout=20, check=False)
    families = sorted({line.split(",")[0] for line in listed.stdout.splitlines() if line.strip()})
    yield Finding(
        what, "ok" if families else "warn", "、".join(families[:3]) or "没有 (none)", "" if families else mend
    )


def _browser() -> Iterator[Finding]:
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    mend = "" if found else "只有测试和截图要用：Debian 可装 chromium (only tests and screenshots need one)"
    yield Finding("浏览器 browser", "ok" if found else "warn", found or "没有 (none)", mend)
