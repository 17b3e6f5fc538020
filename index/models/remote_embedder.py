"""A sentence model on an OpenAI-compatible server: ``/embeddings``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import openai

from index.config import EmbedderSettings
from index.types import Float32

from .remote import Remote, ReplyError


class RemoteEmbedder:
    """Embeds texts in batches, several batches at the same time.

    Args:
        options: the server, the model's name there, and the prompts for questions and passages.
    """

    def __init__(self, options: EmbedderSettings) -> None:
        self.name = options.model
        self._options = options
        self._remote = Remote("embedder", options)
        self._dimension: int | None = None

    @property
    def dimension(self) -> int:
        """Length of a vector, found by embedding a text.

        Raises:
            BaowenError: no server gave a valid reply.
        """
        if self._dimension is None:
            self._dimension = self._encoded(["报"]).shape[1]
        return self._dimension

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Float32:
        """Vectors of unit length, shape (texts, dimension).

        Raises:
            BaowenError: no server gave a valid reply.
        """
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        prompt = self._options.query_prompt if query else self._options.passage_prompt
        found = self._encoded([prompt + text for text in texts])
        self._dimension = found.shape[1]
        return found

    def _encoded(self, texts: Sequence[str]) -> Float32:
        return self._remote.start(self._gathered(texts)).result()

    async def _gathered(self, texts: Sequence[str]) -> Float32:
        size = self._options.batch_size
        batches = [list(texts[start : start + size]) for start in range(0, len(texts), size)]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._batch(batch)) for batch in batches]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return np.concatenate([task.result() for task in tasks])

    async def _batch(self, texts: list[str]) -> Float32:
        async def ask(client: openai.AsyncOpenAI) -> Float32:
            reply = await client.embeddings.create(model=self.name, input=texts, encoding_format="float")
            return _vectors(reply, len(texts), self._dimension)

        async with self._remote.asked(ask) as vectors:
            return vectors


def _vectors(reply: openai.types.CreateEmbeddingResponse, count: int, dimension: int | None) -> Float32:
    """The vectors of a reply, of unit length.

    Raises:
        ReplyError: the reply does not contain one vector of the expected length per text.
    """
    held = getattr(reply, "data", None)
    try:
        vectors = np.array([one.embedding for one in sorted(held or [], key=lambda one: one.index)], np.float32)
    except (TypeError, ValueError, AttributeError) as error:
        raise ReplyError("回答里没有向量 (no vectors in the reply)") from error
    if vectors.ndim != 2 or len(vectors) != count:
        raise ReplyError(f"要 {count} 个向量，来了 {len(vectors)} 个 (wrong number of vectors)")
    if dimension not in (None, vectors.shape[1]):
        raise ReplyError(f"向量是 {vectors.shape[1]} 维，先前是 {dimension} 维 (another dimension)")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(vectors).all() or not (lengths > 0).all():
        raise ReplyError("向量里有不是数的值，或全是零 (a vector with no direction)")
    return np.asarray(vectors / lengths, np.float32)
