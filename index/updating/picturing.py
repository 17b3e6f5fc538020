"""Store the images of an issue's pages with the archive while the issue is read."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path, PurePosixPath

from index.article import Article
from index.isolation import page_image
from index.isolation.frames import PageImage
from index.reading.content.files import UnreadableFileError
from index.reading.formats.area import places_of
from index.reading.scanning.pictures import PICTURES
from index.sources import File, Source
from index.storage.images import ImageStore
from index.storage.pages import PagePicture, add_picture
from index.text.words import harmless

log = logging.getLogger(__name__)

LONGEST = 2400  # pixels of the longer side
MOST_BYTES = 400 << 10
_MOST_FILES = 20_000  # maximum files examined to find a named image
_ALL = 1000  # levels of folders
_MOST_FAILURES = 3  # unreadable pages of a file after which the rest of it is skipped


@dataclass(frozen=True, order=True)
class _Sheet:
    """A page of a source: the image's name in the source, empty for the file itself, and its page number."""

    source: str
    name: str
    number: int


def keep_pictures(
    database: sqlite3.Connection, images: ImageStore, source: Source, articles: Sequence[tuple[int, Article]]
) -> None:
    """Store the image of each page that has an article, if the issue's files contain one.

    An unreadable image is skipped with a log message; the articles are not affected.

    Args:
        articles: the issue's articles with their numbers in ``database``.
    """
    files = {file.source: file for file in source.files}
    near = cache(_near)  # an edition's articles are in one folder
    sheets = _sheets(articles)
    naming = Counter((place.source, place.name) for place in sheets)
    wanted: dict[Path, dict[int, list[_Sheet]]] = {}
    for place in sorted(sheets):
        file = files.get(place.source)
        found = _picture_of(file, place.name, near) if file is not None else None
        if found is not None:
            own = place.name and naming[place.source, place.name] == 1  # an image of this page only
            wanted.setdefault(found, {}).setdefault(1 if own else place.number, []).append(place)
    for path, places in wanted.items():
        for page, picture in _readable(path, list(places)):
            image = images.put(picture.data)
            for place in places[page]:
                kept = PagePicture(place.source, place.name, place.number, image, picture.width, picture.height)
                add_picture(database, kept, sheets[place])


def _readable(path: Path, pages: Sequence[int]) -> Iterator[tuple[int, PageImage]]:
    """Yield the readable page images of a file by number; failures are logged, and several of them end the attempt."""
    failures = 0
    for page in pages:
        try:
            yield page, page_image(path, page, LONGEST, MOST_BYTES)
        except UnreadableFileError as error:
            log.warning("第 %d 页的图片 (picture of the page): %s", page, harmless(str(error)))
            failures += 1
            if failures == _MOST_FAILURES:
                return


def _sheets(articles: Sequence[tuple[int, Article]]) -> dict[_Sheet, list[int]]:
    found: dict[_Sheet, list[int]] = {}
    for number, article in articles:
        places = {_Sheet(region.source, region.sheet.image, region.sheet.number) for region in article.regions}
        for place in places or {_Sheet(article.source, "", 1)}:
            found.setdefault(place, []).append(number)
    return found


def _picture_of(file: File, name: str, near: Callable[[Path, str], Sequence[Path]]) -> Path | None:
    """The file that shows a page: the file itself, the image it names, or a neighbouring image with a similar name.

    A file other than the one that was read must be inside the given folder, after resolving links.
    """
    path = file.path
    if not name and (_is_picture(path) or path.suffix.lower() == ".pdf"):
        return path
    home = os.path.realpath(file.root or file.folder)
    found = _named(name, file, near) if name else _beside(path)
    return next((p for p in found if os.path.isfile(p) and Path(os.path.realpath(p)).is_relative_to(home)), None)


def _named(name: str, file: File, near: Callable[[Path, str], Sequence[Path]]) -> Iterator[Path]:
    """Yield the file at the named path, then nearby images with the same name, then those with the same stem."""
    yield from filter(_is_picture, places_of(file.path, name))
    wanted = PurePosixPath(name.replace("\\", "/").lower())
    places = near(file.path.parent, file.root)
    yield from (place for place in places if place.name.lower() == wanted.name)
    yield from (place for place in places if place.stem.lower() == wanted.stem)


def _beside(path: Path) -> Iterator[Path]:
    return (path.with_suffix(suffix) for end in PICTURES for suffix in (end, end.upper()))


def _near(folder: Path, root: str) -> list[Path]:
    """Images in and below a file's folder, then next to that folder, where libraries put them.

    All are inside ``root``, the given folder; if it is empty, only images in the folder itself are returned.
    """
    starts = {folder: _ALL if root else 0}
    if root and folder.parent.is_relative_to(root):
        starts[folder.parent] = 1  # the folder of images is next to that of the texts
    walked = (file for start, levels in starts.items() for file in _files_below(start, levels))
    return list(filter(_is_picture, islice(walked, _MOST_FILES)))


def _files_below(start: Path, levels: int) -> Iterator[Path]:
    for inner, folders, names in os.walk(start):
        below = len(Path(inner).parts) - len(start.parts)
        folders[:] = sorted(name for name in folders if below < levels and not name.startswith("."))
        yield from (Path(inner, name) for name in sorted(names))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES
