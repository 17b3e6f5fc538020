"""What a build is given: files and folders, grouped into issues."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import BaowenError
from .reading import READER_VERSION, SUFFIXES

_PAGE_ONLY = re.compile(r"^[a-zA-Z]{0,4}[-_ ]?\d{1,3}$|^第?[\d一二三四五六七八九十]{1,3}版$")
_PAGE_IN_NAME = re.compile(r"[-_ ]?第?([\d一二三四五六七八九十]{1,3})版|[-_]\d{1,2}$")
# Files that hold articles of many days, and are never pages of one issue.
_MANY_ARTICLES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx", ".zip", ".epub")


@dataclass(frozen=True, slots=True)
class File:
    """A file: ``source``, the name it is cited by, is its path below ``base``; and the SHA-256 of its bytes."""

    base: Path
    source: str
    digest: bytes

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.base / self.source


@dataclass(slots=True)
class Source:
    """The files of one issue, in the order of their names; ``key`` names it in the archive."""

    key: str
    files: list[File] = field(default_factory=list)

    @property
    def hash(self) -> str:
        """Changes whenever the issue would be read differently."""
        digest = hashlib.sha256(str(READER_VERSION).encode())
        for file in self.files:
            digest.update(f"{file.source}\0{file.digest.hex()}\0".encode())
        return digest.hexdigest()


@dataclass
class Found:
    """The issues found, and a sentence for each file that could not be read."""

    sources: list[Source]
    failed: list[str]


def find_sources(paths: Sequence[Path]) -> Found:
    """Group the files under ``paths`` into issues.

    A file is cited by its path below the folder that holds what was given. Pages named only by number in one folder
    are one issue, and so are files of one folder whose names differ only in the page; any other file is an issue by
    itself. Hidden files and kinds we do not read are passed over.

    Raises:
        BaowenError: a path does not exist, or nothing under them is of a kind we read.
    """
    groups: dict[str, Source] = {}
    failed: list[str] = []
    for root in paths:
        if not root.exists():
            raise BaowenError(f"没有这个文件或文件夹 (no such file or folder): {root}")
        base = root.absolute().parent.parent if root.is_file() else root.absolute().parent
        for path in [str(root)] if root.is_file() else _readable_files(root):
            source = os.path.relpath(path, base).replace(os.sep, "/")
            try:
                with open(path, "rb") as file:
                    digest = hashlib.file_digest(file, "sha256").digest()
            except OSError as error:
                failed.append(f"{path}: 无法读取 ({error.strerror})")
                continue
            key = _key(source)
            groups.setdefault(key, Source(key)).files.append(File(base, source, digest))
    if not groups and not failed:
        given = "、".join(str(path) for path in paths)
        raise BaowenError(f"{given} 里没有可读的文件 (nothing to read); 支持 {' '.join(SUFFIXES)}")
    for group in groups.values():
        group.files.sort(key=lambda file: file.source)
    return Found([groups[key] for key in sorted(groups)], failed)


def lower_priority() -> None:
    """Let this process give way to those that answer questions; a writer's command calls it, the library does not."""
    if hasattr(os, "nice"):
        os.nice(10)


def _readable_files(folder: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(parent, name)
            if name.lower().endswith(SUFFIXES) and not name.startswith(".") and os.path.isfile(path):
                yield path


def _key(source: str) -> str:
    folder, name = os.path.split(source)
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in _MANY_ARTICLES:
        return source
    if _PAGE_ONLY.match(stem):
        return f"{folder}/"
    without_page = _PAGE_IN_NAME.sub("", stem)
    return f"{folder}/{without_page}" if without_page else source
