"""Watch folders and index new files."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from watchfiles import watch as changes

from .build import build
from .config import PassageSettings
from .errors import BaowenError
from .models.embedder import Embedder
from .overlay.log import Overlay
from .reading import SUFFIXES
from .report import Report
from .search.names import Tagger

log = logging.getLogger(__name__)

_DEBOUNCE_MS = 1000
_STABLE_S = 1.0  # a file whose size and time are stable for this long is completely copied


def watch(
    paths: Sequence[Path],
    archive: Path,
    embedder: Embedder,
    passages: PassageSettings,
    stop: threading.Event | None = None,
    tagger: Tagger | None = None,
    *,
    images: bool = True,
    overlay: Overlay | None = None,
) -> None:
    """Add existing files, then new and changed ones, until ``stop`` is set; bad files are reported and skipped.

    Raises:
        BaowenError: a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise BaowenError(f"没有这个文件或文件夹 (no such file or folder): {path}")
    log.info("守着 (watching) %s", "、".join(map(str, paths)))
    said: set[str] = set()
    update = partial(
        build, paths, archive, embedder, passages, keep_others=True, tagger=tagger, images=images, overlay=overlay
    )
    _add(update, said)
    for changed in changes(*paths, debounce=_DEBOUNCE_MS, stop_event=stop, raise_interrupt=True):
        arrived = [Path(name) for _, name in changed if Path(name).suffix.lower() in SUFFIXES]
        if arrived:
            _wait_until_copied(arrived)
            _add(update, said)


def _add(update: Callable[[], Report], said: set[str]) -> None:
    try:
        report = update()
    except BaowenError as error:  # an empty folder or another writer: the next change tries again
        log.warning("%s", error)
        return
    for problem in report.problems:
        if problem not in said:  # otherwise it would be reported at every change
            log.warning("跳过 (skipped): %s", problem)
    said.clear()
    said.update(report.problems)
    if report.added or report.changed:
        _announce(report)


def _announce(report: Report) -> None:
    log.info("已发布 (published): 馆藏 %d 篇、%d 段，%.1f 秒", report.articles, report.passages, report.seconds)


def _wait_until_copied(files: Sequence[Path]) -> None:
    before = None
    while (now := [_state(file) for file in files]) != before:
        before = now
        time.sleep(_STABLE_S)


def _state(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
