"""Any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import openai

from index.config import GeneratorSettings
from index.errors import BaowenError

from . import Message
from .threads import received


class OpenAIGenerator:
    """A model on a server; asked from an event loop of its own, where a request can be given up at any moment."""

    def __init__(self, options: GeneratorSettings) -> None:
        if not options.url:
            raise BaowenError("openai 后端需要地址 (needs a URL)；请设 generator.url 或 BAOWEN_GENERATOR__URL")
        self.name = options.model
        self.reading_speed: float | None = None
        self.writing_speed: float | None = None
        self._url = options.url
        key = options.api_key.get_secret_value() if options.api_key else "none"
        self._client = openai.AsyncOpenAI(base_url=options.url, api_key=key, timeout=120, max_retries=1)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="openai").start()

    def choice(self, messages: Sequence[Message], choices: Sequence[str]) -> list[float] | None:
        """Not known: few servers tell."""
        return None

    def states(self, messages: Sequence[Message], words: str, onward: bool) -> None:
        """Not known: no server tells."""

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Iterator[str]:
        """The reply piece by piece. Closing the iterator closes the connection, which stops the server."""
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        reply = asyncio.run_coroutine_threadsafe(self._ask(messages, max_tokens, pieces.put), self._loop)
        try:
            yield from received(pieces)
        finally:
            reply.cancel()

    async def _ask(
        self, messages: Sequence[Message], max_tokens: int, put: Callable[[str | Exception | None], None]
    ) -> None:
        turns: Any = list(messages)
        try:
            chunks = await self._client.chat.completions.create(
                model=self.name, messages=turns, max_tokens=max_tokens, temperature=0, stream=True
            )
            async with chunks:
                async for chunk in chunks:
                    if chunk.choices and (text := chunk.choices[0].delta.content):
                        put(text)
        except Exception as error:
            put(BaowenError(f"模型服务 {self._url} 出错 (model server): {error}；请查 generator.url 与密钥"))
        finally:
            put(None)
