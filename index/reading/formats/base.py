"""What a format's reader takes and gives."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.extras import install_line, installed
from index.types import JsonObject

from ..blocks import Block
from ..content.files import UnreadableFileError, read_bytes
from ..facts.known import Facts
from ..facts.people import People
from ..layout.places import Place

MAX_UNPACKED_BYTES = 256 << 20


@dataclass(frozen=True)
class PageText:
    """One page of a file: its blocks, and what the file says of it.

    ``front``: labelled values (front matter), empty where the format has none. ``facts`` and ``people``: what the
    format itself tells. ``title``: the headline that the file names; the page may not show it. ``web``: a page of a
    site. ``inner``: the file's name inside a container. ``whole``: the blocks are one article, whose headlines have
    their roles already. ``areas``: file (its own, or another) → where that file's article stands on the page's picture.
    """

    front: JsonObject
    blocks: list[Block]
    number: int | None = None
    facts: Facts = field(default_factory=Facts)
    people: People = field(default_factory=People)
    title: str = ""
    web: bool = False
    inner: str = ""
    whole: bool = False
    areas: Mapping[Path, tuple[Place, ...]] = field(default_factory=dict)


@dataclass
class FileText:
    """What a file holds: pages, or articles given as records (under our names of fields).

    ``problems``: a sentence for whatever had to be left out; ``notes``: for what was read but is not as it should be.
    ``mapped``: our names of fields → the file's, for ``--explain``. ``covered``: other files that were read with it.
    ``waiting``: some of it is left to be recognised later.
    """

    pages: list[PageText] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    records: list[JsonObject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mapped: dict[str, str] = field(default_factory=dict)
    covered: set[Path] = field(default_factory=set)
    waiting: bool = False

    def add(self, other: FileText) -> None:
        """Take over what ``other`` holds."""
        self.pages += other.pages
        self.problems += other.problems
        self.records += other.records
        self.notes += other.notes
        self.mapped |= other.mapped
        self.covered |= other.covered
        self.waiting = self.waiting or other.waiting


@dataclass(frozen=True)
class Options:
    """How to read.

    ``fields``: our names of fields → a source's own, before the usual ones (``--map``). ``recognised``: the file where
    results of recognition are kept, None where they are not. ``later``: pages that need recognition are left out.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    recognised: Path | None = None
    later: bool = False


@dataclass(frozen=True)
class Format:
    """A kind of file.

    ``sniff``: whether the first bytes of a file show this kind whatever its name says. ``needs``: the module that the
    reader needs beyond the core, and the extra that installs it.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, Options], FileText]
    sniff: Callable[[bytes], bool] | None = None
    needs: tuple[str, str] | None = None

    def require(self, path: Path) -> None:
        """See that what the reader needs is installed.

        Raises:
            UnreadableFileError: it is not; the message names the line that installs it.
        """
        if self.needs and not installed(self.needs[0]):
            module, extra = self.needs
            raise UnreadableFileError(f"{path}: 读 {self.name} 需要 {module} (not installed)；{install_line(extra)}")


def open_zip(path: Path, kind: str) -> zipfile.ZipFile:
    """A zip container that is whole and not larger than it may be.

    Raises:
        UnreadableFileError: it is broken, or would unpack to more than 256 MB.
    """
    read_bytes(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的 {kind} (cannot read): {type(error).__name__}") from error
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        archive.close()
        raise UnreadableFileError(f"{path}: 解压后有 {unpacked >> 20} MB，拒绝读取 (zip bomb?)")
    return archive


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member's bytes, never more than the container said it has; empty where there is no such member."""
    try:
        entry = archive.getinfo(name)
        with archive.open(entry) as file:
            return file.read(entry.file_size)
    except KeyError:
        return b""
