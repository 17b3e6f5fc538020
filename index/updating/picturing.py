"""Store the images of issues' pages with the archive while the issues are read and embedded."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path, PurePosixPath

from index.article import Article
from index.isolation import page_image
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


class PageImages:
    """Makes the page images of a build in a thread, one after another, while the build reads and embeds.

    An unreadable image is skipped with a log message; the articles are not affected. When the block is left early, the
    image in the making is finished and the rest are given up.
    """

    def __init__(self, images: ImageStore) -> None:
        self._images = images
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="images")
        self._making: deque[Future[list[tuple[PagePicture, list[int]]]]] = deque()
        self._failures: Counter[Path] = Counter()

    def __enter__(self) -> PageImages:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def make(self, source: Source, articles: Sequence[tuple[int, Article]]) -> None:
        """Begin to make the image of each page that has an article, if the issue's files contain one.

        Args:
            articles: the issue's articles with their numbers in the archive.
        """
        sheets = _sheets(articles)
        for path, pages in _wanted(source, sheets).items():
            for page, places in pages.items():
                shown = {place: sheets[place] for place in places}
                self._making.append(self._thread.submit(self._made, path, page, shown))

    def record(self, database: sqlite3.Connection, ahead: int = 0) -> None:
        """Record the images that are ready, in order; wait until at most ``ahead`` are not."""
        while len(self._making) > ahead or (self._making and self._making[0].done()):
            for picture, numbers in self._making.popleft().result():
                add_picture(database, picture, numbers)

    def _made(self, path: Path, page: int, shown: dict[_Sheet, list[int]]) -> list[tuple[PagePicture, list[int]]]:
        """Store the image of a page of a file: its pictures with their articles' numbers, none if it is unreadable."""
        if self._failures[path] == _MOST_FAILURES:
            return []
        try:
            made = page_image(path, page, LONGEST, MOST_BYTES)
        except UnreadableFileError as error:
            log.warning("第 %d 页的图片 (picture of the page): %s", page, harmless(str(error)))
            self._failures[path] += 1
            return []
        image = self._images.put(made.data)
        return [
            (PagePicture(place.source, place.name, place.number, image, made.width, made.height), numbers)
            for place, numbers in shown.items()
        ]


def _wanted(source: Source, sheets: Iterable[_Sheet]) -> dict[Path, dict[int, list[_Sheet]]]:
    """The files with images of an issue's sheets, and for each page of them the sheets that it shows."""
    files = {file.source: file for file in source.files}
    near = cache(_near)  # an edition's articles are in one folder
    naming = Counter((place.source, place.name) for place in sheets)
    wanted: dict[Path, dict[int, list[_Sheet]]] = {}
    for place in sorted(sheets):
        file = files.get(place.source)
        found = _picture_of(file, place.name, near) if file is not None else None
        if found is not None:
            own = place.name and naming[place.source, place.name] == 1  # an image of this page only
            wanted.setdefault(found, {}).setdefault(1 if own else place.number, []).append(place)
    return wanted


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
