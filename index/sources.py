"""The input of a build: files and folders, grouped into issues."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .errors import BaowenError
from .reading import READER_VERSION, SUFFIXES
from .reading.beside import has_map
from .reading.formats.mets import is_mets, members
from .reading.scanning.pictures import PICTURES
from .text.words import harmless

_PAGE_ONLY = re.compile(r"^[a-zA-Z]{0,4}[-_ ]?\d{1,3}$|^第?[\d一二三四五六七八九十]{1,3}版$")
_PAGE_IN_NAME = re.compile(r"[-_ ]?第?([\d一二三四五六七八九十]{1,3})版|[-_]\d{1,2}$")
# The names that common e-paper systems give to pages and articles, and the folders that separate them.
_EDITION = re.compile(r"^(?:node|nbs|content|nw)[-_.].+\.x?s?html?$", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:node|nbs)[-_.]", re.IGNORECASE)
_EDITION_PARTS = ("layout", "content")
_LOCKS = "~$"  # prefix of Word's lock files
# Files that contain articles of many days and are never pages of one issue.
_TABLES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx", ".xls", ".et", ".xlsb", ".ods", ".rss", ".atom")
_PACKED = (".zip", ".7z", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".epub")
_MANY_ARTICLES = (*_TABLES, *_PACKED)


@dataclass(frozen=True, slots=True)
class File:
    """A file: the ``folder`` it is in; ``source``, the name to cite it by; the SHA-256 of its bytes.

    ``modified``: when it was last written, in nanoseconds. ``given``: whether it was named in the command, or added
    because it belongs to the issue of a file that was. ``issue``: the source of the file that describes its issue, or
    empty. ``root``: the given folder that contains it, empty if the file itself was given.
    """

    folder: str
    source: str
    digest: bytes
    modified: int
    given: bool = True
    issue: str = ""
    root: str = ""

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.source.rpartition("/")[2]

    @property
    def path(self) -> Path:
        """The file's full path."""
        return Path(self.folder, self.name)


@dataclass(slots=True)
class Source:
    """The files of one issue, ordered by name; ``key`` identifies it in the archive.

    ``kept``: path → SHA-256 of files that are in the archive but no longer at their place.
    """

    key: str
    files: list[File] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """A hash that changes whenever the issue would be read differently."""
        digest = hashlib.sha256(str(READER_VERSION).encode())
        for source, value in sorted([*((file.source, file.digest.hex()) for file in self.files), *self.kept.items()]):
            digest.update(f"{source}\0{value}\0".encode())
        return digest.hexdigest()


@dataclass
class FoundFiles:
    """The files found, a sentence for each unreadable one, and counts of files by unsupported kinds."""

    files: list[File] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)

    @property
    def sources(self) -> list[Source]:
        """The files grouped into issues."""
        return grouped(self.files)


def find_sources(paths: Sequence[Path]) -> FoundFiles:
    """Find the files under ``paths``, without duplicates.

    A file is named by its path relative to the parent folder of the given path; if several of ``paths`` contain it, by
    the longest such name. Hidden files and Word's lock files are skipped, unsupported kinds are counted.

    Raises:
        BaowenError: a path does not exist, or nothing under them has a supported format.
    """
    found = FoundFiles()
    by_place: dict[tuple[str, str], File] = {}
    for root in paths:
        if not root.exists():
            raise BaowenError(f"没有这个文件或文件夹 (no such file or folder): {harmless(str(root))}")
        absolute = os.path.abspath(root)
        base = os.path.dirname(absolute)
        for path in [absolute] if root.is_file() else _readable_files(absolute, found):
            file = _file(path, os.path.dirname(base) if root.is_file() else base, found)
            if file is not None:
                file = file if root.is_file() else replace(file, root=absolute)
                held = by_place.setdefault((os.path.realpath(file.folder), file.name), file)
                if (len(held.source), bool(held.root)) < (len(file.source), bool(file.root)):
                    by_place[os.path.realpath(file.folder), file.name] = file
    found.files = _described(_without_pictures_of_pages(list(by_place.values())))
    if not found.files and not found.failed:
        given = "、".join(harmless(str(path)) for path in paths)
        unread = f"；{unread_kinds(found.unread)}" if found.unread else ""
        raise BaowenError(f"{given} 里没有可读的文件 (nothing to read)，新增 0 个{unread}; 支持 {' '.join(SUFFIXES)}")
    return found


