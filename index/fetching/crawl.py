"""Fetch editions day by day into a folder; files that are already there are not requested again."""

from __future__ import annotations

import datetime
import logging
import os
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.text.words import harmless

from ..errors import BaowenError
from ..reading.formats.area import FETCHED
from .edition import Edition, Links, file_of
from .site import AbsentError, EPaperSite, NotFetchedError, Reply, TroubleError

log = logging.getLogger(__name__)

IMAGES = FETCHED  # hidden, so that a build does not read images of pages whose text it has
_MOST_TROUBLES = 5  # in a row
_HTML = ("", "text/html", "application/xhtml+xml")


@dataclass
class Fetched:
    """The result of a run: files written, files that were already there, and what could not be fetched.

    ``days`` had an edition, ``missing_days`` had none, and ``failed`` addresses returned nothing usable.
    """

    days: int = 0
    missing_days: int = 0
    pages: int = 0
    images: int = 0
    kept: int = 0
    failed: int = 0

    def __str__(self) -> str:
        """The result in one line."""
        parts = [f"{self.days} 期：取回 {self.pages} 页、{self.images} 张版面图 (fetched)", f"早已取过 {self.kept} 个"]
        parts += [f"{self.missing_days} 天没有出报"] if self.missing_days else []
        parts += [f"{self.failed} 个没有取到 (failed)"] if self.failed else []
        return "，".join(parts)


def fetch(
    url: str,
    folder: Path,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    *,
    rate: float = 1.0,
    limit: int = 2000,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Fetch the editions from ``since`` to ``until``; a missing bound defaults to the day in the address.

    Args:
        url: the address of a page of any day's edition.
        rate: maximum number of requests per second.
        limit: maximum number of requests; the next run continues from there.
        sleep: how to wait.

    Raises:
        BaowenError: the address is unusable, the site cannot be reached or asks us to stay away, no edition was found,
            or the folder cannot be written.
    """
    given = Edition.at(url)
    site = EPaperSite(given.url, rate, limit, sleep)
    crawl = _Crawl(site, folder)
    try:
        for day in _days(since or min(given.day, until or given.day), until or max(given.day, since or given.day)):
            crawl.fetch_day(given.on(day))
    except _LimitError:
        log.warning("到了上限 %d 次请求；再运行一次会接着取 (limit reached; run again to go on)", limit)
    except OSError as error:
        name = harmless(str(error.filename or folder))
        raise BaowenError(f"读写不了 (cannot read or write) {name}: {error.strerror}") from error
    finally:
        site.close()
    if not crawl.done.days:
        raise BaowenError(f"没有取到任何一期 (no edition was found): {harmless(url)}; {crawl.why}")
    return crawl.done


def _days(since: datetime.date, until: datetime.date) -> Iterator[datetime.date]:
    for number in range((until - since).days + 1):
        yield since + datetime.timedelta(number)


class _LimitError(Exception):
    """The maximum number of requests has been reached."""


class _Crawl:
    """One run. ``done`` is its result so far, ``why`` the reason for the last failure."""

    def __init__(self, site: EPaperSite, folder: Path) -> None:
        self.done = Fetched()
        self.why = ""
        self._site = site
        self._folder = folder
        self._troubles = 0  # in a row

    def fetch_day(self, edition: Edition) -> None:
        """Fetch one day's edition, or record that there is none."""
        try:
            first = self._page(edition, edition.url)
        except AbsentError as error:
            self.why = str(error)
            self.done.missing_days += 1
            log.info("%s：没有出报 (no edition)：%s", edition.day, error)
            return
        except NotFetchedError as error:
            self._failed(error)
            log.warning("%s：没有取到 (not fetched)：%s", edition.day, error)
            return
        self.done.days += 1
        before = self.done.pages + self.done.images
        reasons = self._rest(edition, first)
        log.info("%s：又取 %d 个 (more files fetched)", edition.day, self.done.pages + self.done.images - before)
        for reason, count in reasons.items():
            log.warning("%s：%d 个没有取到 (not fetched)：%s", edition.day, count, reason)

    def _rest(self, edition: Edition, first: Links) -> Counter[str]:
        """Fetch everything that an edition's first page leads to; returns the failures' reasons with their counts."""
        reasons: Counter[str] = Counter()
        seen = {file_of(edition.url)}
        waiting = deque(first.pages)
        images = list(first.images)
        while waiting:
            url = waiting.popleft()
            if file_of(url) in seen:
                continue
            seen.add(file_of(url))
            try:
                links = self._page(edition, url)
            except NotFetchedError as error:
                reasons[self._failed(error)] += 1
                continue
            waiting += links.pages
            images += links.images
        for url in {file_of(url): url for url in images}.values():
            try:
                self._image(edition, url)
            except NotFetchedError as error:
                reasons[self._failed(error)] += 1
        return reasons

    def _page(self, edition: Edition, url: str) -> Links:
        """Save a page and return its links.

        Raises:
            NotFetchedError: it could not be fetched.
        """
        path = self._path(file_of(url))
        if path.is_file():
            self.done.kept += 1
            return edition.links(url, path.read_bytes())
        reply = self._get(url, edition.holds)
        if reply.kind not in _HTML:
            raise NotFetchedError(f"不是网页 (not a page): {harmless(reply.kind)[:50]}")
        links = edition.links(reply.url, reply.data)
        if url == edition.url and not links.pages:
            raise AbsentError("那里的网页没有连到任何一篇 (its page links to no article)")
        _write(path, reply.data)
        self.done.pages += 1
        return links

    def _image(self, edition: Edition, url: str) -> None:
        path = self._path(PurePosixPath(IMAGES) / file_of(url))
        if path.is_file():
            self.done.kept += 1
            return
        reply = self._get(url, edition.covers)
        if reply.kind and not reply.kind.startswith("image/"):
            raise NotFetchedError(f"不是图片 (not a picture): {harmless(reply.kind)[:50]}")
        _write(path, reply.data)
        self.done.images += 1

    def _get(self, url: str, allowed: Callable[[str], bool]) -> Reply:
        if self._site.is_spent:
            raise _LimitError
        reply = self._site.get(url, allowed)
        self._troubles = 0
        return reply

    def _failed(self, error: NotFetchedError) -> str:
        """Count a failure and return its reason.

        Raises:
            BaowenError: the site has failed several times in a row.
        """
        self.done.failed += 1
        self.why = str(error)
        self._troubles += isinstance(error, TroubleError)
        if self._troubles >= _MOST_TROUBLES:
            raise BaowenError(f"网站连续 {self._troubles} 次没有给出网页 (the site keeps failing): {error}")
        return self.why

    def _path(self, name: PurePosixPath) -> Path:
        """The path of a file inside the folder, with links resolved.

        Raises:
            BaowenError: a link leads out of the folder.
        """
        path = self._folder / name
        if not path.resolve().is_relative_to(self._folder.resolve()):
            raise BaowenError(f"{harmless(str(path))} 指到文件夹以外 (points outside the folder)")
        return path


def _write(path: Path, data: bytes) -> None:
    """Write a file completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
