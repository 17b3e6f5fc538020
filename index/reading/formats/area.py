"""The places of articles on the image of an e-paper's page, from its image map."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ...regions import Box, Point, Sheet
from ..content.markup import Area, MappedPicture, Markup
from ..layout.places import Place, fractions

FETCHED = ".images"  # hidden folder in which ``fetch`` stores images, with the same layout as the pages next to it
_MOST_POINTS = 400


def places_by_file(markup: Markup, path: Path) -> dict[Path, tuple[Place, ...]]:
    """The areas that link to files, in fractions of the image; none if its size is unknown.

    Both the file at the linked path and a file of that name next to the page are included, since saved pages have their
    files next to them.
    """
    found: dict[Path, dict[Place, None]] = {}
    for picture in markup.pictures:
        width, height = _size(picture, path)
        for area in markup.areas:
            if area.map != picture.map or not (_name(area.address) and _name(picture.address)):
                continue
            corners = _points(area)
            if (box := _box(corners, width, height)) is not None:
                shape = _polygon(corners, width, height)
                for file in {path.parent / _name(area.address), _file(area.address, path)}:
                    sheet = Sheet(_seen_from(file, path, picture.address), 1, width, height)
                    found.setdefault(file.absolute(), {})[Place("", box, sheet, points=shape)] = None
    return {file: tuple(places) for file, places in found.items()}


def places_of(path: Path, name: str) -> Iterator[Path]:
    """Possible paths of a page's image ``name``: relative to the page, or where ``fetch`` stores it."""
    name = name.replace("\\", "/")
    for start in path.absolute().parents if name.startswith("/") else [path.parent.absolute()]:
        place = Path(os.path.normpath(start / name.lstrip("/")))
        yield place
        yield from (above / FETCHED / place.relative_to(above) for above in place.parents)


def picture_of(path: Path, address: str) -> Path | None:
    """The image of a page, if it was saved in the page's folder or fetched."""
    folder = path.parent.resolve()
    for place in places_of(path, _path(address)):
        if os.path.isfile(place):
            real = place.resolve()
            if real.is_relative_to(folder) or FETCHED in real.parts:
                return place
    return None


def _seen_from(file: Path, page: Path, address: str) -> str:
    """The path of a page's image, relative to an article in another folder."""
    name = _path(address)
    if name.startswith("/") or file.parent == page.parent:
        return name
    return os.path.relpath(page.parent / name, file.parent)


def _file(address: str, path: Path) -> Path:
    return Path(os.path.normpath(path.parent / _path(address).lstrip("/")))


def _name(address: str) -> str:
    return _path(address).rpartition("/")[2]


def _path(address: str) -> str:
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return ""  # not a valid address


def _points(area: Area) -> list[Point]:
    """The corners of a rectangle or polygon; circles, which newspapers do not use, have none."""
    numbers = [float(number) for number in re.findall(r"-?\d{1,6}(?:\.\d{1,4})?", area.coords)[: 2 * _MOST_POINTS]]
    if area.shape.lower().startswith("circ") or len(numbers) < 4:
        return []
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _box(corners: Sequence[Point], width: int, height: int) -> Box | None:
    if not corners:
        return None
    across, down = zip(*corners, strict=True)
    return fractions(min(across), min(down), max(across), max(down), width, height)


def _polygon(corners: Sequence[Point], width: int, height: int) -> tuple[Point, ...]:
    """The corners in fractions of the image; empty for a rectangle."""
    across, down = ({corner[side] for corner in corners} for side in (0, 1))
    if len(corners) < 3 or (len(across) == len(down) == 2):
        return ()
    return tuple((min(1.0, max(0.0, x / width)), min(1.0, max(0.0, y / height))) for x, y in corners)


def _size(picture: MappedPicture, path: Path) -> tuple[int, int]:
    """The size of an image in the page's markup, or else of its saved or fetched file."""
    if picture.width and picture.height:
        return picture.width, picture.height
    beside = picture_of(path, picture.address)
    if beside is None:
        return 0, 0
    from PIL import Image

    try:
        with Image.open(beside, formats=("PNG", "JPEG", "GIF", "WEBP", "TIFF")) as image:
            return int(image.width), int(image.height)
    except (OSError, ValueError, Image.DecompressionBombError):
        return 0, 0
