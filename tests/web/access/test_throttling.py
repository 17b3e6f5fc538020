"""How much one may ask, and how large and how slow a request may be."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from app import create_app
from index.config import LimitSettings, Settings
from rag.web.access.login import Passwords
from rag.web.access.rights import USER
from rag.web.access.throttling import Limited
from rag.web.gradio_page.uploads import NoUploads
from rag.web.history.history import History
from rag.web.sites.site import Site


class Echo:
    """Reads the whole body and says its size; a client that leaves is noted."""

    def __init__(self, on_disconnect=None):
        self.calls = 0
        self.on_disconnect = on_disconnect

    async def __call__(self, scope, receive, send):
        self.calls += 1
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                if self.on_disconnect:
                    raise self.on_disconnect
                break
            size += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(size).encode()})


def asked(app, path="/ask", method="POST", who="", address="10.0.0.1", parts=(b"",), headers=(), pause=0.0):
    """The status and headers of the answer."""
    sent = []
    scope = {"type": "http", "path": path, "root_path": "", "method": method, "client": (address, 1), USER: who}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in dict(headers).items()]
    left = list(parts)

    async def receive():
        await asyncio.sleep(pause)
        return (
            {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}
            if left
            else {"type": "http.disconnect"}
        )

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as apart:  # a browser test before this one leaves a loop running in this thread
        apart.submit(asyncio.run, app(scope, receive, send)).result()
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.fixture
def now(monkeypatch):
    moment = [0.0]
    monkeypatch.setattr("rag.web.access.throttling._now", lambda: moment[0])
    return moment


def test_a_person_has_so_many_requests_a_minute_and_others_theirs(now):
    app = Limited(Echo(), LimitSettings(requests=6, calls=3))
    statuses = [asked(app, who="甲")[0] for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert int(asked(app, who="甲")[1]["retry-after"]) == 20
    assert asked(app, who="甲", method="GET")[0] == 200  # two of what is counted are left
    assert asked(app, who="乙")[0] == 200
    assert asked(app)[0] == 200, "somebody without a name is their address"
    assert [asked(app, address="10.0.0.1")[0] for _ in range(3)] == [200, 200, 429]
    assert asked(app, address="10.0.0.2")[0] == 200
    now[0] += 20
    assert [asked(app, who="甲")[0] for _ in range(2)] == [200, 429]


def test_files_of_the_page_and_the_watchman_are_not_counted_and_0_is_any_number(now):
    app = Limited(Echo(), LimitSettings(requests=1, calls=1))
    files = ("/own/a.css", "/en/assets/b.js", "/archives/内部/own/a.css", "/archives/内部/en/static/c.png")
    assert [asked(app, path, "GET")[0] for path in (*files, "/health", "/ready")] == [200] * 6
    free = Limited(Echo(), LimitSettings(requests=0, calls=0))
    assert {asked(free)[0] for _ in range(50)} == {200}


@pytest.mark.parametrize("path", ["/api/threads/own/a", "/en/articles/x/static/y", "/archives/内部/pages/assets/a"])
def test_a_path_with_a_files_folder_further_on_is_counted(now, path):
    app = Limited(Echo(), LimitSettings(requests=1, calls=1))
    assert [asked(app, path, "GET")[0] for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("error", [None, RuntimeError("client left")])
def test_too_large_a_request_is_refused_before_all_of_it_is_read(error):
    echo = Echo(error)
    app = Limited(echo, LimitSettings(request_mb=1, upload_mb=2))
    megabyte = bytes(1 << 20)
    assert asked(app, headers={"content-length": str(5 << 20)})[0] == 413
    assert echo.calls == 0
    assert asked(app, parts=[megabyte, b"1", megabyte])[0] == 413
    assert asked(app, parts=[megabyte])[0] == 200
    assert asked(app, "/papers/feed/files", parts=[megabyte, b"1"])[0] == 200
    assert asked(app, "/papers/feed/files", parts=[megabyte, megabyte, b"1"])[0] == 413


def test_too_slow_a_request_is_refused():
    app = Limited(Echo(), LimitSettings(request_seconds=0.1))
    assert asked(app, parts=[b"a"] * 5, pause=0.08)[0] == 408
    assert asked(app, parts=[b"a"])[0] == 200


def test_what_the_app_itself_raises_is_not_swallowed():
    app = Limited(Echo(RuntimeError("ours")), LimitSettings())
    with pytest.raises(RuntimeError, match="ours"):
        asked(app, parts=[])


def test_gradio_takes_no_files():
    app = NoUploads(Echo())
    assert asked(app, "/gradio_api/upload")[0] == 403
    assert asked(app, "/gradio_api/run/search")[0] == 200


def test_whoever_is_not_let_in_is_limited_as_well(archive, tmp_path):
    archive.settings = Settings(embedder={"model": "fake"}, limits={"requests": 5})
    site = Site(archive, History(tmp_path / "history.sqlite"), Passwords.of_one("jia", "x"))
    with TestClient(create_app(site), client=("10.0.0.7", 1)) as client:
        codes = [client.get("/issues").status_code for _ in range(8)]
        assert codes == [401] * 5 + [429] * 3
        assert client.get("/issues", headers={"authorization": "Bearer jia:x"}).status_code == 200
