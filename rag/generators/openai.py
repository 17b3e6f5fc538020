"""Any server that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import openai

from index.config import GeneratorSettings
from index.errors import BaowenError

from . import Message


class OpenAIGenerator:
    """A model on a server."""

    def __init__(self, options: GeneratorSettings) -> None:
        if not options.url:
            raise BaowenError("openai 后端需要地址 (needs a URL)；请设 generator.url 或 BAOWEN_GENERATOR__URL")
        self.name = options.model
        self.reading_speed: float | None = None
        self.writing_speed: float | None = None
        self._url = options.url
        key = options.api_key.get_secret_value() if options.api_key else "none"
        self._client = openai.OpenAI(base_url=options.url, api_key=key, timeout=120, max_retries=1)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Iterator[str]:
        """The reply piece by piece. Closing the iterator closes the connection, which stops the server."""
        try:
            turns: Any = list(messages)
            with self._client.chat.completions.create(
                model=self.name, messages=turns, max_tokens=max_tokens, temperature=0, stream=True
            ) as chunks:
                for chunk in chunks:
                    if chunk.choices and (text := chunk.choices[0].delta.content):
                        yield text
        except openai.OpenAIError as error:
            raise BaowenError(
                f"模型服务 {self._url} 出错 (model server): {error}；请查 generator.url 与密钥"
            ) from error
