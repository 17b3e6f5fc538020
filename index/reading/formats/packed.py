"""Archives of readable files (zip, tar, 7z) and single compressed files, read from copies without their paths."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from ..content.files import MAX_FILE_BYTES, UnreadableFileError, read_bytes
from ..facts.known import from_path
from .base import MAX_UNPACKED_BYTES, FileText, Format, Options, member, open_zip

_MOST_MEMBERS = 5000
_SINGLE = (".gz", ".bz2", ".xz")
_TARS = (".tar", ".tgz", ".tbz2", ".txz")
_ARCHIVES = (".zip", ".7z", *_TARS, *_SINGLE)
# The name of a member in the archive, and a function for its bytes, which raises for a broken or encrypted member.
Members = Iterator[tuple[str, Callable[[], bytes]]]


def read_archive(path: Path, options: Options) -> FileText:
    """Read the readable files of an archive; archives inside it are reported and left out.

    Raises:
        UnreadableFileError: it is broken, too large, has too many members, or contains nothing readable.
    """
    from . import SUFFIXES

    result = FileText()
    left_out = 0
    with tempfile.TemporaryDirectory(prefix="baowen-packed-") as folder:
        try:
            for name, content in _members(path):
                inner = PurePosixPath(_shown(name))
                suffix = inner.suffix.lower()
                if inner.name.startswith((".", "._", "~$")) or "__MACOSX" in inner.parts:
                    continue
                if suffix not in SUFFIXES or suffix in _ARCHIVES:
                    left_out += 1
                    continue
                result.add(_read_member(path, inner, content, Path(folder, f"member{suffix}"), options))
        except UnreadableFileError as error:  # what precedes the error was read
            if not result.pages and not result.records:
                raise
            result.problems.append(str(error))
    if left_out:
        result.problems.append(f"{path}: {left_out} 个文件不是可读的类型，略去 (files of other kinds were left out)")
    if not result.pages and not result.records:
        raise UnreadableFileError(
            result.problems[0] if result.problems else f"{path}: 里面没有可读的文件 (nothing to read)"
        )
    return result


def _read_member(
    path: Path, inner: PurePosixPath, content: Callable[[], bytes], copy: Path, options: Options
) -> FileText:
    """Read a member under its name in the archive; if it cannot be read, the result says so in a sentence."""
    from . import read_pages

    try:
        data = content()
        if len(data) > MAX_FILE_BYTES:
            raise UnreadableFileError(f"{copy}: 超过 {MAX_FILE_BYTES >> 20} MB (too large)")
        copy.write_bytes(data)
        found = read_pages(copy, options)
    except UnreadableFileError as error:
        return FileText(problems=[str(error).replace(str(copy), f"{path}/{inner}")])
    except Exception as error:  # zlib, tarfile and zipfile raise their own errors for a broken or encrypted member
        return FileText(problems=[f"{path}/{inner}: 读不出 (cannot read): {type(error).__name__}"])
    found.problems = [text.replace(str(copy), f"{path}/{inner}") for text in found.problems]
    found.notes = [text.replace(str(copy), f"{path}/{inner}") for text in found.notes]
    known = from_path(inner)
    found.pages = [replace(page, facts=page.facts.over(known), inner=str(inner)) for page in found.pages]
    return found


def _members(path: Path) -> Members:
    """Yield the files of an archive of any kind; limits are checked before anything is unpacked."""
    read_bytes(path)
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _of_zip(path)
    if suffix == ".7z":
        return _of_7z(path)
    if suffix in _TARS or path.stem.lower().endswith(".tar"):
        return _of_tar(path)
    return iter([(path.stem, partial(_unpacked, path))])


def _of_zip(path: Path) -> Members:
    with open_zip(path, ".zip") as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        _count(path, len(names))
        for name in sorted(names):
            yield name, partial(member, archive, name)


def _of_tar(path: Path) -> Members:
    """Yield the regular files of a tar archive; links and devices are ignored."""
    total = count = 0
    try:
        with tarfile.open(path, "r:*") as archive:
            while entry := archive.next():
                total += max(0, entry.size)
                count += 1
                _limit(path, total)
                _count(path, count)
                if entry.isreg():
                    yield entry.name, partial(_read, archive, entry)
    except (tarfile.TarError, OSError, EOFError, lzma.LZMAError, ValueError) as error:
        raise UnreadableFileError(f"{path}: 不是可读的 tar (cannot read): {type(error).__name__}") from error


def _read(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    return file.read(entry.size) if file else b""


def _of_7z(path: Path) -> Members:
    import py7zr
    import py7zr.io

    try:
        with py7zr.SevenZipFile(path) as archive:
            if archive.needs_password():
                raise UnreadableFileError(f"{path}: 有密码，读不了 (encrypted)")
            entries = [entry for entry in archive.list() if not entry.is_directory]
            _count(path, len(entries))
            _limit(path, sum(int(entry.uncompressed or 0) for entry in entries))
            factory = py7zr.io.BytesIOFactory(MAX_FILE_BYTES)
            archive.extractall(factory=factory)
    except UnreadableFileError:
        raise
    except Exception as error:  # the library raises many kinds of errors for a broken or encrypted file
        raise UnreadableFileError(f"{path}: 不是可读的 .7z (cannot read): {type(error).__name__}") from error
    for name, content in sorted(factory.products.items()):
        content.seek(0)
        yield name, content.read


def _unpacked(path: Path) -> bytes:
    """The single file compressed in ``path``, up to the size limit."""
    most = MAX_FILE_BYTES + 1
    suffix = path.suffix.lower()
    if suffix == ".gz":
        with gzip.open(path) as packed:
            return packed.read(most)
    if suffix == ".bz2":
        with bz2.open(path) as squeezed:
            return squeezed.read(most)
    with lzma.open(path) as file:
        return file.read(most)


def _count(path: Path, members: int) -> None:
    if members > _MOST_MEMBERS:
        raise UnreadableFileError(f"{path}: 里面有 {members} 个文件，超过 {_MOST_MEMBERS} 个 (too many files)")


def _limit(path: Path, size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(f"{path}: 解压后有 {size >> 20} MB，拒绝读取 (zip bomb?)")


def _shown(name: str) -> str:
    """A member's name relative to the archive, without drive, root and ``..``; names in GBK are decoded as such."""
    with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
        name = name.encode("cp437").decode("gb18030")
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..") and ":" not in part]
    return "/".join(parts) or "file"


FORMATS = (
    Format("zip", (".zip",), read_archive),
    Format("tar", (*_TARS, *_SINGLE), read_archive),
    Format("7z", (".7z",), read_archive, needs=("py7zr", "office")),
)
