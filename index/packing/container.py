"""The file of a pack: a tar compressed by Zstandard, the manifest first and the SHA-256 of every file last.

``tar --zstd -xf`` and ``sha256sum -c SHA256SUMS`` read it too. It is written and read in one pass, in little memory.
"""

from __future__ import annotations

import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import zstandard
from pydantic import ValidationError
from zstandard import ZstdCompressionWriter, ZstdCompressor

from ..errors import BaowenError
from .manifest import FORMAT, MANIFEST, SUMS, Manifest
from .progress import Checkpoint, Progress

_LEVEL = 1  # half of an archive is vectors, which no level makes smaller
_THREADS = 2
_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1 << 20
_STRETCH = 32 << 20  # bytes after which it is on record how far a run came
_WINDOW = 1 << 23  # bytes that a compressed file may ask to be remembered
_LONGEST_LIST = 32 << 20  # bytes: of 100,000 files


class DamagedPackError(BaowenError):
    """A pack that is not as it was written, or was never one."""


class Digested:
    """A file that is read once, with its checksums as far as it was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.name = getattr(file, "name", "")
        self._digest = hashlib.sha256()
        self.crc = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._digest.update(data)
        self.crc = zlib.crc32(data, self.crc)
        return data

    @property
    def sha256(self) -> str:
        """The SHA-256 in hexadecimal."""
        return self._digest.hexdigest()


def write(
    file: IO[bytes],
    manifest: Manifest,
    paths: Mapping[str, Path],
    crcs: Mapping[str, int],
    progress: Progress,
    reached: Checkpoint | None = None,
) -> None:
    """Write a pack: a frame of Zstandard for every file, or for every stretch of a long one.

    Args:
        file: where to; at the end of what ``reached`` says.
        manifest: its ``files`` are what is written, in that order.
        paths: where each of them is.
        crcs: the CRC-32 that some of them have on record.
        progress: where it is kept how far this came.
        reached: how far an earlier run came.

    Raises:
        BaowenError: a file is not what its record says.
        OSError: a file cannot be read, or ``file`` not written.
    """
    done = dict(reached.done) if reached else {}
    part = reached.part if reached else 0
    compressor = zstandard.ZstdCompressor(level=_LEVEL, threads=_THREADS, write_checksum=True)
    start = manifest.model_dump_json(indent=1).encode()
    length, unsaved = _entry_size(len(start)), 0
    if reached is None:
        with _frame(file, compressor) as frame:
            _add(frame, MANIFEST, start)
    for name, size in manifest.files.items():
        length += _entry_size(size)
        if name in done:
            continue
        with paths[name].open("rb") as source:
            read = Digested(source)
            unsaved += size - part
            for written in _stretches(file, compressor, read, name, size, part):
                progress.save(file, manifest, done, written)
                unsaved = size - written
        if crcs.get(name, read.crc) != read.crc:
            raise BaowenError(f"{paths[name]} 已损坏，没有备份 (damaged, not packed)；请运行 (run) baowen verify")
        done[name], part = read.sha256, 0
        if unsaved >= _STRETCH:
            progress.save(file, manifest, done)
            unsaved = 0
    with _frame(file, compressor) as frame:
        length += _add(frame, SUMS, "".join(f"{digest}  {name}\n" for name, digest in done.items()).encode())
        end = 2 * _BLOCK
        frame.write(bytes(end + -(length + end) % tarfile.RECORDSIZE))


def _stretches(
    file: IO[bytes], compressor: ZstdCompressor, source: Digested, name: str, size: int, part: int
) -> Iterator[int]:
    """Write a file after its first ``part`` bytes, which are only read; after each stretch how many are written."""
    _copy(source, None, part)
    while True:
        with _frame(file, compressor) as frame:
            if not part:
                frame.write(_header(name, size))
            stretch = min(_STRETCH, size - part)
            _copy(source, frame, stretch)
            part += stretch
            if part == size:
                frame.write(bytes(-size % _BLOCK))
        if part == size:
            return
        yield part


def _copy(source: Digested, target: ZstdCompressionWriter | None, size: int) -> None:
    while size:
        data = source.read(min(size, _CHUNK))
        if not data:
            raise OSError(f"{source.name} is shorter than it was")
        if target is not None:
            target.write(data)
        size -= len(data)


def _frame(file: IO[bytes], compressor: ZstdCompressor) -> ZstdCompressionWriter:
    return compressor.stream_writer(file, closefd=False)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _add(frame: ZstdCompressionWriter, name: str, data: bytes) -> int:
    frame.write(_header(name, len(data)) + data + bytes(-len(data) % _BLOCK))
    return _entry_size(len(data))


def _entry_size(size: int) -> int:
    return _BLOCK + size + -size % _BLOCK


class PackReader:
    """Reads a pack from its beginning to its end; trusts nothing in it.

    Raises:
        DamagedPackError: the file is not a pack, is damaged or is hostile; ``extract`` raises it too.
        BaowenError: it was written by a later version.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._name = name
        self._stream = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(
            file, read_across_frames=True, closefd=False
        )
        with self._told():
            self.manifest = self._manifest()

    def _manifest(self) -> Manifest:
        first = self._header()
        if first is None or first.name != MANIFEST:
            raise ValueError("no baowen.json")
        manifest = Manifest.model_validate_json(self._text(first))
        if manifest.format != FORMAT:
            raise BaowenError(
                f"{self._name} 是格式 {manifest.format} 的备份，本版本读 {FORMAT} (format of the pack)；"
                f"请用写它的版本 {manifest.program} (program)"
            )
        return manifest

    def extract(self, place: Callable[[str], Path]) -> dict[str, str]:
        """Write every file of the manifest where ``place`` says, and compare all checksums; SHA-256 by name.

        Raises:
            OSError: a file cannot be written.
        """
        with self._told():
            found = {}
            for name, size in self.manifest.files.items():
                header = self._header()
                if header is None or (header.name, header.size) != (name, size):
                    raise ValueError(f"not {name} next")
                path = place(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                found[name] = self._file(header, path)
            last = self._header()
            if last is None or last.name != SUMS:
                raise ValueError("no SHA256SUMS")
            if self._text(last) != "".join(f"{digest}  {name}\n" for name, digest in found.items()).encode():
                raise ValueError("SHA256SUMS differ")
            self._end()
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, tarfile.TarError, zstandard.ZstdError, EOFError, RecursionError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise DamagedPackError(
                f"{self._name} 已损坏或不是报问备份 (damaged, or not a pack): {reason[:200]}"
            ) from error

    def _header(self) -> tarfile.TarInfo | None:
        """The next file; None at the end. Links, devices, folders and long names are refused, as pack writes none."""
        block = self._read(_BLOCK)
        if not block.strip(b"\0"):
            return None
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        if info.type != tarfile.REGTYPE or info.size < 0:
            raise ValueError(f"{info.name[:100]!r} is no plain file")
        return tarfile.data_filter(info, "/nowhere")  # refuses what leads out of the folder

    def _text(self, header: tarfile.TarInfo) -> bytes:
        if header.size > _LONGEST_LIST:
            raise ValueError(f"{header.name} has {header.size} bytes")
        data = self._read(header.size)
        self._read(-header.size % _BLOCK)
        return data

    def _file(self, header: tarfile.TarInfo, path: Path) -> str:
        digest, left = hashlib.sha256(), header.size

        def keep(data: bytes) -> None:
            digest.update(data)
            target.write(data)

        with path.open("xb") as target, ThreadPoolExecutor(1) as beside:
            kept = beside.submit(keep, b"")
            while left:
                data = self._read(min(left, _CHUNK))  # while what was read before is written
                kept.result()
                kept = beside.submit(keep, data)
                left -= len(data)
            kept.result()
        self._read(-header.size % _BLOCK)
        return digest.hexdigest()

    def _end(self) -> None:
        """Nothing comes after the files but the tar's own end."""
        rest = self._stream.read(_CHUNK + tarfile.RECORDSIZE + 1)
        if len(rest) > _CHUNK + tarfile.RECORDSIZE or rest.strip(b"\0"):
            raise ValueError("more than its list")

    def _read(self, size: int) -> bytes:
        data = self._stream.read(size) if size else b""
        if len(data) < size:
            raise EOFError("cut off")
        return bytes(data)
