"""tantivy's lists on disk: written next to a snapshot, and opened for reading."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import tantivy

from index.errors import BaowenError

LOCKS = ("*.lock",)  # created by every reader and writer; not part of a snapshot


class ListsWriter:
    """Changes a snapshot's lists; nothing is visible before ``close``."""

    name: ClassVar[str]  # name of the lists' folder
    heap: ClassVar[int]  # bytes that may be buffered
    failed: ClassVar[str]  # message for a failure
    schema: ClassVar[Callable[[], tantivy.Schema]]

    def __init__(self, folder: Path, previous: Path | None) -> None:
        path = folder / self.name
        if previous is None:
            path.mkdir()
            self._index = tantivy.Index(type(self).schema(), path=str(path))
        else:
            shutil.copytree(previous / self.name, path, ignore=shutil.ignore_patterns(*LOCKS))
            self._index = tantivy.Index.open(str(path))
        self._writer = self._index.writer(self.heap, 1)

    def add_document(self, document: tantivy.Document) -> None:
        """Add a document.

        Raises:
            BaowenError: it cannot be written.
        """
        try:
            self._writer.add_document(document)
        except ValueError as error:
            raise self._cannot_write(error) from error

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove documents; must be called before any are added, because a number may be reused."""
        if numbers:
            query = tantivy.Query.term_set_query(self._index.schema, "number", list(numbers))
            self._writer.delete_documents_by_query(query)

    def close(self) -> None:
        """Finish writing.

        Raises:
            BaowenError: it cannot be written.
        """
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except ValueError as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: Exception) -> BaowenError:
        return BaowenError(f"{self.failed}: {error}；已发布的内容没有改变")


def open_index(path: Path) -> tantivy.Index:
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


def _open_read_only(path: Path) -> tantivy.Index:
    """Open lists in a read-only folder: tantivy's lock file is created in a temporary folder of links."""
    with tempfile.TemporaryDirectory(prefix="baowen-") as folder:
        for file in (file for file in path.iterdir() if file.suffix != ".lock"):
            Path(folder, file.name).symlink_to(file.resolve())
        return tantivy.Index.open(folder)
