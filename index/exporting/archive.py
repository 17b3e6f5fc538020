"""Export an archive issue by issue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from index.types import JsonObject

from ..article import Article
from ..errors import BaowenError
from ..storage.local import LocalStore
from ..storage.snapshots import ArchiveFolder
from ..storage.store import Filter
from .alto import alto
from .iiif import manifest
from .records import record
from .sheets import named, sheets_of

_AT_A_TIME = 500


@dataclass(frozen=True)
class Addresses:
    """The addresses at which the exported ``manifests`` and the page ``pictures`` will be served."""

    manifests: str
    pictures: str


def records(archive: Path, where: Filter) -> Iterator[JsonObject]:
    """Yield each article of an archive as a record, newest first.

    Raises:
        BaowenError: the archive does not exist.
    """
    for article in _articles(LocalStore(ArchiveFolder(archive).require_current()), where):
        yield record(article)


def write_alto(archive: Path, where: Filter, folder: Path) -> int:
    """Write an ALTO file for each page whose articles have places, one folder per issue; returns the number of files.

    Raises:
        BaowenError: the archive does not exist, or none of its articles has regions.
    """
    count = 0
    for name, articles in _issues(archive, where):
        for page, place in named(sheets_of(articles)).items():
            _write(folder / name / f"{page.removesuffix('.xml')}.xml", alto(place))
            count += 1
    return _some(count)


def write_manifests(archive: Path, where: Filter, folder: Path, addresses: Addresses) -> int:
    """Write an IIIF manifest for each issue whose articles have places; returns the number of manifests.

    Raises:
        BaowenError: the archive does not exist, or none of its articles has regions.
    """
    count = 0
    for name, articles in _issues(archive, where):
        label = " ".join(part for part in (articles[0].paper, articles[0].date or "") if part) or name
        made = manifest(articles, f"{addresses.manifests.rstrip('/')}/{name}.json", addresses.pictures, label)
        if made is not None:
            _write(folder / f"{name}.json", (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode())
            count += 1
    return _some(count)


def _issues(archive: Path, where: Filter) -> Iterator[tuple[str, list[Article]]]:
    """Yield the articles of each issue (one paper on one date) with a name that is safe for files."""

    def issue(article: Article) -> tuple[str, str]:
        return article.date or "", article.paper

    store = LocalStore(ArchiveFolder(archive).require_current())
    for date, of_date in groupby(_articles(store, where), key=lambda article: article.date or ""):
        for (_, paper), group in groupby(sorted(of_date, key=issue), key=issue):
            name = "-".join(part for part in (date or "undated", re.sub(r"[^\w-]+", "-", paper)) if part)
            yield name, list(group)


def _articles(store: LocalStore, where: Filter) -> Iterator[Article]:
    offset = 0
    while found := store.articles(_AT_A_TIME, offset, where):
        for article in found:
            yield replace(article, regions=store.catalogue.regions(article.id))
        offset += len(found)


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise BaowenError(f"{path}: 写不进去 (cannot write): {error.strerror}") from error


def _some(count: int) -> int:
    if not count:
        raise BaowenError("没有一篇文章记有版面位置，没有可导出的 (no article has places on a page)")
    return count
