"""The pictures of an issue's pages, kept beside the archive as they are read."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.article import Article
from index.reading.content.files import UnreadableFileError
from index.reading.scanning.pictures import PICTURES, pictures
from index.sources import File, Source
from index.storage.images import ImageStore, encoded
from index.storage.pages import PagePicture, add_picture
from index.text.words import harmless

log = logging.getLogger(__name__)

LONGEST = 2400  # dots of the longer side
MOST_BYTES = 400 << 10
_MOST_FILES = 20_000  # looked at for a picture that a file names
_ALL = 1000  # levels of folders


@dataclass(frozen=True, order=True)
class _Sheet:
    """A page of a source: the picture's name as the source gives it, empty for the file itself, and its number."""

    source: str
    name: str
    number: int


def keep_pictures(
    database: sqlite3.Connection, images: ImageStore, source: Source, articles: Sequence[tuple[int, Article]]
) -> None:
    """Keep the picture of each page that has an article, where the issue's files have one.

    A picture that cannot be read is left out with a word in the log: the articles are none the worse for it.

    Args:
        articles: of the issue, by their numbers in ``database``.
    """
    files = {file.source: file for file in source.files}
    sheets = _sheets(articles)
    naming = Counter((place.source, place.name) for place in sheets)
    wanted: dict[Path, dict[int, list[_Sheet]]] = {}
    for place in sorted(sheets):
        file = files.get(place.source)
        found = _picture_of(file, place.name) if file is not None else None
        if found is not None:
            own = place.name and naming[place.source, place.name] == 1  # a picture of this page alone
            wanted.setdefault(found, {}).setdefault(1 if own else place.number, []).append(place)
    for path, places in wanted.items():
        try:
            for picture in pictures(path, list(places), LONGEST):
                data, (width, height) = encoded(picture.image, LONGEST, MOST_BYTES)
                image = images.put(data)
                for place in places[picture.number]:
                    kept = PagePicture(place.source, place.name, place.number, image, width, height)
                    add_picture(database, kept, sheets[place])
        except UnreadableFileError as error:
            log.warning("%s", harmless(str(error)))


def _sheets(articles: Sequence[tuple[int, Article]]) -> dict[_Sheet, list[int]]:
    found: dict[_Sheet, list[int]] = {}
    for number, article in articles:
        places = {_Sheet(region.source, region.sheet.image, region.sheet.number) for region in article.regions}
        for place in places or {_Sheet(article.source, "", 1)}:
            found.setdefault(place, []).append(number)
    return found


def _picture_of(file: File, name: str) -> Path | None:
    """The file that shows a page: the one that was read, the one it names, or one beside it that is named alike.

    What was not read itself must lie in the folder that was given, wherever links lead.
    """
    path = file.path
    if not name and (_is_picture(path) or path.suffix.lower() == ".pdf"):
        return path
    home = os.path.realpath(file.root or file.folder)
    found = _named(name, list(_near(file))) if name else _beside(path)
    return next((place for place in found if Path(os.path.realpath(place)).is_relative_to(home)), None)


def _named(name: str, places: Sequence[Path]) -> Iterator[Path]:
    """Of ``places`` those of this name, then those of its stem."""
    wanted = PurePosixPath(name.replace("\\", "/").lower())
    yield from (place for place in places if place.name.lower() == wanted.name)
    yield from (place for place in places if place.stem.lower() == wanted.stem)


def _beside(path: Path) -> Iterable[Path]:
    places = (path.with_suffix(suffix) for end in PICTURES for suffix in (end, end.upper()))
    return (place for place in places if place.is_file())


def _near(file: File) -> Iterator[Path]:
    """Pictures in a file's folder and below it, then beside that folder: where libraries put them.

    All in the folder that was given; of a file that was given by itself, only those in its folder.
    """
    folder = Path(file.folder)
    starts = {folder: _ALL if file.root else 0}
    if file.root and folder.parent.is_relative_to(file.root):
        starts[folder.parent] = 1  # the folder of the pictures stands beside that of the texts
    seen = 0
    for start, levels in starts.items():
        for inner, folders, names in os.walk(start):
            below = len(Path(inner).parts) - len(start.parts)
            folders[:] = sorted(name for name in folders if below < levels and not name.startswith("."))
            for name in sorted(names):
                seen += 1
                if seen > _MOST_FILES:
                    return
                if _is_picture(found := Path(inner, name)):
                    yield found


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES
