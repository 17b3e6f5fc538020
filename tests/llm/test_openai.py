import json
import math
import threading
import time

import pytest

from index.config import Settings
from index.errors import BaowenError
from rag.llm import load_generator
from tests.model_server import cut_off, event, hangs_up, model_server, says, slow, status, streams

CHAT = [{"role": "user", "content": "你好"}]
ANSWER = streams(event("答"), event("案。", "stop"))


@pytest.fixture(autouse=True)
def short_rests(monkeypatch):
    monkeypatch.setattr("index.models.remote._FIRST_REST_S", 0.01)


def generator(*servers, **options):
    url = ",".join(server.url for server in servers)
    return load_generator(Settings(generator={"url": url, "model": "qwen", **options}))


def said(model):
    return "".join(model.stream(CHAT, 9))


@pytest.mark.parametrize(
    "turn",
    [
        status(500),
        status(429, **{"Retry-After": "0"}),
        hangs_up,
        says(b"data: {broken\n\n", "text/event-stream"),
        says(b"", "text/event-stream"),
        says(b'{"no": "completion"}'),
    ],
)
def test_what_fails_before_the_first_piece_is_asked_again(turn):
    with model_server(ANSWER, turn) as server:
        assert said(generator(server)) == "答案。"
        assert len(server.requests) == 2


@pytest.mark.parametrize("turn", [cut_off, streams(event("半")), streams(event("半"), b"data: {broken\n\n")])
def test_a_reply_that_is_cut_off_is_an_error_and_not_an_answer(turn):
    with model_server(turn) as server:
        pieces = generator(server).stream(CHAT, 9)
        got = []
        with pytest.raises(BaowenError, match=f"模型服务 {server.url} 出错"):
            got.extend(pieces)
        assert "".join(got) == "半"
        assert len(server.requests) == 1


def test_a_second_server_answers_for_the_first(monkeypatch):
    monkeypatch.setattr("index.models.remote._FIRST_REST_S", 30)
    with model_server(status(503)) as ill, model_server(ANSWER) as well:
        model = generator(ill, well)
        assert [said(model), said(model)] == ["答案。", "答案。"]
        assert len(ill.requests) == 1


def test_answers_are_spread_over_the_servers():
    with model_server(slow(0.2, ANSWER)) as one, model_server(slow(0.2, ANSWER)) as other:
        model = generator(one, other)
        threads = [threading.Thread(target=said, args=(model,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(one.requests), len(other.requests)) == (2, 2)


def test_a_server_that_says_nothing_is_given_up():
    with model_server(slow(0.6, ANSWER)) as server, pytest.raises(BaowenError, match="timed out"):
        said(generator(server, timeout=0.1, retries=0))


def first_token(**chances):
    tops = [{"token": token, "logprob": math.log(chance), "bytes": None} for token, chance in chances.items()]
    told = {"content": [{"token": "x", "logprob": 0.0, "bytes": None, "top_logprobs": tops}]} if tops else None
    message = {"role": "assistant", "content": "是"}
    choice = {"index": 0, "message": message, "finish_reason": "length", "logprobs": told}
    reply = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    return says(json.dumps(reply).encode())


def test_yes_or_no_has_its_probabilities():
    with model_server(first_token(**{"是": 0.5, " 是": 0.1, "不": 0.3, "也": 0.1})) as server:
        assert generator(server).choice(CHAT, ["是", "不是"]) == pytest.approx([0.6, 0.3])
        assert (server.requests[0]["max_tokens"], server.requests[0]["top_logprobs"]) == (1, 20)


def test_a_server_that_does_not_tell_is_asked_once():
    with model_server(first_token()) as server:
        model = generator(server)
        assert [model.choice(CHAT, ["是"]), model.choice(CHAT, ["是"])] == [None, None]
        assert len(server.requests) == 1


def test_a_server_that_refuses_to_tell_is_asked_once():
    def refuses(handler, body):
        if "logprobs" in body:
            handler.reply(b'{"error": {"message": "logprobs is not supported"}}', 400)
        else:
            ANSWER(handler, body)

    with model_server(refuses) as server:
        model = generator(server)
        assert [model.choice(CHAT, ["是"]), model.choice(CHAT, ["是"])] == [None, None]
        assert said(model) == "答案。"
        assert ["logprobs" in request for request in server.requests] == [True, False]


def test_leaving_while_a_server_rests_ends_the_wait():
    with model_server(ANSWER, status(429, **{"Retry-After": "30"})) as server:
        stream = generator(server).stream(CHAT, 9)
        assert next(stream) == ""
        stream.close()
        assert len(server.requests) == 1


def test_a_server_that_keeps_failing_is_not_waited_for_and_asked_again_after_its_rest(monkeypatch):
    monkeypatch.setattr("index.models.remote._LONGEST_REST_S", 0.3)
    monkeypatch.setattr("index.models.remote._FIRST_REST_S", 0.2)
    with model_server(ANSWER, status(503), status(503)) as server:
        model = generator(server, retries=1)
        for _ in range(2):
            with pytest.raises(BaowenError):
                said(model)
        assert len(server.requests) == 2
        time.sleep(0.4)
        assert said(model) == "答案。"
