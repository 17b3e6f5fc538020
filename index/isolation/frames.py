"""What the two processes say to each other: pickles, each after its length. What comes back is not believed."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO

from ..reading.formats.base import Options

LONGEST = 1 << 30  # bytes of an answer
HEAD = struct.Struct(">Q")
_OURS = ("index.reading.", "index.article", "index.regions", "index.isolation.frames")
_ALSO = {("builtins", "set"), ("builtins", "frozenset"), ("datetime", "date"), ("collections", "OrderedDict")}


@dataclass(frozen=True)
class IssueFiles:
    """Files of one issue to be read: (path, name to cite it by), and how."""

    files: tuple[tuple[Path, str], ...]
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class PageFile:
    """A page, from 1, of a picture file or a PDF, of which a picture is wanted.

    It is of at most ``longest`` dots a side and ``most`` bytes.
    """

    path: Path
    page: int
    longest: int
    most: int


@dataclass(frozen=True)
class Request:
    """What is to be read; bytes and seconds that it may take."""

    work: IssueFiles | PageFile
    memory: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class PageImage:
    """The picture of a page as WebP, and its size in dots."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Failure:
    """Why nothing came of it; ``sentence``: the reader said it in a whole sentence that names the file."""

    reason: str
    sentence: bool = False


def send(file: IO[bytes], value: object) -> None:
    """Write a value."""
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    file.write(HEAD.pack(len(data)))
    file.write(data)
    file.flush()


def receive(file: IO[bytes]) -> Request | None:
    """The next request, from somebody who is believed; None at the end."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    request: Request = pickle.loads(file.read(HEAD.unpack(head)[0]))
    return request


def believed(data: bytes) -> object:
    """A value from the reading process: plain values and our own classes, nothing that runs code.

    Raises:
        pickle.UnpicklingError: there is something else in it.
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