def grouped(files: Sequence[File], held: Iterable[str] = ()) -> list[Source]:
    """Group files into issues, ordered by key.

    These belong together: pages in one folder that are named only by number; files in one folder whose names differ
    only in the page; a file that describes an issue and the files it names; an e-paper's articles and the contents
    pages whose images show them. Any other file is an issue of its own.

    Args:
        held: keys of issues in the archive, of which ``files`` may be a part.
    """
    contents = (file for file in files if _CONTENTS.match(file.name) and has_map(file.path))
    editions = {_edition(file.source) for file in contents}.union(held)
    groups: dict[str, Source] = {}
    for file in files:
        edition = _edition(file.source)
        key = file.issue or (edition if edition and edition in editions else _key(file.source))
        groups.setdefault(key, Source(key)).files.append(file)
    for group in groups.values():
        group.files.sort(key=lambda file: file.source)
    return [groups[key] for key in sorted(groups)]


def digest_of(path: str) -> bytes:
    """The SHA-256 of a file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def unread_kinds(unread: dict[str, int]) -> str:
    """Describe files of unsupported kinds in one line: 未读的文件：3 个 .csv、1 个 .zip."""
    kinds = sorted(unread.items(), key=lambda item: (-item[1], item[0]))
    counted = "、".join(f"{count} 个 {harmless(kind)}" if kind else f"{count} 个无后缀" for kind, count in kinds)
    return f"未读的文件：{counted} (not read)"


def lower_priority() -> None:
    """Lower this process's priority below that of processes that answer questions; only writing commands call this."""
    if hasattr(os, "nice"):
        os.nice(10)


def _file(path: str, base: str, found: FoundFiles) -> File | None:
    """The file at ``path``, or None and a sentence in ``found`` if it cannot be read or named."""
    source = os.path.relpath(path, base).replace(os.sep, "/")
    if not _is_utf8(source):
        found.failed.append(_not_utf8(path))
        return None
    try:
        return File(os.path.dirname(path), source, digest_of(path), os.stat(path).st_mtime_ns)
    except OSError as error:
        found.failed.append(f"{harmless(path)}: 无法读取 ({error.strerror})")
        return None


def _without_pictures_of_pages(files: list[File]) -> list[File]:
    """Drop pictures next to a page's text that have the same name: they show what is read from the text."""

    def stem(file: File) -> tuple[str, str]:
        return file.folder, os.path.splitext(file.name)[0].lower()

    texts = {stem(file) for file in files if not _is_picture(file)}
    return [file for file in files if not (_is_picture(file) and stem(file) in texts)]


def _is_picture(file: File) -> bool:
    return file.name.lower().endswith(PICTURES)


def _described(files: list[File]) -> list[File]:
    """The files, each with the METS file among them that names it as part of its issue."""
    homes: dict[str, str] = {}
    for file in files:
        if is_mets(file.path):
            homes[os.path.realpath(file.path)] = file.source
            homes |= {str(member): file.source for member in members(file.path)}
    if not homes:
        return files
    return [replace(file, issue=homes.get(os.path.realpath(file.path), "")) for file in files]


def _readable_files(root: str, found: FoundFiles) -> Iterator[str]:
    def unlisted(error: OSError) -> None:
        found.failed.append(f"{harmless(str(error.filename))}: 无法读取 ({error.strerror})")

    for parent, folders, names in os.walk(root, onerror=unlisted):
        seen = sorted(name for name in folders if not name.startswith("."))
        found.failed.extend(_not_utf8(os.path.join(parent, name)) for name in seen if not _is_utf8(name))
        folders[:] = [name for name in seen if _is_utf8(name)]
        for name in sorted(names):
            path = os.path.join(parent, name)
            if name.startswith((".", _LOCKS)) or not os.path.isfile(path):
                continue
            if name.lower().endswith(SUFFIXES):
                yield path
            else:
                found.unread[os.path.splitext(name)[1].lower()] += 1


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_utf8(path: str) -> str:
    return f"{harmless(path)}: 名称不是 UTF-8，请改名 (the name is not UTF-8; rename it)"


def _edition(source: str) -> str:
    """The key of the e-paper edition to which a file belongs, judged by its name; empty for others."""
    *folders, name = source.split("/")
    folders = [folder for folder in folders if folder not in _EDITION_PARTS]
    return "/".join([*folders, "*.htm"]) if _EDITION.match(name) else ""


def _key(source: str) -> str:
    folder, name = os.path.split(source)
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in _MANY_ARTICLES:
        return source
    if _PAGE_ONLY.match(stem):
        return f"{folder}/"
    without_page = _PAGE_IN_NAME.sub("", stem)
    return f"{folder}/{without_page}" if without_page else source
