"""``read_issue`` with limits: zip, XML, HTML, PDF, pictures and office files are read in a separate process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..reading import Issue
from ..reading import read_issue as read_here
from ..reading.formats import FORMATS, Options
from .frames import Failure, IssueFiles, Request
from .limits import Limits, sentence
from .process import shared

_PLAIN = (".md", ".markdown", ".txt", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_SNIFFED = 4096


def read_issue(
    files: Iterable[tuple[Path, str]],
    fields: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    *,
    recognised: Path | None = None,
    later: bool = False,
) -> Issue:
    """Like ``index.reading.read_issue``; files that exceed the limits or crash the reader are listed in ``failed``.

    Plain text, Markdown, JSON and text tables are read in this process: pure Python parses them, and they never expand.
    """
    held, limits = tuple(files), limits or Limits()
    if all(_is_plain(path) for path, _ in held):
        return read_here(held, fields, recognised=recognised, later=later)
    options = Options(dict(fields or {}), recognised and recognised.absolute(), later)
    found = _ask(held, options, limits)
    if isinstance(found, Issue):
        return found
    if len(held) == 1:
        return Issue(failed=[sentence(held[0][0], found, limits)])
    return _without_bad_ones(held, options, limits)


def _without_bad_ones(files: tuple[tuple[Path, str], ...], options: Options, limits: Limits) -> Issue:
    """Read the files one by one and return the issue of those that can be read."""
    good, failed = [], []
    for file in files:
        alone = _ask((file,), options, limits)
        if isinstance(alone, Failure):
            failed.append(sentence(file[0], alone, limits))
        else:
            good.append(file)
    found = _ask(tuple(good), options, limits) if good else Issue()
    if isinstance(found, Failure):
        return Issue(failed=[*failed, *(sentence(path, found, limits) for path, _ in good)])
    found.failed.extend(failed)
    return found


def _ask(files: tuple[tuple[Path, str], ...], options: Options, limits: Limits) -> Issue | Failure:
    absolute = tuple((path.absolute(), source) for path, source in files)
    found = shared.ask(Request(IssueFiles(absolute, options), limits.memory, limits.seconds))
    return found if isinstance(found, Issue | Failure) else Failure("crash")


def _is_plain(path: Path) -> bool:
    """Whether the file is read as text, judged by its name and first bytes."""
    if path.suffix.lower() not in _PLAIN:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED)
    except OSError:
        return True  # the reader reports the error
    return not any(format.sniff and format.sniff(head) for format in FORMATS)
