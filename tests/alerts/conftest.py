import email
import email.policy
import json
import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from index.article import Article
from index.config import AlertSettings, Settings
from rag.alerts.kept import Kept
from rag.browsing import Browsing
from tests.conftest import FakeEmbedder


class FakeSearch:
    """Finds every article of the state."""

    def __init__(self, articles):
        self._articles = dict(enumerate(articles, 1))

    def count(self, expression, visible=None):
        return len(self._articles)

    def numbers(self, expression, sort, limit, offset=0, visible=None, without=()):
        return sorted(self._articles, reverse=True)[offset : offset + limit]

    def numbers_of(self, identities):
        held = {article.id: number for number, article in self._articles.items()}
        return [held[identity] for identity in identities if identity in held]

    def articles(self, numbers):
        return [self._articles[number] for number in numbers]


class Press(Browsing):
    """An archive; tests say what is published."""

    def __init__(self):
        super().__init__(lambda: self.state, FakeEmbedder(), Settings())
        self.publish("0")

    def publish(self, snapshot, *ids):
        articles = [Article(i, f"标题{i}", f"正文{i}。", date="2025-04-01", paper="江州日报") for i in ids]
        self.state = SimpleNamespace(snapshot=snapshot, search=FakeSearch(articles))
        return self


class Mailbox:
    """Takes mails; ``refusing``: it answers that it cannot now."""

    def __init__(self):
        self.mails, self.refusing = [], False

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.refusing:
            return "451 later"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def mailbox():
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


class Hook:
    """Takes what is posted to it; ``status``: what it answers; ``kills``: who is killed before it answers."""

    def __init__(self):
        self.posts, self.status, self.kills = [], 200, None
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if hook.status < 300:
                    hook.posts.append((self.headers["Idempotency-Key"], self.headers["Host"], body))
                if hook.kills:
                    os.kill(hook.kills.pid, signal.SIGKILL)
                self.send_response(hook.status)
                self.send_header("Location", "http://127.0.0.1/elsewhere")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook():
    taken = Hook()
    yield taken
    taken.server.shutdown()
    taken.server.server_close()


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "kept.sqlite")


@pytest.fixture
def press():
    return Press()


@pytest.fixture
def options(mailbox):
    return AlertSettings(
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_security="none",
        allow_internal=("127.0.0.1",),
        address="https://archive.example/",
    )
