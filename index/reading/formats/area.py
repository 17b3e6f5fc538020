"""Where an e-paper's page shows articles on its picture: the map of links that lies over it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ...regions import Sheet, around
from ..content.markup import Area, Markup, Picture
from ..layout.places import Place, fractions

_MOST_POINTS = 400


def places_by_file(markup: Markup, path: Path) -> dict[Path, tuple[Place, ...]]:
    """The areas that lead to files, in fractions of the picture; none where its size is not known.

    A page that was saved has its files beside it, whatever folders their addresses name: both are given.
    """
    found: dict[Path, dict[Place, None]] = {}
    for picture in markup.pictures:
        width, height = _size(picture, path)
        sheet = Sheet(_name(picture.address), 1, width, height)
        for area in markup.areas:
            if area.map != picture.map or not _name(area.address):
                continue
            boxes = (fractions(*point, *point_to, width, height) for point, point_to in _corners(_points(area)))
            if box := around(box for box in boxes if box is not None):
                for file in {path.parent / _name(area.address), _file(area.address, path)}:
                    found.setdefault(file.absolute(), {})[Place("", box, sheet)] = None
    return {file: tuple(places) for file, places in found.items()}


def _file(address: str, path: Path) -> Path:
    return Path(os.path.normpath(path.parent / unquote(urlsplit(address).path).lstrip("/")))


def _name(address: str) -> str:
    return unquote(urlsplit(address).path).rpartition("/")[2]


def _points(area: Area) -> list[tuple[float, float]]:
    """The corners of a rectangle or a polygon; a circle is no newspaper's."""
    numbers = [float(number) for number in re.findall(r"-?\d{1,6}(?:\.\d{1,4})?", area.coords)[: 2 * _MOST_POINTS]]
    if area.shape.lower().startswith("circ") or len(numbers) < 4:
        return []
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _corners(points: list[tuple[float, float]]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    if not points:
        return []
    across, down = zip(*points, strict=True)
    return [((min(across), min(down)), (max(across), max(down)))]


def _size(picture: Picture, path: Path) -> tuple[int, int]:
    """A picture's size as the page shows it, or as the file has it that was saved beside the page."""
    if picture.width and picture.height:
        return picture.width, picture.height
    beside = (path.parent / unquote(urlsplit(picture.address).path)).resolve()
    if not (beside.is_relative_to(path.parent.resolve()) and beside.is_file()):
        return 0, 0
    from PIL import Image

    try:
        with Image.open(beside) as image:
            return int(image.width), int(image.height)
    except (OSError, ValueError, Image.DecompressionBombError):
        return 0, 0
