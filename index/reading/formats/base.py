"""The input and output types of format readers."""

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
from ..facts.roles import People
from ..layout.places import Place

MAX_UNPACKED_BYTES = 256 << 20


@dataclass(frozen=True)
class PageText:
    """One page of a file: its blocks, and the file's information about it.

    ``front``: labelled values (front matter), empty if the format has none. ``facts`` and ``people``: from the format
    itself. ``title``: the file's headline, which the page may not show. ``web``: the page is from a website. ``inner``:
    the file's name inside a container. ``whole``: the blocks are one article, whose headlines already have their roles.
    ``areas``: maps a file (this one or another) to the places of that file's article on the page image.
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
    """The content of a file: pages, or articles given as records (with our field names).

    ``problems``: a sentence for everything left out. ``notes``: a sentence for everything that was read with defects.
    ``mapped``: our field names → the file's, for ``--explain``. ``covered``: other files that were read with it.
    ``waiting``: part of it is left for later recognition.
    """

    pages: list[PageText] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    records: list[JsonObject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mapped: dict[str, str] = field(default_factory=dict)
    covered: set[Path] = field(default_factory=set)
    waiting: bool = False

    def add(self, other: FileText) -> None:
        """Add the content of ``other``."""
        self.pages += other.pages
        self.problems += other.problems
        self.records += other.records
        self.notes += other.notes
        self.mapped |= other.mapped
        self.covered |= other.covered
        self.waiting = self.waiting or other.waiting


@dataclass(frozen=True)
class Options:
    """Reading options.

    ``fields``: our field names → a source's own, which take precedence over the usual ones (``--map``). ``recognised``:
    the file that stores recognition results, or None. ``later``: skip pages that need recognition.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    recognised: Path | None = None
    later: bool = False


@dataclass(frozen=True)
class Format:
    """A file format.

    ``sniff``: whether a file's first bytes show this format, whatever its name. ``needs``: the module that the reader
    needs in addition to the core, and the extra that installs it.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, Options], FileText]
    sniff: Callable[[bytes], bool] | None = None
    needs: tuple[str, str] | None = None

    def require(self, path: Path) -> None:
        """Check that the reader's requirements are installed.

        Raises:
            UnreadableFileError: they are not; the message contains the command that installs them.
        """
        if self.needs and not installed(self.needs[0]):
            module, extra = self.needs
            raise UnreadableFileError(f"{path}: 读 {self.name} 需要 {module} (not installed)；{install_line(extra)}")


def open_zip(path: Path, kind: str) -> zipfile.ZipFile:
    """Open a zip container that is intact and within the size limit.

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
    """A member's bytes, never more than its declared size; empty if there is no such member."""
    try:
        entry = archive.getinfo(name)
        with archive.open(entry) as file:
            return file.read(entry.file_size)
    except KeyError:
        return b""
