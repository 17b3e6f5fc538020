"""Any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from index.config import GeneratorSettings
from index.errors import BaowenError
from index.models.remote import Remote, ReplyError

from . import Message, Piece
from .threads import received

_LOOKED_AT = 20  # likeliest first tokens, the most that such servers tell

Put = Callable[[str | Exception | None], None]
Chunks = openai.AsyncStream[ChatCompletionChunk]


class OpenAIGenerator:
    """A model on a server, or on several behind one name."""

    def __init__(self, options: GeneratorSettings) -> None:
        self.name = options.model
        self.reading_speed: float | None = None
        self.writing_speed: float | None = None
        self._remote = Remote("generator", options)
        self._tells = True  # how probable its tokens are; until a server refuses to

    def choice(self, messages: Sequence[Message], choices: Sequence[str]) -> list[float] | None:
        """The probabilities of a reply that begins with each of ``choices``; None where the server does not tell."""
        if not self._tells:
            return None
        found = self._remote.start(self._first_tokens(messages)).result()
        return None if found is None else _chances(found, choices)

    async def _first_tokens(self, messages: Sequence[Message]) -> dict[str, float] | None:
        async def ask(client: openai.AsyncOpenAI) -> ChatCompletion:
            reply = await self._create(client, messages, 1)
            if isinstance(reply, openai.AsyncStream):
                raise ReplyError("回答是一段段来的 (a stream)")
            return reply

        async with self._remote.asked(ask) as reply:
            told = getattr(reply.choices[0], "logprobs", None)
            if told is None or not told.content:
                self._tells = False
                return None
            return {top.token: math.exp(top.logprob) for top in told.content[0].top_logprobs}

    def states(self, messages: Sequence[Message]) -> None:
        """Not known: no server tells."""

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Iterator[str]:
        """The reply piece by piece. Closing the iterator closes the connection, which stops the server."""
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        reply = self._remote.start(self._ask(messages, max_tokens, pieces.put))
        try:
            yield from received(pieces)
        finally:
            reply.cancel()

    async def _ask(self, messages: Sequence[Message], max_tokens: int, put: Put) -> None:
        """Put the pieces; what fails before the first of them is tried again, what fails later is told."""

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
        self, client: openai.AsyncOpenAI, messages: Sequence[Message], max_tokens: int, *, stream: bool = False
    ) -> ChatCompletion | Chunks:
        """A completion, with how probable its tokens are where the server tells."""
        turns: Any = list(messages)
        request: dict[str, Any] = {"model": self.name, "messages": turns, "max_tokens": max_tokens, "temperature": 0}
        told = {"logprobs": True} if stream else {"logprobs": True, "top_logprobs": _LOOKED_AT}
        if self._tells:
            try:
                return _checked(await client.chat.completions.create(**request, **told, stream=stream))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if "logprob" not in str(error).lower():
                    raise
                self._tells = False
        return _checked(await client.chat.completions.create(**request, stream=stream))


def _checked(reply: ChatCompletion | Chunks) -> ChatCompletion | Chunks:
    """A reply that is a stream, or has choices.

    Raises:
        ReplyError: it is neither.
    """
    if not isinstance(reply, openai.AsyncStream) and not getattr(reply, "choices", None):
        raise ReplyError("回答不是模型的回答 (no completion in the reply)")
    return reply


def _put_piece(chunk: ChatCompletionChunk, put: Put) -> bool:
    """Put a chunk's text, with its probability where it is known; whether the chunk is the reply's last."""
    if not getattr(chunk, "choices", None):
        return False
    choice = chunk.choices[0]
    if choice.delta is not None and (text := choice.delta.content):
        told = getattr(choice, "logprobs", None)
        tokens = (told.content or []) if told is not None else []
        put(Piece.of(text, math.exp(min(token.logprob for token in tokens))) if tokens else text)
    return choice.finish_reason is not None


def _chances(tokens: dict[str, float], choices: Sequence[str]) -> list[float]:
    """How probable it is that the reply begins with each choice, as far as its first token shows."""
    found = dict.fromkeys(choices, 0.0)
    for token, chance in tokens.items():
        text = token.strip()
        meant = [choice for choice in found if choice == text] or [c for c in found if text and c.startswith(text)]
        if len(meant) == 1:
            found[meant[0]] += chance
    return [found[choice] for choice in choices]
