"""SIGTERM ends the server, whatever is under way, and those who wait are told."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag.serving import server as stopping_server
from rag.serving.workers import Workers
from rag.web.requests.stopping import Stopping

from ..conftest import ROOT
from .doors import DOORS, Connection, call, comes_true, tool_call


@contextmanager
def server(archive_folder, folder):
    """A server in a process of its own, with a model that never comes to an end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.serving.fakes", str(archive_folder), str(port), "Talker", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "BAOWEN_HISTORY": str(folder / "history.sqlite")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)

    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        assert comes_true(listens, 90)
        yield port, process
    finally:
        process.kill()
        process.wait()


def ended(process):
    """Seconds from SIGTERM to the end."""
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(15)
    return time.monotonic() - started


def test_those_who_wait_are_told_and_the_server_ends(archive_folder, tmp_path):
    with server(archive_folder, tmp_path) as (port, process):
        open_page = Connection(port, "/gradio_api/heartbeat/a-page")
        asked = [door(port) for door in DOORS]
        time.sleep(2)
        assert ended(process) < 15
        for door, connection in zip(DOORS, asked, strict=True):
            assert "服务正在停止" in connection.read(), door.__name__
        open_page.drop()


@pytest.mark.parametrize("name", ["search", "ask"])
def test_the_server_ends_after_a_call_of_mcp(archive_folder, tmp_path, name):
    with server(archive_folder, tmp_path) as (port, process):
        question = "塔吊" if name == "search" else "你好"
        assert "result" in call(port, "/gradio_api/mcp/", tool_call(name, {"question": question}))
        assert ended(process) < 15


def test_nobody_who_leaves_keeps_the_server_from_ending(archive_folder, tmp_path):
    with server(archive_folder, tmp_path) as (port, process):
        for door in DOORS:
            door(port).drop()
        stalled = Connection(port, "/v1/chat/completions")  # sends nothing more
        stalled.socket.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 99\r\n\r\n{")
        assert ended(process) < 15


def test_while_answers_finish_programs_are_told_to_come_back():
    workers, asked = Workers(), FastAPI()
    asked.add_api_route("/{path:path}", lambda path: path, methods=["GET", "POST"])
    client = TestClient(Stopping(asked, workers, finishing=19.5))
    paths = ("/v1/chat/completions", "/gradio_api/run/ask", "/archives/内部/gradio_api/call/ask", "/en/gradio_api/mcp/")
    assert {client.post(path).status_code for path in paths} == {200}
    workers.refuse()
    for path in paths:
        told = client.post(path)
        assert (told.status_code, told.headers["Retry-After"]) == (503, "20"), path
        assert "正在停止" in told.json()["error"]["message"]
    for path in ("/v1/models", "/gradio_api/call/ask/event"):  # the stream of what was asked before
        assert client.get(path).status_code == 200
    assert client.post("/gradio_api/queue/join").status_code == 200, "the page is told in its own words"


def test_a_second_signal_ends_the_server_at_once():
    async def signalled():
        server = stopping_server.Server(FastAPI(), Workers(), "127.0.0.1", 0, 60.0)
        server._loop = asyncio.get_running_loop()
        found = []
        for _ in range(2):
            server.handle_exit(signal.SIGINT, None)
            found.append((server.should_exit, server.force_exit))
        await asyncio.sleep(0)
        server._telling.cancel()
        return found

    assert asyncio.run(signalled()) == [(False, False), (True, True)]


def test_answers_under_way_have_their_time(monkeypatch):
    """As long as they take, up to the limit; then they are told."""
    monkeypatch.setattr(stopping_server, "_SENDING_S", 0.0)

    async def stopped(workers, finishing):
        server = stopping_server.Server(FastAPI(), workers, "127.0.0.1", 0, finishing)
        await server._tell(signal.SIGTERM, None)
        assert server.should_exit
        return time.monotonic() - workers.ends

    class Answering(Workers):
        def __init__(self, seconds):
            super().__init__()
            self.ends, self.told = time.monotonic() + seconds, False

        def __len__(self):
            return time.monotonic() < self.ends and not self.told

        def close(self):
            super().close()
            self.told = bool(self)

    finished, cut = Answering(0.3), Answering(60)
    assert asyncio.run(stopped(finished, 20.0)) >= 0
    assert asyncio.run(stopped(cut, 0.2)) < 0
    assert (finished.told, cut.told) == (False, True)
