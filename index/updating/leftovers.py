"""Remove what no snapshot of an archive needs any longer."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from index.reading.scanning.results import Results
from index.storage.images import ImageStore
from index.storage.local import DATABASE
from index.storage.pages import has_pictures, images_of
from index.storage.snapshots import ArchiveFolder


def remove_leftovers(folder: ArchiveFolder) -> None:
    """Remove images that no snapshot shows, and recognition results of files that no snapshot was built from."""
    images: set[str] = set()
    digests: set[str] = set()
    for snapshot in folder.published():
        with closing(sqlite3.connect(snapshot / DATABASE)) as database:
            digests |= {digest for (digest,) in database.execute("SELECT sha256 FROM files")}
            if has_pictures(database):
                images |= images_of(database)
    ImageStore(folder.path).keep(images)
    Results(folder.recognised).keep(digests)
