"""What a build is given: files and folders, grouped into issues."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import BaowenError
from .reading import READER_VERSION, SUFFIXES

_PAGE_ONLY = re.compile(r"^[a-zA-Z]{0,4}[-_ ]?\d{1,3}$|^第?[\d一二三四五六七八九十]{1,3}版$")
_PAGE_IN_NAME = re.compile(r"[-_ ]?第?([\d一二三四五六七八九十]{1,3})版|[-_]\d{1,2}$")


@dataclass(frozen=True)
class File:
    """A file, the name it is cited by, and the hash of its bytes."""

    path: Path
    source: str
    sha256: str


@dataclass
class Source:
    """The files of one issue, in the order of their names; ``key`` names it in the archive."""

    key: str
    files: list[File] = field(default_factory=list)

    @property
    def hash(self) -> str:
        """Changes whenever the issue would be read differently."""
        digest = hashlib.sha256(str(READER_VERSION).encode())
        for file in self.files:
            digest.update(f"{file.source}\0{file.sha256}\0".encode())
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
        for path in [root] if root.is_file() else _readable_files(root):
            source = path.absolute().relative_to(base).as_posix()
            try:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                failed.append(f"{path}: 无法读取 ({error.strerror})")
                continue
            key = _key(Path(source))
            groups.setdefault(key, Source(key)).files.append(File(path, source, digest))
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


def _readable_files(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _key(source: Path) -> str:
    if source.suffix.lower() == ".jsonl":
        return source.as_posix()
    if _PAGE_ONLY.match(source.stem):
        return source.parent.as_posix() + "/"
    without_page = _PAGE_IN_NAME.sub("", source.stem)
    return (source.parent / without_page).as_posix() if without_page else source.as_posix()
