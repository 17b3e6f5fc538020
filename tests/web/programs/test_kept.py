"""Saved searches, feeds and collections over HTTP."""

from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.errors import BaowenError
from rag import Archive
from rag.alerts.kept import Kept
from rag.alerts.outbox import deliver, gather
from rag.search.exports import FORMS
from rag.web.access.rights import USER, Rights
from rag.web.history.history import History
from rag.web.programs.kept import feed_routes, kept_routes
from rag.web.sites.site import Site
from tests.people.conftest import ARTICLES, build_named

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def client(tmp_path, settings):
    configured = settings.model_copy(update={"kept": tmp_path / "kept.sqlite"})
    site = Site(Archive.open(build_named(tmp_path), configured), History(tmp_path / "h.sqlite"))
    app = FastAPI()
    app.include_router(kept_routes(site))
    app.include_router(feed_routes([site], Rights(configured.access, {})))

    @app.middleware("http")
    async def logged_in(request, call_next):  # as LoginMiddleware leaves it
        request.scope[USER] = request.headers.get("x-test-user", "")
        request.scope["session"] = {"person": "browser-1"}
        return await call_next(request)

    return TestClient(app)


def test_a_search_has_a_feed_with_a_secret_address_that_can_be_withdrawn(client):
    made = client.post("/api/kept/searches", json={"query": "夜校", "name": "<b>夜校</b>"}).json()
    assert [s["id"] for s in client.get("/api/kept/searches").json()] == [made["id"]]
    address = client.post(f"/api/kept/searches/{made['id']}/feed").json()["feed"]
    feed = ElementTree.fromstring(client.get(address).content)
    assert feed.findtext(f"{ATOM}title") == "报问：<b>夜校</b>"
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == ["夜校报名", "夜校开班"]
    newer = client.post(f"/api/kept/searches/{made['id']}/feed").json()["feed"]
    assert newer != address
    assert client.get(address).status_code == 404
    client.delete(f"/api/kept/searches/{made['id']}/feed")
    assert client.get(newer).status_code == client.get("/feeds/guessed").status_code == 404


def test_what_is_kept_belongs_to_who_keeps_it(client):
    made = client.post("/api/kept/searches", json={"query": "夜校"}).json()
    other = {"x-test-user": "somebody"}
    assert client.get("/api/kept/searches", headers=other).json() == []
    assert client.post(f"/api/kept/searches/{made['id']}/feed", headers=other).status_code == 400
    assert client.delete(f"/api/kept/searches/{made['id']}", headers=other).status_code == 400


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"query": "(夜校"}, 400),
        ({"query": "夜校", "email": "w@paper.example"}, 403),
        ({"query": "夜校", "webhook": "http://127.0.0.1/"}, 403),
        ({"query": "夜校", "email": "a@b\nBcc: c@d"}, 422),
        ({"query": "夜校", "email": "a@b,c@d"}, 422),
    ],
)
def test_what_cannot_be_kept(client, asked, status):
    assert client.post("/api/kept/searches", json=asked).status_code == status
    assert client.get("/api/kept/searches").json() == []


def test_who_is_logged_in_may_be_told_but_not_inside_the_house(client):
    known = {"x-test-user": "w"}
    refused = client.post("/api/kept/searches", json={"query": "夜校", "webhook": "http://10.0.0.1/"}, headers=known)
    assert (refused.status_code, "内部地址" in refused.json()["error"]) == (400, True)
    asked = {"query": "夜校", "email": "w@paper.example"}
    assert client.post("/api/kept/searches", json=asked, headers=known).status_code == 200


def test_what_is_published_after_a_search_is_saved_is_told_at_the_first_look(client, tmp_path, settings):
    asked = {"query": "夜校", "email": "w@paper.example"}
    client.post("/api/kept/searches", json=asked, headers={"x-test-user": "w"})
    new = {"id": "new", "title": "夜校毕业", "date": "2025-07-01", "text": "夜校今天有了第一批毕业生。"}
    archive = Archive.open(build_named(tmp_path, [*ARTICLES, new]), settings)
    kept, sent = Kept(tmp_path / "kept.sqlite"), []
    gather(kept, archive, lambda search: True)
    deliver(kept, sent.append)
    assert [message.articles for message in sent] == [("new",)]


def test_collections_hold_reports_with_notes_and_go_out_of_the_house(client):
    made = client.post("/api/kept/collections", json={"name": "夜校"}).json()
    path = f"/api/kept/collections/{made['id']}"
    assert client.post(path, json={"article": "a", "note": "要核实"}).status_code == 200
    assert client.post(path, json={"article": "a", "note": "核实过了"}).status_code == 200
    assert client.post(path, json={"article": "none"}).status_code == 400
    [held] = client.get("/api/kept/collections").json()
    assert [(r["article"], r["note"]) for r in held["reports"]] == [("a", "核实过了")]
    assert "夜校开班" in client.get(f"{path}/export", params={"form": "ris"}).text
    assert client.get(f"{path}/export", headers={"x-test-user": "x"}).status_code == 404
    for form in FORMS:
        taken = client.get(f"{path}/export", params={"form": form})
        assert (taken.status_code, len(taken.content) > 20) == (200, True)
        assert "夜校开班" in taken.text or form == "xlsx"
    assert client.get(f"{path}/export", params={"form": "gbt"}).text == "[1] 夜校开班[N]. 2025-04-01.\n"
    assert client.get(f"{path}/export", params={"form": "exe"}).status_code == 404
    client.delete(path, params={"article": "a"})
    client.delete(path)
    assert client.get("/api/kept/collections").json() == []


def test_an_export_or_a_feed_that_fails_says_why(client, monkeypatch):
    made = client.post("/api/kept/collections", json={"name": "夜校"}).json()
    monkeypatch.setattr("index.extras.installed", lambda module: False)
    reply = client.get(f"/api/kept/collections/{made['id']}/export", params={"form": "xlsx"})
    assert (reply.status_code, "openpyxl" in reply.json()["error"]) == (400, True)
    saved = client.post("/api/kept/searches", json={"query": "夜校"}).json()
    feed = client.post(f"/api/kept/searches/{saved['id']}/feed").json()["feed"]

    def search_all(*asked):
        raise BaowenError("馆藏读不了")

    monkeypatch.setattr(Archive, "search_all", search_all)
    reply = client.get(feed)
    assert (reply.status_code, reply.text) == (400, "馆藏读不了")
