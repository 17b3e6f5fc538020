"""Headers, cookies, and what other sites make a browser send."""

import base64
import hashlib
import re

import pytest
from fastapi.testclient import TestClient

from app import create_app
from index.build import build
from index.config import PassageSettings, Settings
from rag import Archive
from rag.web.access.login import Passwords
from rag.web.access.sessions import Sessions
from rag.web.history.history import History
from rag.web.requests.forgery import NoForgery
from rag.web.requests.policy import page_policy
from rag.web.sites.site import Site

from ...conftest import ISSUES, FakeEmbedder, FakeGenerator, FakePairModel

PASSWORD = "correct horse"
PATHS = ["/login", "/issues", "/issues/1999-01-01", "/search?q=塔吊", "/api/search?q=(", "/answers/none", "/metrics"]
PATHS += ["/v1/models", "/v1/none", "/own/frame.css", "/config", "/gradio_api/info", "/nothing", "/health", "/admin"]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One server for all tests, with a login and nothing to add to."""
    folder = tmp_path_factory.mktemp("guarded")
    embedder, settings = FakeEmbedder(), Settings(embedder={"model": "fake"}, access={"keys": folder / "keys.json"})
    build([ISSUES / "2025-04-18" / "03.md"], folder / "archive", embedder, PassageSettings())
    archive = Archive.open(folder / "archive", settings)
    archive.embedder, archive._generator, archive._pair = embedder, FakeGenerator(), FakePairModel()
    site = Site(archive, History(folder / "history.sqlite"), Passwords.of_one("甲", PASSWORD))
    with TestClient(create_app(site), follow_redirects=False) as client:
        yield client, site


@pytest.fixture
def client(served):
    """A new browser."""
    served[0].cookies.clear()
    return served[0]


def log_in(client, **headers):
    return client.post("/login", data={"username": "甲", "password": PASSWORD}, headers=headers)


def directives(reply):
    parts = (part.strip().partition(" ") for part in reply.headers["content-security-policy"].split(";"))
    return {name: values.split() for name, _, values in parts}


def test_every_answer_has_the_headers(client):
    refused = client.get("/issues")
    assert refused.status_code == 401
    assert log_in(client).status_code == 200
    for reply in [refused, *(client.get(path) for path in PATHS), client.get("/"), client.get("/en/")]:
        where = str(reply.url)
        assert reply.headers["x-content-type-options"] == "nosniff", where
        assert reply.headers["x-frame-options"] == "DENY", where
        assert reply.headers["referrer-policy"] == "same-origin", where
        assert reply.headers["cross-origin-opener-policy"] == "same-origin", where
        assert "server" not in reply.headers, where
        assert "strict-transport-security" not in reply.headers, where
        allowed = directives(reply)
        assert allowed["default-src"] == allowed["object-src"] == allowed["frame-ancestors"] == ["'none'"], where
        assert allowed["base-uri"] == allowed["form-action"] == ["'self'"], where
        assert not any("*" in value or "http" in value for values in allowed.values() for value in values), where
        kept = "no-cache" if "own" in where else "no-store", "private, no-cache"
        assert reply.headers["cache-control"] in kept, where
    assert "max-age" in client.get("https://testserver/issues").headers["strict-transport-security"]


def test_files_of_the_page_may_be_kept_and_nothing_else(client):
    log_in(client)
    files = ["/static/img/logo.svg", *re.findall(r'src="\.(/assets/[^"]+)"', client.get("/").text)]
    assert len(files) > 1
    for path in (*files, *(f"/en{path}" for path in files)):
        for prefix in ("", "/papers", "/own/papers"):
            reply = client.get(path, headers={"x-forwarded-prefix": prefix})
            assert reply.status_code == 200
            assert "no-store" not in reply.headers.get("cache-control", ""), (path, prefix)
    others = [("/api/threads/x/static/y", ""), ("/gradio_api/file=/assets/x", ""), ("/api/search?q=塔吊", "/own")]
    for path, prefix in others:
        reply = client.get(path, headers={"x-forwarded-prefix": prefix})
        assert reply.headers.get("cache-control") == "no-store", (path, prefix)


def test_our_own_pages_run_files_of_this_server_alone_and_gradios_what_its_template_has(client):
    log_in(client)
    for path in ("/issues", "/login", "/search?q=塔吊", "/answers/none"):
        page = client.get(path)
        assert directives(page)["script-src"] == ["'self'"]
        assert not re.search(r"<script(?![^>]*\ssrc=)|<[a-z]+\s[^>]*\son[a-z]+=", page.text), path
    for path in ("/", "/en/"):
        page = client.get(path)
        scripts = directives(page)["script-src"]
        inline = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
        assert len(inline) >= 3
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in inline}
        assert set(scripts) == hashes | {"'self'", "'unsafe-eval'"}
        assert not re.search(r"<[a-z]+\s[^>]*\son[a-z]+=", page.text), "handlers in attributes would not run"


def test_a_policy_names_inline_scripts_alone():
    assert page_policy(b"<p>").count("sha256") == 0
    assert (
        page_policy(b'<script>a()</script><script src="x.js"></script><script type="module">\nb\n</script>').count(
            "sha256-"
        )
        == 2
    )


def test_the_cookie_is_for_this_site_and_for_no_script(client):
    cookie = client.get("https://testserver/login").headers["set-cookie"].lower()
    assert all(part in cookie for part in ("; httponly", "; samesite=lax", "; secure"))
    assert "; secure" not in client.get("http://testserver/login").headers["set-cookie"].lower()


def test_a_copied_cookie_lets_nobody_in_after_the_logout(client, served):
    log_in(client)
    copied = client.cookies["baowen"]
    assert client.get("/issues").status_code == 200
    client.get("/logout")
    client.cookies.clear()
    client.cookies.set("baowen", copied)
    assert client.get("/issues").status_code == 401


def test_ended_logins_are_remembered_over_a_restart(tmp_path):
    sessions, session = Sessions(History(tmp_path / "history.sqlite")), {}
    sessions.begin(session, "甲", mark="m")
    copied = dict(session)
    assert sessions.is_open(copied)
    sessions.end(session)
    assert session == {}
    again = Sessions(History(tmp_path / "history.sqlite"))
    assert not again.is_open(copied)
    for wrong in ({}, {"user": "甲"}, copied | {"since": "1"}, copied | {"user": ""}):
        assert not again.is_open(wrong)


def test_a_login_ends_after_its_time(client, monkeypatch):
    log_in(client)
    monkeypatch.setattr("rag.web.access.sessions.LASTS_S", -1)
    assert client.get("/issues").status_code == 401


FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://testserver.evil.example"},
]
OURS = [{}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://testserver"}]


def test_what_another_site_sends_changes_nothing(client):
    for headers in FOREIGN:
        assert log_in(client, **headers).status_code == 403, headers
    log_in(client)
    for headers in FOREIGN:
        for path in ("/v1/chat/completions", "/gradio_api/queue/join", "/gradio_api/mcp/", "/gradio_api/upload"):
            assert client.post(path, json={}, headers=headers).status_code == 403, (path, headers)
        assert client.get("/logout", headers=headers).status_code == 403
        assert client.get("/issues", headers=headers).status_code == 200, "reading by a link is fine"
    for headers in OURS:
        assert client.post("/v1/chat/completions", json={}, headers=headers).status_code == 400, headers


@pytest.mark.parametrize(("peer", "passed"), [("127.0.0.1", True), ("10.0.0.7", False)])
def test_the_name_that_a_proxy_is_reached_by_is_believed_from_a_proxy_alone(peer, passed):
    called = []

    async def app(scope, receive, send):
        called.append(scope)

    async def send(message):
        pass

    headers = {"host": "127.0.0.1:7860", "x-forwarded-host": "library.example", "origin": "https://library.example"}
    scope = {"type": "http", "method": "POST", "path": "/login", "root_path": "", "baowen.peer": peer}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    steps = NoForgery(app, ("127.0.0.1",))(scope, None, send)
    with pytest.raises(StopIteration):
        steps.send(None)
    assert bool(called) is passed


def test_files_are_not_taken_where_nothing_can_be_added(client):
    log_in(client)
    assert client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 403
