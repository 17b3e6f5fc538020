"""Page images, addressed by content and shared by all snapshots of an archive."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

FOLDER = "images"
_IDENTITY = re.compile(r"[0-9a-f]{64}")
SUFFIX = ".webp"
_QUALITIES = (80, 65, 50, 35)
_SMALLER = 0.8
_BAND, _APART = 32, 8  # rows of a band of the sample; their distance in bands
_EFFORT = 2  # of WebP's 0 to 6: more takes longer and saves little


def image_name(identity: str) -> str:
    """The path of the image with that id in an archive's folder, and in a pack."""
    return f"{FOLDER}/{identity[:2]}/{identity}{SUFFIX}"


def encoded(image: Image.Image, longest: int, most: int) -> tuple[bytes, tuple[int, int]]:
    """The picture as WebP with at most ``longest`` pixels per side and ``most`` bytes, and its size in pixels.

    A sample of the picture shows which qualities give too many bytes, so that most pictures are encoded once.
    """
    image = image.copy()
    image.thumbnail((longest, longest))
    while True:
        sample = _sample(image)
        for quality in _QUALITIES:
            expected = len(_webp(sample, quality)) * image.height / sample.height
            if expected <= most or quality == _QUALITIES[-1]:
                data = _webp(image, quality)
                if len(data) <= most:
                    return data, image.size
        image = image.resize((max(1, round(image.width * _SMALLER)), max(1, round(image.height * _SMALLER))))


def _sample(image: Image.Image) -> Image.Image:
    """An eighth of the picture: bands from top to bottom, joined. A low picture is its own sample."""
    tops = range(0, image.height - _BAND + 1, _BAND * _APART)
    sample = image.crop((0, 0, image.width, _BAND * len(tops))) if len(tops) > 1 else image
    for row, top in enumerate(tops[1:], 1):
        sample.paste(image.crop((0, top, image.width, top + _BAND)), (0, _BAND * row))
    return sample


def _webp(image: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    image.save(target, "WEBP", quality=quality, method=_EFFORT)
    return target.getvalue()


@dataclass(frozen=True)
class ImageSizes:
    """The number of images, and their total bytes."""

    count: int
    bytes: int


class ImageStore:
    """The images in an archive's folder. An image's id is the SHA-256 of its bytes."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._folder = archive / FOLDER

    def put(self, data: bytes) -> str:
        """Store an image and return its id."""
        identity = hashlib.sha256(data).hexdigest()
        path = self._place(identity)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}.partial")
            partial.write_bytes(data)
            partial.replace(path)
        return identity

    def path(self, identity: str) -> Path | None:
        """The path of an image; None if it does not exist or the id is invalid."""
        if not _IDENTITY.fullmatch(identity):
            return None
        path = self._place(identity)
        return path if path.is_file() else None

    def keep(self, identities: Iterable[str]) -> None:
        """Remove all other images, and what crashed writers left behind."""
        wanted = {self._place(identity) for identity in identities}
        for path in list(self._folder.glob("*/*")):
            if path not in wanted:
                path.unlink(missing_ok=True)

    def sizes(self) -> ImageSizes:
        """The number and size of the images."""
        sizes = [path.stat().st_size for path in self._folder.glob(f"*/*{SUFFIX}")]
        return ImageSizes(len(sizes), sum(sizes))

    def _place(self, identity: str) -> Path:
        return self._archive / image_name(identity)
