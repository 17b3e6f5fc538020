"""Behind a proxy under a path, and what the proxy and the watchman ask."""

import json
import re

import pytest
from fastapi.testclient import TestClient

from app import create_app
from index.config import Settings
from index.errors import BaowenError
from rag.web.access.login import Passwords
from rag.web.history.history import History
from rag.web.server import warm
from rag.web.sites.site import Site

BEHIND = {"X-Forwarded-Prefix": "/papers"}
HTML = {"accept": "text/html"}


@pytest.fixture
def site(archive, tmp_path):
    archive.settings = Settings(embedder={"model": "fake"}, audit={"folder": tmp_path / "audit"})
    return Site(archive, History(tmp_path / "history.sqlite"), Passwords.of_one("jia", "x"))


def test_every_link_and_redirect_keeps_the_path(site):
    with TestClient(create_app(site), follow_redirects=False) as client:
        sent = client.get("/", headers=BEHIND | HTML)
        assert sent.headers["location"] == "/papers/login"
        assert "; path=/papers/;" in sent.headers["set-cookie"]
        page = client.get("/login", headers=BEHIND | HTML).text
        assert 'action="/papers/login?lang=zh"' in page
        assert 'href="/papers/own/frame.css"' in page
        secure = client.get("https://testserver/login", headers=HTML)
        assert "secure" in secure.headers["set-cookie"]
        logged = client.post("/login", data={"username": "jia", "password": "x"}, headers=BEHIND | HTML)
        assert logged.headers["location"] == "/papers/"
        client.headers["authorization"] = "Bearer jia:x"
        for path in ("/issues/2025-04-18", "/papers/issues/2025-04-18"):  # cut off by the proxy, or not
            links = re.findall(r'(?:href|action)="(/[^"]*)"', client.get(path, headers=BEHIND).text)
            assert len(links) > 20
            assert [link for link in links if not link.startswith("/papers/")] == []
        assert 'href="//evil' not in client.get("/issues", headers={"X-Forwarded-Prefix": "//evil"}).text
        for path, root in (("/", "/papers"), ("/en/", "/papers/en")):
            page = client.get(path, headers=BEHIND | HTML).text
            config = json.loads(re.search(r"window\.gradio_config = (.*?);</script>", page)[1])
            assert config["root"].endswith(f"testserver{root}")
            values = [entry["props"].get(name) for entry in config["components"] for name in ("value", "placeholder")]
            links = re.findall(r'(?:href|src)="([^"]*)"', " ".join([page.split("<body")[0], *map(str, values)]))
            assert len(links) > 20
            assert [link for link in links if link.startswith("/")] == []
            assert client.get(path + ("../" if "en" in path else "") + "own/frame.css").status_code == 200


def test_a_proxy_that_is_reached_by_https_makes_the_cookie_secure_and_nobody_else_does(site):
    app = create_app(site)
    for peer, secure in (("127.0.0.1", True), ("10.0.0.7", False)):
        reply = TestClient(app, client=(peer, 1)).get("/login", headers={"X-Forwarded-Proto": "https"})
        assert ("; secure" in reply.headers["set-cookie"]) is secure, peer
        assert ("strict-transport-security" in reply.headers) is secure, peer


def test_alive_and_able_to_answer_are_told_apart(site, monkeypatch, tmp_path):
    with TestClient(create_app(site)) as client:
        assert (client.get("/ready").json(), client.get("/health").json()) == ({"status": "ready"}, {"status": "ok"})
        client.headers["authorization"] = "Bearer jia:x"
        assert client.get("/ready").json() == {"status": "ready", "problems": [], "degraded": []}
        site.history._state.failed = "历史读写失败"
        assert client.get("/ready").json()["status"] == "degraded"
        site.models.problem = "模型正在载入"
        site.workers.refuse()
        broken = client.get("/ready")
        assert (broken.status_code, broken.json()["status"]) == (503, "stopping")
        assert len(broken.json()["problems"]) == 2
        monkeypatch.setattr(type(site.archive), "store", property(lambda self: 1 / 0))
        alive = client.get("/health")
        assert (alive.status_code, alive.json()["status"]) == (200, "ok")
        assert client.get("/ready").status_code == 503


def test_a_feed_has_an_address_that_keeps_the_path(site, tmp_path):
    site.archive.settings = site.archive.settings.model_copy(update={"kept": tmp_path / "kept.sqlite"})
    with TestClient(create_app(site)) as client:
        client.headers["authorization"] = "Bearer jia:x"
        made = client.post("/api/kept/searches", json={"query": "塔吊"}, headers=BEHIND).json()
        feed = client.post(f"/api/kept/searches/{made['id']}/feed", headers=BEHIND).json()["feed"]
        assert feed.startswith("/papers/feeds/")
        assert client.get(feed, headers=BEHIND).status_code == 200


def test_a_server_answers_where_only_the_language_model_is_missing(site, monkeypatch):
    def missing(settings):
        raise BaowenError("缺少权重")

    monkeypatch.setattr("rag.archive.load_generator", missing)
    site.archive._generator = None
    warm(site.archive, site.models)
    with TestClient(create_app(site)) as client:
        client.headers["authorization"] = "Bearer jia:x"
        assert client.get("/ready").json() == {"status": "degraded", "problems": [], "degraded": ["缺少权重"]}


def test_who_did_what_is_noted(site, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    with TestClient(create_app(site)) as client:
        client.post("/login", data={"username": "乙", "password": "y"})
        body = {"messages": [{"role": "user", "content": "蓝采薇每天爬多高的塔吊？"}]}
        key = {"authorization": "Bearer jia:x"}
        assert client.post("/v1/chat/completions", json=body, headers=key).status_code == 200
    failed, asked = site.audit.entries()
    assert (failed["action"], failed["who"], failed["from"]) == ("login failed", "乙", "testclient")
    assert (asked["action"], asked["who"], asked["snapshot"]) == ("asked", "jia", "000001")
    assert asked["articles"] == ["issues/2025-04-18/03.md#2"]
    assert "question" not in asked
