"""The endpoints of Gradio's API and the tools of MCP.

They bypass Gradio's queue, where a call continues after its caller has left: MCP would call them there through a client
of its own, which would keep the server from stopping.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import gradio as gr

from index.errors import BaowenError
from index.types import JsonObject
from rag.results import Answer, Done
from rag.serving.cancellation import Cancellation

from ..chat.calls import asker, last, reporting_problems
from ..rendering.text import Translator
from ..sites.site import Site
from ..views.search import answered

if TYPE_CHECKING:
    from gradio.mcp import GradioMCPServer

_MOST = 100  # passages of one search
_LONGEST_TOLD = 300  # characters of an error message, which quotes the arguments


class Endpoints:
    """Functions that programs may call; their names, arguments and docstrings are shown to them."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._archive = site.archive
        self._text = Translator(site.archive.settings.language)

    def search(self, question: str, k: int = 5, since: str = "", until: str = "") -> list[JsonObject]:
        """Find passages of the newspaper archive.

        Args:
            question: what to look for, in Chinese.
            k: how many passages, at most 100.
            since: first publication date, for example 2024-07-01; empty leaves the range open.
            until: last publication date, included.

        Returns:
            Passages, best first: score, text, start, end and the article with title, date, paper, page and body.
        """
        with reporting_problems():
            found = self._archive.retrieve(question, min(k, _MOST), since or None, until or None)
        return [passage.as_dict() for passage in found]

    def search_all(
        self,
        query: str,
        sort: str = "relevance",
        mode: str = "words",
        limit: int = 20,
        offset: int = 0,
        snapshot: str = "",
    ) -> JsonObject:
        """List and count all articles of the newspaper archive that match a query.

        Args:
            query: 高温津贴 AND (工会 OR 职工) 日期:2024-07..2024-09; also "exact phrase", "甲 乙"~8, 王?芳, NOT, 报名:.
            sort: relevance, newest or oldest.
            mode: words (complete), meaning or both.
            limit: how many hits, at most 100.
            offset: how many hits to skip.
            snapshot: the snapshot of the first page, for further pages of the same hits; otherwise empty.

        Returns:
            total, snapshot, facets with exact counts, and hits with article and snippets.
        """
        with reporting_problems():
            hits = self._archive.search_all(query, sort, mode, snapshot=snapshot or None)
            return answered(hits, min(limit, _MOST), offset)

    async def ask(self, question: str, since: str = "", until: str = "", request: gr.Request = None) -> JsonObject:  # type: ignore[assignment]
        """Answer a question from the newspaper archive with cited sentences, or say that the answer is not there.

        Args:
            question: a question in Chinese.
            since: first publication date, for example 2024-07-01; empty leaves the range open.
            until: last publication date, included.

        Returns:
            answer, refused, reason, sentences, citations (number, quote, passage) and timings in milliseconds.
        """
        who = asker(request)

        def answers(cancellation: Cancellation) -> Iterator[Answer]:
            for event in self._site.stream(
                question, since=since or None, until=until or None, person=who, cancellation=cancellation
            ):
                if isinstance(event, Done):
                    yield event.answer

        answer = await last(self._site.workers, request, answers)
        if answer is None:
            with reporting_problems():
                raise BaowenError("语言模型没有回答 (the model gave no answer)")
        return answer.as_dict()

    def article(self, identity: str) -> JsonObject:
        """Return an article of the newspaper archive by its id.

        Args:
            identity: the id, as returned by search and ask.

        Returns:
            Title, kicker, subtitle, date, paper, page, section, people, body.
        """
        found = self._archive.store.catalogue.article(identity)
        with reporting_problems():
            if found is None:
                raise BaowenError(
                    self._text.say("The archive does not have this; it may have been removed or changed.")
                )
            return found.as_dict()


def programs(site: Site) -> None:
    """Add the endpoints to the current Gradio app."""
    own = Endpoints(site)
    for endpoint in (own.search, own.search_all, own.ask, own.article):
        gr.api(endpoint, api_name=endpoint.__name__, queue=False)


def told_as_json(blocks: gr.Blocks) -> None:
    """Make MCP return results as JSON, as text and structured content, and name wrong arguments.

    Gradio would return results in Python's notation, and refer callers with an error to a web page.
    """
    server = blocks.mcp_server_obj
    if server is None:
        return
    from mcp.types import CallToolRequest, CallToolResult, ServerResult, TextContent  # of the extra `mcp`

    as_content = server.postprocess_output_data

    def postprocess(data: Sequence[object], root_url: str) -> object:
        return as_content([json.dumps(value, ensure_ascii=False) for value in data], root_url)

    server.postprocess_output_data = postprocess
    handlers = server.mcp_server.request_handlers
    handle = handlers[CallToolRequest]

    async def structured(request: CallToolRequest) -> ServerResult:
        asked = request.params
        asked.arguments = {name: value for name, value in (asked.arguments or {}).items() if value is not None}
        if wrong := _wrong(server, asked.name, asked.arguments):
            return ServerResult(CallToolResult(content=[TextContent(type="text", text=wrong)], isError=True))
        reply: ServerResult = await handle(request)
        result = reply.root
        if isinstance(result, CallToolResult) and not result.isError and isinstance(result.content[0], TextContent):
            value = json.loads(result.content[0].text)
            result.structuredContent = value if isinstance(value, dict) else {"result": value}
        return reply

    handlers[CallToolRequest] = structured


def _wrong(server: GradioMCPServer, tool: str, given: JsonObject) -> str:
    """What is wrong with a tool call; empty if nothing is."""
    from jsonschema import Draft202012Validator  # of the extra `mcp`
    from jsonschema.exceptions import best_match

    if tool not in server.tool_to_endpoint:
        return f"没有工具 {tool[:60]} (no such tool)；有 {'、'.join(server.tool_to_endpoint)}"
    schema, _ = server.get_input_schema(tool)
    error = best_match(Draft202012Validator(schema | {"additionalProperties": False}).iter_errors(given))
    if error is None:
        return ""
    where = "".join(f"{part}: " for part in error.path)
    return f"参数有误 (bad argument): {where}{error.message}"[:_LONGEST_TOLD]
