"""Any server with OpenAI's chat completions API."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable, Iterator, Sequence

import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from index.config import GeneratorSettings
from index.errors import BaowenError
from index.models.remote import Remote, ReplyError
from index.types import JsonObject

from . import ChatMessage
from .threads import received

_LOOKED_AT = 20  # likeliest first tokens, the most that such servers return

Put = Callable[[str | Exception | None], None]
Chunks = openai.AsyncStream[ChatCompletionChunk]


class OpenAIGenerator:
    """A model on a server, or on several behind one name."""

    def __init__(self, options: GeneratorSettings) -> None:
        self.name = options.model
        self.reading_speed: float | None = None
        self.writing_speed: float | None = None
        self._remote = Remote("generator", options, patient=False)
        self._tells = True  # whether the server returns probabilities of first tokens

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        """Return the probability that the reply begins with each of ``choices``; None if the server does not say."""
        if not self._tells:
            return None
        found = self._remote.start(self._first_tokens(messages)).result()
        return None if found is None else _chances(found, choices)

    async def _first_tokens(self, messages: Sequence[ChatMessage]) -> dict[str, float] | None:
        async def ask(client: openai.AsyncOpenAI) -> ChatCompletion | None:
            try:
                reply = await self._create(client, messages, 1, logprobs=True, top_logprobs=_LOOKED_AT)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if "logprob" not in str(error).lower():
                    raise
                return None
            if isinstance(reply, openai.AsyncStream):
                raise ReplyError("回答是一段段来的 (a stream)")
            return reply

        async with self._remote.asked(ask) as reply:
            told = getattr(reply.choices[0], "logprobs", None) if reply is not None else None
            if told is None or not told.content:
                # llama.cpp returns nothing for a first token that is part of a character
                self._tells = reply is not None and "\ufffd" in (reply.choices[0].message.content or "")
                return None
            return {top.token: math.exp(top.logprob) for top in told.content[0].top_logprobs}

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        """Yield the reply piece by piece. Closing the iterator closes the connection, which stops the server."""
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        reply = self._remote.start(self._ask(messages, max_tokens, pieces.put))
        try:
            yield from received(pieces)
        finally:
            reply.cancel()

    async def _ask(self, messages: Sequence[ChatMessage], max_tokens: int, put: Put) -> None:
        """Put the pieces; failures before the first piece are retried, later ones are put as errors."""

        async def ask(client: openai.AsyncOpenAI) -> tuple[Chunks, ChatCompletionChunk]:
            chunks = await self._create(client, messages, max_tokens, stream=True)
            if not isinstance(chunks, openai.AsyncStream):
                raise ReplyError("回答不是一段段来的 (no stream)")
            try:
                return chunks, await anext(aiter(chunks))
            except StopAsyncIteration:
                await chunks.close()
                raise ReplyError("回答是空的 (an empty reply)") from None
            except BaseException:
                await chunks.close()
                raise

        try:
            async with self._remote.asked(ask) as (chunks, first), chunks:
                ended = _put_piece(first, put)
                async for chunk in chunks:
                    ended = _put_piece(chunk, put) or ended
                if not ended:
                    raise ReplyError("回答没说完就断了 (the reply was cut off)")
        except Exception as error:
            put(error if isinstance(error, BaowenError) else self._remote.said(error, self.name))
        finally:
            put(None)

    async def _create(
        self, client: openai.AsyncOpenAI, messages: Sequence[ChatMessage], max_tokens: int, **more: bool | int
    ) -> ChatCompletion | Chunks:
        turns = list(messages)
        request: JsonObject = {"model": self.name, "messages": turns, "max_tokens": max_tokens, "temperature": 0}
        return _checked(await client.chat.completions.create(**request | more))


def _checked(reply: ChatCompletion | Chunks) -> ChatCompletion | Chunks:
    """Return the reply if it is a stream or has choices.

    Raises:
        ReplyError: it is not a completion.
    """
    if not isinstance(reply, openai.AsyncStream) and not getattr(reply, "choices", None):
        raise ReplyError("回答不是模型的回答 (no completion in the reply)")
    return reply


def _put_piece(chunk: ChatCompletionChunk, put: Put) -> bool:
    """Put a chunk's text; return whether it is the last chunk of the reply."""
    if not getattr(chunk, "choices", None):
        return False
    choice = chunk.choices[0]
    if choice.delta is not None and (text := choice.delta.content):
        put(text)
    return choice.finish_reason is not None


def _chances(tokens: dict[str, float], choices: Sequence[str]) -> list[float]:
    """The probability that the reply begins with each choice, judged by its first token."""
    found = dict.fromkeys(choices, 0.0)
    for token, chance in tokens.items():
        text = token.strip()
        meant = [choice for choice in found if choice == text] or [c for c in found if text and c.startswith(text)]
        if len(meant) == 1:
            found[meant[0]] += chance
    return [found[choice] for choice in choices]
