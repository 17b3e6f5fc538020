"""Nobody can hold the others up: clients that leave, over real sockets."""

import json
import random
import socket
import threading
import time
from contextlib import contextmanager
from urllib.error import HTTPError

import pytest
from gradio_client import Client

from app import create_app
from rag.serving.server import Server
from rag.web.history.history import History
from rag.web.sites.site import Site

from . import doors
from .doors import DOORS, STREAMED, call, comes_true, completion, streamed_completion
from .fakes import REPLY, Slow, Talker, opened


@contextmanager
def running(archive, folder):
    """The site on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = Site(archive, History(folder / "history.sqlite"))
    server = Server(create_app(site), site.workers, "127.0.0.1", port, finishing=10)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert comes_true(lambda: server.started, 60)
    try:
        yield port, site
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive(), "the server does not end"


@pytest.fixture
def serving(archive_folder, tmp_path):
    def serve(generator, **answers):
        return running(opened(archive_folder, generator, **answers), tmp_path)

    return serve


@pytest.mark.parametrize("reads", [2, 10**9], ids=["writing", "reading"])
def test_the_model_stops_when_its_reader_is_gone(serving, reads):
    model = Talker(reads=reads)
    with serving(model) as (port, site):
        line = site.archive.queue
        for door in DOORS:
            connection = door(port)
            assert comes_true(lambda: model.running, 20), door.__name__
            connection.drop()
            seconds = 3 if door in STREAMED else 10
            assert comes_true(lambda: not model.running and not len(line), seconds), door.__name__
            assert comes_true(lambda: not len(site.workers), 1), door.__name__


def test_who_leaves_while_waiting_gives_up_the_place(serving):
    model = Talker()
    with serving(model) as (port, site):
        first = completion(port)
        assert comes_true(lambda: model.running, 20)
        waiting = [door(port) for door in DOORS]
        assert comes_true(lambda: len(site.archive.queue) == 1 + len(DOORS), 20)
        for connection in waiting:
            connection.drop()
        assert comes_true(lambda: len(site.archive.queue) == 1, 3)
        assert model.running
        first.drop()


def test_fifty_who_leave_keep_nobody_from_an_answer(serving):
    with serving(Slow(REPLY)) as (port, site):
        chance = random.Random(7)

        def leave():
            connection = chance.choice(DOORS)(port)
            time.sleep(chance.uniform(0, 2))
            connection.drop()

        leaving = [threading.Thread(target=leave) for _ in range(50)]
        for thread in leaving:
            thread.start()
        told = [chance.choice((completion, streamed_completion))(port).read for _ in range(5)]
        assert all("68米高的塔吊" in read() for read in told)
        for thread in leaving:
            thread.join()
        assert comes_true(lambda: not len(site.workers) and not len(site.archive.queue), 10)


def test_many_who_wait_hold_no_page_up(serving):
    with serving(Talker()) as (port, site):
        waiting = [completion(port) for _ in range(80)]
        assert comes_true(lambda: len(site.archive.queue) == 80, 30)
        started = time.monotonic()
        assert json.loads(call(port, "/gradio_api/run/search", {"data": ["塔吊", 2, "", ""]}))["data"]
        assert time.monotonic() - started < 3
        for connection in waiting:
            connection.drop()


def test_the_wait_has_a_limit(serving):
    model = Talker()
    with serving(model, longest_wait=1) as (port, _):
        first = completion(port)
        assert comes_true(lambda: model.running, 20)
        with pytest.raises(HTTPError) as refused:
            call(port, "/v1/chat/completions", {"messages": [{"role": "user", "content": doors.QUESTION}]})
        assert refused.value.code == 503
        assert "排队超过 1 秒" in json.load(refused.value)["error"]["message"]
        first.drop()


@pytest.mark.parametrize("reads", [0, 10**9], ids=["writing", "reading"])
def test_an_answer_has_a_limit(serving, reads):
    with serving(Talker(reads=reads), time_limit=1) as (port, site):
        started = time.monotonic()
        assert "200 OK" in completion(port).read()
        assert time.monotonic() - started < 3
        assert comes_true(lambda: not len(site.archive.queue), 1)


def test_who_waits_for_a_model_that_hangs_is_told(serving):
    with serving(Talker(pause=8), time_limit=1) as (port, _):
        started = time.monotonic()
        assert "回答超过 1 秒" in completion(port).read()
        assert time.monotonic() - started < 7


def test_too_many_are_told_to_come_back(serving):
    model = Talker()
    with serving(model) as (port, site):
        site.workers._most = 1
        first = completion(port)
        assert comes_true(lambda: model.running, 20)
        for door in DOORS:
            assert "现在提问的人太多" in door(port).read(), door.__name__
        first.drop()


def test_gradio_clients_and_mcp_are_answered(serving):
    with serving(Slow(REPLY)) as (port, _):
        client = Client(f"http://127.0.0.1:{port}", verbose=False)
        assert "68米" in client.predict(doors.QUESTION, api_name="/ask")["answer"]
        assert client.predict("塔吊", 2, api_name="/search")[0]["article"]["paper"] == "江州劳动报"
        told = call(port, "/gradio_api/mcp/", doors.tool_call("search", {"question": "塔吊", "k": 2}))
        result = json.loads(told.split("data: ", 1)[1])["result"]
        passages = json.loads(result["content"][0]["text"])
        assert passages[0]["article"]["date"] == "2025-04-18"
        assert result["structuredContent"] == {"result": passages}
        assert not result.get("isError")
        told = call(port, "/gradio_api/mcp/", doors.tool_call("ask", {"question": doors.QUESTION}))
        assert "68米" in json.loads(json.loads(told.split("data: ", 1)[1])["result"]["content"][0]["text"])["answer"]
        told = call(port, "/gradio_api/mcp/", doors.tool_call("ask", {"question": " "}))
        assert "问题是空的" in json.loads(told.split("data: ", 1)[1])["result"]["content"][0]["text"]
