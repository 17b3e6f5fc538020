"""``/v1`` as OpenAI's own client sees it, over a port."""

import openai
import pytest

from index.config import Settings
from rag.web.access.login import Passwords, set_password
from rag.web.history.history import History
from rag.web.sites.site import Site

from ...conftest import FakeEmbedder, FakeGenerator, opened
from ..browsers import QUESTION, REPLY
from ..conftest import serving

MESSAGES = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def address(sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("v1")
    set_password(folder / "p.txt", "reader", "right")
    archive = opened(sample, Settings(embedder={"model": "fake"}), FakeEmbedder(), FakeGenerator(REPLY))
    with serving(Site(archive, History(folder / "h.sqlite"), Passwords(folder / "p.txt"))) as address:
        yield f"{address}/v1"


@pytest.fixture
def client(address):
    with openai.OpenAI(base_url=address, api_key="reader:right", max_retries=0) as client:
        yield client


def asked(client, **more):
    return client.chat.completions.create(**{"model": "baowen", "messages": MESSAGES} | more)


def test_the_model_is_listed_and_looked_up(client):
    (model,) = client.models.list()
    assert model == client.models.retrieve("baowen")
    assert (model.id, model.object) == ("baowen", "model")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"n": 1, "temperature": 0.2, "max_tokens": 10, "seed": 1, "user": "x", "tools": []},
        {"n": None, "stream": None, "extra_body": {"top_k": 4, "no such field": [None]}},
        {
            "messages": [
                {"role": "system", "content": "短"},
                {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
            ]
        },
    ],
)
def test_a_question_is_answered_whatever_else_is_sent(client, more):
    reply = asked(client, **more)
    (choice,) = reply.choices
    assert choice.message.content.startswith("蓝采薇每天要爬68米高的塔吊[1]。")
    assert (choice.finish_reason, choice.message.role, reply.model) == ("stop", "assistant", "baowen")
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + len(choice.message.content)


@pytest.mark.parametrize("usage", [True, False])
def test_a_stream_is_the_same_answer(client, usage):
    *chunks, last = asked(client, stream=True, **({"stream_options": {"include_usage": True}} if usage else {}))
    pieces = chunks if usage else [*chunks, last]
    content = "".join(chunk.choices[0].delta.content or "" for chunk in pieces)
    assert content == asked(client).choices[0].message.content
    assert pieces[-1].choices[0].finish_reason == "stop"
    assert len({chunk.id for chunk in [*chunks, last]}) == 1
    if usage:
        assert (last.choices, last.usage.completion_tokens) == ([], len(content))
    assert [chunk.usage for chunk in pieces] == [None] * len(pieces)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda c: asked(c, n=2), openai.BadRequestError, "n=1"),
        (lambda c: asked(c, messages=[]), openai.BadRequestError, "messages"),
        (lambda c: asked(c, messages=[{"role": "user", "content": " "}]), openai.BadRequestError, "问题是空的"),
        (lambda c: asked(c, stream="maybe"), openai.BadRequestError, "stream"),
        (lambda c: asked(c, messages=[{"role": "user", "content": "长" * 400_000}]), openai.APIStatusError, "请求太大"),
        (lambda c: c.models.retrieve("gpt-x"), openai.NotFoundError, "没有模型 gpt-x"),
        (lambda c: c.embeddings.create(model="baowen", input="塔吊"), openai.NotFoundError, "/v1/embeddings"),
        (lambda c: asked(c.with_options(api_key="reader:wrong")), openai.AuthenticationError, "请先登录"),
        (lambda c: c.with_options(api_key="bw_none").models.list(), openai.AuthenticationError, "请先登录"),
    ],
)  # fmt: skip
def test_refusals_are_the_clients_own_errors(client, call, error, says):
    with pytest.raises(error) as told:
        call(client)
    assert says in told.value.body["message"]
    kind = "authentication_error" if error is openai.AuthenticationError else "invalid_request_error"
    assert told.value.type == kind
