"""The packaged recognition models (PP-OCRv6 small, Apache-2.0): find lines, read them, see whether they are upright.

The package ``rapidocr`` (extra ``ocr``) is used as a folder of models; its code, which can download others, is not run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.privacy import silence_onnxruntime

from ..content.files import UnreadableFileError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PACKAGE = "rapidocr"
REQUIREMENT = f"{PACKAGE}>=3.10,<3.11"  # as in pyproject.toml; other versions have other models
_MODELS = {  # SHA-256 of the published files
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx": "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
}
_SIDE = 32  # pixels: the detector's input is a multiple of it
_SHORTEST, _LONGEST = 736, 2400  # pixels: a smaller picture is enlarged until its shorter side has as many
_TEXT = 0.3  # of 1: minimum probability of a pixel that belongs to text
_LEAST_LIKELY = 0.3  # minimum score of a box: long lines of digits score low; false boxes are read with low confidence
_GROWN = 1.6  # the detector is taught shrunken boxes: this ratio of area to circumference is added on every side
_LEAST_SIDE = 3  # pixels of a box before it is grown
_MOST_LINES = 8000
_HEIGHT, _LEAST_WIDTH, _TURN_WIDTH = 48, 320, 192  # pixels of a line's picture
_AT_ONCE = 6  # lines
_BLANK = 0  # the class of no character


@dataclass(frozen=True)
class Reading:
    """The text of a line, and the probability of each of its characters, from 0 to 1."""

    text: str
    sure: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The mean probability; 0 without text."""
        return sum(self.sure) / len(self.sure) if self.sure else 0.0


class Engine(Protocol):
    """What a recogniser needs; pictures are (height, width, 3)."""

    def find(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The boxes of lines (count, 4): left, top, right, bottom, in pixels."""
        ...

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        """The text of each line's picture."""
        ...

    def are_turned(self, lines: Sequence[NDArray[np.uint8]]) -> list[bool]:
        """For each line's picture whether it is upside down."""
        ...


class PackagedEngine:
    """The models of the package, run on all cores.

    Raises:
        UnreadableFileError: a model is missing or damaged; the message contains the command that installs it.
    """

    def __init__(self) -> None:
        silence_onnxruntime()
        self._finder, self._reader, self._turned = (_session(name, digest) for name, digest in _MODELS.items())
        known = self._reader.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ["", *known, " "]

    def find(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """See ``Engine``; 8,000 lines at most."""
        import cv2

        height, width = picture.shape[:2]
        scale = min(max(1.0, _SHORTEST / min(height, width)), max(1.0, _LONGEST / max(height, width)))
        across, down = (max(_SIDE, round(scale * side / _SIDE) * _SIDE) for side in (width, height))
        chance = _run(self._finder, _normal(cv2.resize(picture, (across, down)))[None])[0, 0]
        mask = cv2.dilate((chance > _TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        boxes = [box for contour in contours[:_MOST_LINES] if (box := _box(contour, chance)) is not None]
        found = np.array(boxes, np.float64).reshape(-1, 4)
        found[:, 0::2] *= width / across
        found[:, 1::2] *= height / down
        return found

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        """See ``Engine``."""
        found = [Reading("", ())] * len(lines)
        for numbers, pictures in _batches(lines, _LEAST_WIDTH):
            chances = _run(self._reader, pictures)
            for number, classes, likely in zip(numbers, chances.argmax(axis=2), chances.max(axis=2), strict=True):
                first = np.diff(classes, prepend=_BLANK) != 0
                shown = np.flatnonzero(first & (classes != _BLANK))
                text = "".join(self._characters[kind] for kind in classes[shown])
                found[number] = Reading(text, tuple(round(float(value), 3) for value in likely[shown]))
        return found

    def are_turned(self, lines: Sequence[NDArray[np.uint8]]) -> list[bool]:
        """See ``Engine``."""
        found = [False] * len(lines)
        for numbers, pictures in _batches(lines, _TURN_WIDTH, _TURN_WIDTH):
            for number, (upright, turned) in zip(numbers, _run(self._turned, pictures), strict=True):
                found[number] = bool(turned > upright)
        return found


def are_installed() -> bool:
    """Whether the package with the models is installed, in a version that contains them."""
    return all(_file(name).is_file() for name in _MODELS)


def _file(name: str) -> Path:
    found = importlib.util.find_spec(PACKAGE)
    folders = (found.submodule_search_locations if found else None) or [""]
    return Path(folders[0], "models", name)


def _session(name: str, digest: str) -> InferenceSession:
    import onnxruntime

    path = _file(name)
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != digest:
        line = f"{sys.executable} -m pip install --force-reinstall '{REQUIREMENT}'"
        raise UnreadableFileError(f"识别模型缺少或已损坏 (missing or damaged): {path}；请运行 (run): {line}")
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False  # lines differ in length: an arena would keep memory for each
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _run(session: InferenceSession, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: pictures})[0]
    return found


def _normal(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture as the models take it: (3, height, width), from -1 to 1."""
    return np.asarray(picture.transpose(2, 0, 1), np.float32) / 127.5 - 1


def _batches(
    lines: Sequence[NDArray[np.uint8]], least: int, most: int | None = None
) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Yield the numbers and the pictures of some lines of similar length, filled up on the right.

    Args:
        least: minimum width of the pictures in pixels.
        most: the maximum width, to which longer lines are squeezed; None: as wide as the longest line.
    """
    import cv2

    widths = [max(1, math.ceil(_HEIGHT * line.shape[1] / line.shape[0])) for line in lines]
    order = sorted(range(len(lines)), key=lambda number: widths[number])
    for start in range(0, len(order), _AT_ONCE):
        numbers = order[start : start + _AT_ONCE]
        whole = min(max(least, widths[numbers[-1]]), most or sys.maxsize)
        pictures = np.zeros((len(numbers), 3, _HEIGHT, whole), np.float32)
        for picture, number in zip(pictures, numbers, strict=True):
            width = min(whole, widths[number])
            picture[:, :, :width] = _normal(cv2.resize(lines[number], (width, _HEIGHT)))
        yield numbers, pictures


def _box(contour: NDArray[np.int32], chance: NDArray[np.float32]) -> tuple[float, float, float, float] | None:
    """The grown box around an area of text; None if it is too small or too unlikely."""
    import cv2

    centre, (wide, high), angle = cv2.minAreaRect(contour)
    if (
        min(wide, high) < _LEAST_SIDE
        or _likelihood(cv2.boxPoints((centre, (wide, high), angle)), chance) < _LEAST_LIKELY
    ):
        return None
    more = 2 * _GROWN * wide * high / (2 * (wide + high))
    corners = cv2.boxPoints((centre, (wide + more, high + more), angle))
    limits = np.array(chance.shape[::-1])
    (left, top), (right, bottom) = (np.clip(side, 0, limits) for side in (corners.min(axis=0), corners.max(axis=0)))
    return float(left), float(top), float(right), float(bottom)


def _likelihood(corners: NDArray[np.float32], chance: NDArray[np.float32]) -> float:
    """The mean probability of the pixels in a rectangle."""
    import cv2

    limits = np.array(chance.shape[::-1]) - 1
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, limits).astype(int)
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(chance[top : bottom + 1, left : right + 1], inside)[0])
