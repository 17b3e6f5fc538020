"""SIGTERM ends the server, whatever is under way, and those who wait are told."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from ..conftest import ROOT
from .doors import DOORS, Connection, call, comes_true, tool_call


@contextmanager
def server(archive_folder, folder):
    """A server in a process of its own, with a model that never comes to an end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.serving.fakes", str(archive_folder), str(port)]
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
