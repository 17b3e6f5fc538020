"""Fetch weights from the user's own folder or server if the packages that contain them are not installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx

from index.errors import BaowenError

_CHUNK = 1 << 22
_TIMEOUT_S = 60.0  # between two chunks, not for the whole file


def mirrored(mirror: str, file_name: str) -> Iterator[bytes]:
    """Yield the bytes of ``file_name`` from ``mirror``, a folder or its http(s) address; they are not verified here.

    Raises:
        BaowenError: the file is not there, or the server fails; the message names the place.
    """
    if mirror.startswith(("http://", "https://")):
        yield from _downloaded(f"{mirror.rstrip('/')}/{file_name}")
        return
    path = Path(mirror).expanduser() / file_name
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise _failed(str(path), error.strerror or str(error)) from error


def _downloaded(address: str) -> Iterator[bytes]:
    shown = re.sub(r"//[^/@]*@", "//", address)  # without a password
    try:
        with httpx.stream("GET", address, timeout=_TIMEOUT_S, follow_redirects=True) as reply:
            reply.raise_for_status()
            yield from reply.iter_bytes(_CHUNK)
    except httpx.HTTPStatusError as error:
        raise _failed(shown, f"HTTP {error.response.status_code}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _failed(shown, str(error) or type(error).__name__) from error


def _failed(place: str, reason: str) -> BaowenError:
    return BaowenError(f"权重镜像里取不到 {place} (not in the mirror of weights): {reason}；请改 weights_mirror")
