"""tantivy's lists on disk, opened for reading."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import tantivy

LOCKS = ("*.lock",)  # made by every reader and writer; no part of a snapshot


def open_index(path: Path) -> Any:
    """Open lists for reading.

    Raises:
        ValueError: they are damaged.
    """
    try:
        return tantivy.Index.open(str(path))
    except ValueError as error:
        if "lock" not in str(error).lower():
            raise
        return _open_read_only(path)


def _open_read_only(path: Path) -> Any:
    """Open lists in a folder that may not be written to: the lock that tantivy takes goes to a folder of links."""
    with tempfile.TemporaryDirectory(prefix="baowen-") as folder:
        for file in (file for file in path.iterdir() if file.suffix != ".lock"):
            Path(folder, file.name).symlink_to(file.resolve())
        return tantivy.Index.open(folder)
