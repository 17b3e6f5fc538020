"""The tools of MCP as a real client sees them, over a port."""

import json
from contextlib import asynccontextmanager

import anyio
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from index.config import Settings
from rag.web.history.history import History
from rag.web.sites.site import Site

from ...conftest import FakeEmbedder, FakeGenerator, opened
from ..browsers import QUESTION, REPLY
from ..conftest import serving

ARTICLE = "issues/2025-04-18/03.md#2"


@pytest.fixture(scope="module")
def address(sample, tmp_path_factory):
    archive = opened(sample, Settings(embedder={"model": "fake"}), FakeEmbedder(), FakeGenerator(REPLY))
    with serving(Site(archive, History(tmp_path_factory.mktemp("mcp") / "h.sqlite"))) as address:
        yield f"{address}/gradio_api/mcp/"


@asynccontextmanager
async def session_at(address):
    async with (
        streamable_http_client(address) as (received, sent, _),
        ClientSession(received, sent) as session,
    ):
        await session.initialize()
        yield session


def called(address, name, arguments):
    async def call():
        async with session_at(address) as session:
            return await session.call_tool(name, arguments)

    return anyio.run(call)


def test_the_tools_are_listed_with_what_they_take(address):
    async def listed():
        async with session_at(address) as session:
            return (await session.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(listed)}
    needed = {"search": ["question"], "search_all": ["query"], "ask": ["question"], "article": ["identity"]}
    assert {name: tool.inputSchema["required"] for name, tool in tools.items()} == needed
    assert all("newspaper archive" in tool.description for tool in tools.values())


@pytest.mark.parametrize(
    ("tool", "arguments", "found"),
    [
        ("search", {"question": "塔吊", "k": 1}, lambda value: value["result"][0]["article"]["id"] == ARTICLE),
        ("search", {"question": "塔吊", "k": None, "since": None}, lambda value: len(value["result"]) > 1),
        ("search_all", {"query": "塔吊"}, lambda value: value["total"] == 2),
        ("ask", {"question": QUESTION}, lambda value: "68米" in value["answer"] and value["citations"]),
        ("article", {"identity": ARTICLE}, lambda value: value["title"] == "塔吊上的“绣花姑娘”"),
    ],
)
def test_results_are_json_as_text_and_as_structured_content(address, tool, arguments, found):
    result = called(address, tool, arguments)
    assert not result.isError
    assert found(result.structuredContent)
    (content,) = result.content
    assert json.loads(content.text) == result.structuredContent.get("result", result.structuredContent)


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("search", {"question": "塔吊", "k": "three"}, "k: 'three' is not of type 'integer'"),
        ("search", {"question": ["塔吊"]}, "question: ['塔吊'] is not of type 'string'"),
        ("search", {"question": None}, "'question' is a required property"),
        ("search", {"question": "塔吊", "colour": "red"}, "'colour' was unexpected"),
        ("search", {"question": "塔吊", "k": 0}, "k=0：至少要取 1 条"),
        ("search", {"question": "塔吊", "since": "昨天"}, "since='昨天' 不是日期"),
        ("search_all", {"query": "(塔吊"}, "左括号没有配对"),
        ("search_all", {"query": "塔吊", "sort": "best"}, "没有 best 这种排序"),
        ("ask", {"question": " "}, "问题是空的"),
        ("ask", {"question": "长" * 30_000}, "问题太长"),
        ("article", {"identity": "none"}, "馆藏里没有这一条"),
        ("article", {"identity": 7 * ["长" * 1000]}, "identity: "),
        ("nothing", {}, "没有工具 nothing (no such tool)；有 search、search_all、ask、article"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_sentence(address, tool, arguments, says):
    result = called(address, tool, arguments)
    assert (result.isError, result.structuredContent) == (True, None)
    (content,) = result.content
    assert says in content.text
    assert len(content.text) <= 300
    assert content.text[0] not in "'\"", "no quotation marks around it"
    assert "Gradio" not in content.text
