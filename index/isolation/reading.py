"""``read_issue`` with limits: zip, XML, HTML, PDF, pictures and office files are read in a process of their own."""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..reading import Issue
from ..reading import read_issue as read_here
from ..reading.formats import FORMATS, Options
from .frames import Failure, Request
from .process import Processes

_PLAIN = (".md", ".markdown", ".txt", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_SNIFFED = 4096
_WHY = {
    "time": "{seconds:g} 秒内没有读完 (took too long)",
    "memory": "读它要的内存超过 {memory} MB (needs too much memory)",
    "crash": "读它的程序崩溃了 (the reader crashed)",
}

_processes = Processes()
atexit.register(_processes.close)


@dataclass(frozen=True)
class Limits:
    """What one issue may take: bytes of memory, seconds."""

    memory: int = 3 << 30
    seconds: float = 3600.0  # a volume of scans on a slow machine; an upload has less


def read_issue(
    files: Iterable[tuple[Path, str]],
    fields: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    *,
    recognised: Path | None = None,
    later: bool = False,
) -> Issue:
    """As ``index.reading.read_issue``; a file that passes the limits or ends its reader is among ``failed``.

    Texts, Markdown, JSON and tables of text are read here: they are parsed by Python alone, and never grow.
    """
    held, limits = tuple(files), limits or Limits()
    if all(_is_plain(path) for path, _ in held):
        return read_here(held, fields, recognised=recognised, later=later)
    options = Options(dict(fields or {}), recognised and recognised.absolute(), later)
    found = _ask(held, options, limits)
    if isinstance(found, Issue):
        return found
    if len(held) == 1:
        return Issue(failed=[_sentence(held[0][0], found, limits)])
    return _without_bad_ones(held, options, limits)


def _without_bad_ones(files: tuple[tuple[Path, str], ...], options: Options, limits: Limits) -> Issue:
    """The issue of those files that can be read one by one."""
    good, failed = [], []
    for file in files:
        alone = _ask((file,), options, limits)
        if isinstance(alone, Failure):
            failed.append(_sentence(file[0], alone, limits))
        else:
            good.append(file)
    found = _ask(tuple(good), options, limits) if good else Issue()
    if isinstance(found, Failure):
        return Issue(failed=[*failed, *(_sentence(path, found, limits) for path, _ in good)])
    found.failed.extend(failed)
    return found


def _ask(files: tuple[tuple[Path, str], ...], options: Options, limits: Limits) -> Issue | Failure:
    absolute = tuple((path.absolute(), source) for path, source in files)
    found = _processes.ask(Request(absolute, options, limits.memory, limits.seconds))
    return found if isinstance(found, Issue | Failure) else Failure("crash")


def _is_plain(path: Path) -> bool:
    """Whether it is read as text, by its name and its first bytes."""
    if path.suffix.lower() not in _PLAIN:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED)
    except OSError:
        return True  # the reader says why
    return not any(format.sniff and format.sniff(head) for format in FORMATS)


def _sentence(path: Path, failure: Failure, limits: Limits) -> str:
    why = _WHY.get(failure.reason, "读取时出错 (cannot read): {reason}")
    return f"{path}: " + why.format(seconds=limits.seconds, memory=limits.memory >> 20, reason=failure.reason)
