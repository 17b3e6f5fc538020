"""Polite requests to one site: obeys robots.txt, one request at a time, with pauses and a limited number of retries."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urljoin

import httpx
from protego import Protego

from index.text.words import harmless

from ..errors import BaowenError
from .edition import site_of

MAX_BYTES = 20 << 20
_NAME = "Baowen"  # our name in robots.txt
_TIMEOUT = httpx.Timeout(30, connect=15)
_LONGEST_S = 180.0  # for one response, however slowly it arrives
_TRIES = 4
_BACK_OFF_S = 5.0  # then 15, then 45
_LONGEST_WAIT_S = 600.0
_BUSY = (429, 503)
_AGAIN = (*_BUSY, 500, 502, 504)
_MOST_REDIRECTS = 5
_ROBOTS_BYTES = 500 << 10


class NotFetchedError(Exception):
    """One address returned nothing usable; the message says why."""


class AbsentError(NotFetchedError):
    """The site does not have this page."""


class TroubleError(NotFetchedError):
    """The site failed or blocked us."""


@dataclass(frozen=True)
class Reply:
    """The response for an address: its final address, its media type (``text/html``) and its content."""

    url: str
    kind: str
    data: bytes


@dataclass
class _Answer:
    status: int
    headers: httpx.Headers
    data: bytes = b""


@dataclass
class EPaperSite:
    """The site of an edition. ``requests`` counts the requests made.

    Args:
        address: any address on the site; no other host is ever contacted.
        rate: maximum number of requests per second; robots.txt may ask for fewer.
        limit: maximum number of requests.
        sleep: how to wait; tests pass their own function.
    """

    address: str
    rate: float = 1.0
    limit: int = 2000
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    _robots: Protego | None = None
    _last: float = -1e9
    _is_secure: bool = False  # it redirects http to https, so that using http would double the requests
    _client: httpx.Client = field(
        default_factory=lambda: httpx.Client(headers={"User-Agent": _agent()}, timeout=_TIMEOUT)
    )

    @property
    def is_spent(self) -> bool:
        """Whether the maximum number of requests has been made."""
        return self.requests >= self.limit

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def get(self, url: str, allowed: Callable[[str], bool]) -> Reply:
        """Fetch ``url``. Redirects are followed on this site only, and only to addresses that are ``allowed``.

        Raises:
            NotFetchedError: nothing usable was returned; other addresses may still work.
            BaowenError: the site cannot be reached or asked us to stay away.
        """
        if self._robots is None:
            self._robots = self._read_robots()
        for _ in range(_MOST_REDIRECTS):
            if self._is_secure and url.startswith("http:"):
                url = "https" + url.removeprefix("http")
            if not self._robots.can_fetch(url, _NAME):
                raise NotFetchedError("robots.txt 不允许 (disallowed by robots.txt)")
            answer = self._ask(url)
            if answer.status // 100 != 3:
                return Reply(url, _kind(answer), _content(answer))
            target = _target(url, answer)
            if site_of(target) != site_of(self.address):
                raise NotFetchedError(f"转到了别的网站 (redirected to another site): {harmless(target)[:200]}")
            if not allowed(target):
                raise AbsentError("转到了这一期以外 (redirected out of the edition)")
            self._is_secure = self._is_secure or target == "https" + url.removeprefix("http")
            url = target
        raise NotFetchedError("转来转去 (too many redirects)")

    def _read_robots(self) -> Protego:
        """Read robots.txt as RFC 9309 requires: a missing file allows everything, an unreachable one nothing."""
        url = urljoin(self.address, "/robots.txt")
        answer = self._ask(url)
        for _ in range(_MOST_REDIRECTS):
            target = _target(url, answer) if answer.status // 100 == 3 else ""
            if not target or site_of(target) != site_of(self.address):
                break
            url = target
            answer = self._ask(url)
        if answer.status // 100 not in (2, 4):
            raise BaowenError(f"读不到 {url}，不知道网站允许什么 (robots.txt cannot be read): HTTP {answer.status}")
        rules = answer.data[:_ROBOTS_BYTES].decode("utf-8", "replace") if answer.status == 200 else ""
        robots = Protego.parse(rules)
        asked = robots.request_rate(_NAME)
        pauses = [robots.crawl_delay(_NAME) or 0, asked.seconds / asked.requests if asked and asked.requests else 0]
        self.rate = min([self.rate, *(1 / pause for pause in pauses if pause > 0)])
        return robots

    def _ask(self, url: str) -> _Answer:
        """Make one request, and repeat it if the site is busy or the connection fails."""
        why, wait, is_busy = "", 0.0, False
        for attempt in range(_TRIES):
            if attempt and self.is_spent:
                break
            if attempt:
                self.sleep(wait)
            self._pause()
            wait = _BACK_OFF_S * 3**attempt
            try:
                answer = self._once(url)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                why, is_busy = harmless(f"{type(error).__name__} {error}")[:200], False
                if self.requests == 1 and isinstance(error, httpx.ConnectError):
                    break
                continue
            if answer.status not in _AGAIN:
                return answer
            why, is_busy = f"HTTP {answer.status}", answer.status in _BUSY
            wait = max(_retry_after(answer.headers), 0.0) if "retry-after" in answer.headers else wait
            if wait > _LONGEST_WAIT_S:
                break
        if is_busy:
            raise BaowenError(f"网站要求少来 (the site is busy: {why})，请过 {wait:.0f} 秒后再运行，会接着取")
        if self._robots is None:
            raise BaowenError(f"无法连接 (cannot reach) {harmless(url)}: {why}")
        raise TroubleError(why)

    def _pause(self) -> None:
        left = self._last + 1 / self.rate - time.monotonic()
        if left > 0:
            self.sleep(left)

    def _once(self, url: str) -> _Answer:
        """Make one request.

        Raises:
            httpx.HTTPError: the connection failed or the response took too long.
            NotFetchedError: the response is too large.
        """
        self.requests += 1
        deadline = time.monotonic() + _LONGEST_S
        try:
            with self._client.stream("GET", url, follow_redirects=False) as response:
                answer = _Answer(response.status_code, response.headers)
                if response.status_code != 200:
                    return answer
                data = bytearray()
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > MAX_BYTES:
                        raise NotFetchedError(f"超过 {MAX_BYTES >> 20} MB (too large)")
                    if time.monotonic() > deadline:
                        raise httpx.ReadTimeout("too slow")
                answer.data = bytes(data)
                return answer
        finally:
            self._last = time.monotonic()


def _agent() -> str:
    try:
        return f"{_NAME}/{version('baowen')}"
    except PackageNotFoundError:
        return f"{_NAME}/0"


def _kind(answer: _Answer) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _content(answer: _Answer) -> bytes:
    if answer.status != 200:
        raise (AbsentError if answer.status in (404, 410) else TroubleError)(f"HTTP {answer.status}")
    return answer.data


def _target(url: str, answer: _Answer) -> str:
    try:
        target: str = urljoin(url, answer.headers.get("location", ""))
        site_of(target)
    except ValueError as error:
        raise NotFetchedError("转向的地址不对 (bad redirect)") from error
    return target


def _retry_after(headers: httpx.Headers) -> float:
    """The number of seconds that a site asks us to wait, given as a number or as a time of day."""
    value = headers["retry-after"].strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return _BACK_OFF_S
    until = until if until.tzinfo else until.replace(tzinfo=datetime.UTC)
    return (until - datetime.datetime.now(datetime.UTC)).total_seconds()
