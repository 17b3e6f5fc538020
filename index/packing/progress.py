"""How far a pack was written, kept beside it, so that a run that was killed is gone on with."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ValidationError

from ..storage.snapshots import CHECKSUMS
from .manifest import ARCHIVE, Manifest


class Checkpoint(BaseModel):
    """What is on disk for sure: ``offset`` bytes of the pack, whole frames.

    ``done``: files that are in it, with their SHA-256; ``part``: bytes of the next file that are; ``key``: what tells
    this snapshot from others.
    """

    key: str
    manifest: Manifest
    offset: int
    done: dict[str, str]
    part: int = 0


@dataclass(frozen=True)
class Progress:
    """The record of a pack that is being written; it is about the archive's files, which never change, alone."""

    path: Path
    key: str

    @classmethod
    def of(cls, partial: Path, snapshot: Path) -> Progress:
        """That of a file that is being written from a snapshot."""
        record = (snapshot / CHECKSUMS).read_bytes()
        return cls(partial.with_name(partial.name + ".json"), hashlib.sha256(record).hexdigest())

    def found(self, manifest: Manifest, size: int) -> Checkpoint | None:
        """How far an earlier run came with the same files, if the ``size`` bytes that are there reach as far."""
        try:
            found = Checkpoint.model_validate_json(self.path.read_bytes())
        except (OSError, ValidationError):
            return None
        same = (found.key, found.manifest.files, found.manifest.program) == (self.key, manifest.files, manifest.program)
        return found if same and 0 < found.offset <= size else None

    def save(self, file: IO[bytes], manifest: Manifest, done: Mapping[str, str], part: int = 0) -> None:
        """Record that everything written so far can be gone on from."""
        if any(not name.startswith(ARCHIVE) for name in done):
            return  # other files may be different ones the next time
        file.flush()
        os.fsync(file.fileno())
        reached = Checkpoint(key=self.key, manifest=manifest, offset=file.tell(), done=dict(done), part=part)
        new = self.path.with_name(self.path.name + ".new")
        new.touch(0o600)
        new.write_text(json.dumps(reached.model_dump()), encoding="utf-8")
        new.replace(self.path)

    def forget(self) -> None:
        """There is nothing to go on with."""
        self.path.unlink(missing_ok=True)
        self.path.with_name(self.path.name + ".new").unlink(missing_ok=True)
