"""Models on OpenAI-compatible servers: several addresses per model, retries, and a limit on concurrent requests."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import random
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

import openai

from index.config import ServerSettings
from index.errors import BaowenError

_CONNECT_S = 5.0
_FIRST_REST_S, _LONGEST_REST_S = 0.5, 60.0  # between two attempts on one server
_PASSING = (408, 409, 425, 429)  # and 500 or above: another attempt may succeed

Result = TypeVar("Result")


class ReplyError(ValueError):
    """A server's reply does not have the requested form."""


@dataclass
class _Server:
    url: str
    client: openai.AsyncOpenAI
    busy: int = 0
    failures: int = 0
    rests_until: float = 0.0

    def failed(self, error: Exception) -> None:
        """Pause requests to it for as long as the server asks, or longer after each failure."""
        self.failures += 1
        rest = min(_LONGEST_REST_S, _FIRST_REST_S * 2 ** (self.failures - 1)) * random.uniform(0.8, 1.2)
        self.rests_until = time.monotonic() + (_asked_for(error) or rest)


class Remote:
    """The servers of one model, called from a separate event loop, where a request can be cancelled at any moment.

    Args:
        what: the setting that configures it, ``generator`` or ``embedder``.
        options: its addresses, separated by commas, and its limits.
        patient: also wait for a server that has failed on every attempt, instead of raising an error.
    """

    def __init__(self, what: str, options: ServerSettings, *, patient: bool = True) -> None:
        addresses = [url.strip() for url in (options.url or "").split(",") if url.strip()]
        if not addresses:
            variable = f"BAOWEN_{what.upper()}__URL"
            raise BaowenError(f"openai 后端需要地址 (needs a URL)；请设 {what}.url 或 {variable}")
        limits = openai.Timeout(options.timeout, connect=min(_CONNECT_S, options.timeout))
        self._what, self._tries, self._patient = what, options.retries + 1, patient
        self._key = options.api_key.get_secret_value() if options.api_key else ""
        self._servers = [
            _Server(url, openai.AsyncOpenAI(base_url=url, api_key=self._key or "none", timeout=limits, max_retries=0))
            for url in addresses
        ]
        self._room = asyncio.Semaphore(options.in_flight)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name=what).start()

    def start(self, work: Coroutine[object, None, Result]) -> Future[Result]:
        """Run ``work`` in the event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    @contextlib.asynccontextmanager
    async def asked(self, ask: Callable[[openai.AsyncOpenAI], Awaitable[Result]]) -> AsyncIterator[Result]:
        """The result of ``ask`` on a server, once fewer than ``in_flight`` requests run; the block counts as one.

        Raises:
            BaowenError: no server gave a valid reply within the allowed attempts.
        """
        async with self._room:
            result, server = await self._tried(ask)
            try:
                yield result
            except Exception as error:
                server.failed(error)
                raise self.said(error, server.url) from error
            finally:
                server.busy -= 1

    async def _tried(self, ask: Callable[[openai.AsyncOpenAI], Awaitable[Result]]) -> tuple[Result, _Server]:
        """The reply and the server that gave it, which is counted as busy from then on."""
        for left in reversed(range(self._tries)):
            server = self._next()
            rest = server.rests_until - time.monotonic()
            if rest > 0 and server.failures >= self._tries and not self._patient:
                raise BaowenError(f"模型服务 {server.url} 连续出错，歇 {rest:.0f} 秒再试 (model server fails, pausing)")
            server.busy += 1
            try:
                await asyncio.sleep(rest)
                result = await ask(server.client)
            except Exception as error:
                server.busy -= 1
                server.failed(error)
                if not left or not _passing(error):
                    raise self.said(error, server.url) from error
            except BaseException:
                server.busy -= 1
                raise
            else:
                server.failures = 0
                return result, server
        raise AssertionError("at least one try")

    def _next(self) -> _Server:
        """The server that is available first; among several, the one with the fewest requests."""
        now = time.monotonic()
        return min(self._servers, key=lambda one: (max(one.rests_until, now), one.busy))

    def said(self, error: Exception, url: str) -> Exception:
        """An error with a message for the user."""
        if isinstance(error, BaowenError):
            return error
        if isinstance(error, openai.APITimeoutError):
            reason = f"等了太久没有回音 (timed out)；可改 {self._what}.timeout"
        else:
            text = str(error).replace(self._key, "…") if self._key else str(error)
            reason = " ".join(text.split())[:300] or type(error).__name__
            reason += f"；请查 {self._what}.url 与密钥"
        return BaowenError(f"模型服务 {url} 出错 (model server): {reason}")


def _passing(error: Exception) -> bool:
    """Whether another attempt may succeed."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _PASSING or error.status_code >= 500
    return True


def _asked_for(error: Exception) -> float | None:
    """The number of seconds that a server asked us to wait."""
    if not isinstance(error, openai.APIStatusError):
        return None
    said = error.response.headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(said).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(seconds, 0.0), _LONGEST_REST_S)
