"""The messages between the two processes: length-prefixed pickles. What the child sends back is not trusted."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO

from ..reading.formats.base import Options

LONGEST = 1 << 30  # maximum bytes of an answer
HEAD = struct.Struct(">Q")
_OURS = ("index.reading.", "index.article", "index.regions", "index.isolation.frames")
_ALSO = {("builtins", "set"), ("builtins", "frozenset"), ("datetime", "date"), ("collections", "OrderedDict")}


@dataclass(frozen=True)
class IssueFiles:
    """The files of one issue to read, as (path, name to cite it by), and the reading options."""

    files: tuple[tuple[Path, str], ...]
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class PageFile:
    """One page, counted from 1, of a picture file or a PDF, to be rendered as an image.

    The image has at most ``longest`` pixels per side and ``most`` bytes.
    """

    path: Path
    page: int
    longest: int
    most: int


@dataclass(frozen=True)
class Request:
    """What to read, and the memory in bytes and the seconds allowed for it."""

    work: IssueFiles | PageFile
    memory: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class PageImage:
    """A page image as WebP, and its size in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Failure:
    """Why reading failed; ``sentence`` means that the reason is a complete sentence that names the file."""

    reason: str
    sentence: bool = False


def send(file: IO[bytes], value: object) -> None:
    """Write a value."""
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    file.write(HEAD.pack(len(data)))
    file.write(data)
    file.flush()


def receive(file: IO[bytes]) -> Request | None:
    """Receive the next request from the trusted parent process; None at the end."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    request: Request = pickle.loads(file.read(HEAD.unpack(head)[0]))
    return request


def believed(data: bytes) -> object:
    """Load a value sent by the reading process: plain values and our own classes, nothing that runs code.

    Raises:
        pickle.UnpicklingError: the data contains anything else.
    """
    found: object = _Plain(BytesIO(data)).load()
    return found


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        found = super().find_class(module, name) if _may_be(module, name) else None
        if isinstance(found, type):
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _may_be(module: str, name: str) -> bool:
    is_path = module.startswith("pathlib") and name.endswith("Path")
    return "." not in name and (module.startswith(_OURS) or (module, name) in _ALSO or is_path)
