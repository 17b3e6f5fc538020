"""What a packed archive says of itself before anything of it is read."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..storage.images import FOLDER, SUFFIX

FORMAT = 1
MANIFEST, SUMS = "baowen.json", "SHA256SUMS"
ARCHIVE = "archive/"
HISTORY, PASSWORDS, SETTINGS = "history.sqlite", "passwords.txt", "baowen.toml"
KEPT, OVERLAY = "kept.sqlite", "overlay.sqlite"
EXTRAS = (HISTORY, PASSWORDS, SETTINGS, KEPT, OVERLAY)
IMAGES = f"{FOLDER}/"

_PART = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_IMAGE = re.compile(rf"{FOLDER}/([0-9a-f]{{2}})/\1[0-9a-f]{{62}}{re.escape(SUFFIX)}")
_MOST_FILES = 100_000


class Manifest(BaseModel):
    """The list of a pack's files with their sizes in bytes, and where they come from.

    ``files`` is in the order of the pack; an archive's files begin with ``archive/``, pictures of pages with
    ``images/``, and there is nothing else but ``EXTRAS``.
    """

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    program: str = Field("", max_length=100)
    created: str = Field(max_length=40)
    snapshot: str = Field(max_length=100)
    articles: int = Field(ge=0)
    passages: int = Field(ge=0)
    files: dict[str, Annotated[int, Field(ge=0)]]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(self.files.values())

    @property
    def extras(self) -> list[str]:
        """What is packed beside the archive."""
        return [name for name in self.files if name in EXTRAS]

    @field_validator("files")
    @classmethod
    def _named_plainly(cls, files: dict[str, int]) -> dict[str, int]:
        if not any(name.startswith(ARCHIVE) for name in files) or len(files) > _MOST_FILES:
            raise ValueError(f"{len(files)} files")
        for name in files:
            if name not in EXTRAS and not _is_plain(name) and not _IMAGE.fullmatch(name):
                raise ValueError(f"file name {name[:100]!r}")
        if len({name.casefold() for name in files}) < len(files):  # one file on some systems
            raise ValueError("two files of one name")
        return files


def _is_plain(name: str) -> bool:
    """Whether it is a path below the archive and nothing else, on any system."""
    parts = name.split("/")
    return name.startswith(ARCHIVE) and all(_PART.fullmatch(part) and part.strip(".") for part in parts)
