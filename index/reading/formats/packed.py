"""Zip archives of files we read: read from memory-sized copies, without the paths that they name."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..facts import from_path
from ..files import MAX_FILE_BYTES, UnreadableFileError
from .base import FileText, Format, Options, member, open_zip

_MOST_MEMBERS = 5000


def read_zip(path: Path, options: Options) -> FileText:
    """What the readable files of an archive hold; archives inside it are named and left out.

    Raises:
        UnreadableFileError: it is broken, too large, has too many members, or nothing in it is read.
    """
    from . import SUFFIXES, read_pages

    result = FileText()
    left_out = 0
    with open_zip(path, ".zip") as archive, tempfile.TemporaryDirectory(prefix="baowen-zip-") as folder:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        if len(names) > _MOST_MEMBERS:
            raise UnreadableFileError(f"{path}: 里面有 {len(names)} 个文件，超过 {_MOST_MEMBERS} 个 (too many files)")
        for name in sorted(names):
            inner = PurePosixPath(_shown(name))
            suffix = inner.suffix.lower()
            if inner.name.startswith((".", "._")) or "__MACOSX" in inner.parts:
                continue
            if suffix not in SUFFIXES or suffix == ".zip":
                left_out += 1
                continue
            copy = Path(folder, f"member{suffix}")
            try:
                data = member(archive, name)
                if len(data) > MAX_FILE_BYTES:
                    raise UnreadableFileError(f"{copy}: 超过 {MAX_FILE_BYTES >> 20} MB (too large)")
                copy.write_bytes(data)
                found = read_pages(copy, options)
            except UnreadableFileError as error:
                result.problems.append(str(error).replace(str(copy), f"{path}/{inner}"))
                continue
            except Exception as error:  # zlib and zipfile raise their own for a broken or encrypted member
                result.problems.append(f"{path}/{inner}: 读不出 (cannot read): {type(error).__name__}")
                continue
            found.problems = [text.replace(str(copy), f"{path}/{inner}") for text in found.problems]
            found.notes = [text.replace(str(copy), f"{path}/{inner}") for text in found.notes]
            known = from_path(inner)
            found.pages = [replace(page, facts=page.facts.over(known), inner=str(inner)) for page in found.pages]
            result.add(found)
    if left_out:
        result.problems.append(f"{path}: {left_out} 个文件不是可读的类型，略去 (files of other kinds were left out)")
    if not result.pages and not result.records:
        raise UnreadableFileError(
            result.problems[0] if result.problems else f"{path}: 里面没有可读的文件 (nothing to read)"
        )
    return result


def _shown(name: str) -> str:
    """A member's name below the archive: no drive, no root, no way up; names written in GBK are read as such."""
    with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
        name = name.encode("cp437").decode("gb18030")
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..") and ":" not in part]
    return "/".join(parts) or "file"


FORMATS = (Format("zip", (".zip",), read_zip),)
