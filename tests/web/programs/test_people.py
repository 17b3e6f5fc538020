"""``/api/names``, ``/api/threads``, ``/api/reprints``, ``/api/compare``."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag import Archive
from rag.web.access.rights import USER
from rag.web.history.history import History
from rag.web.programs.people import people_routes
from rag.web.sites.site import Site
from tests.people.conftest import build_named


@pytest.fixture
def client(tmp_path, settings):
    app = FastAPI()
    app.include_router(
        people_routes(Site(Archive.open(build_named(tmp_path), settings), History(tmp_path / "h.sqlite")))
    )

    @app.middleware("http")
    async def logged_in(request, call_next):  # as LoginMiddleware leaves it
        request.scope[USER] = request.headers.get("x-test-user", "")
        return await call_next(request)

    return TestClient(app)


def test_names_are_shown_and_corrected_by_who_is_logged_in(client):
    assert client.get("/api/names", params={"name": "彭望舒"}).json()["total"] == 2
    edit = {"action": "merge", "kind": "person", "name": "贺知遥", "into": "彭望舒"}
    assert client.post("/api/names/edits", json=edit).status_code == 403
    made = client.post("/api/names/edits", json=edit, headers={"x-test-user": "xiaowang"})
    assert made.json()["edits"][0]["who"] == "xiaowang"
    assert client.get("/api/names", params={"name": "贺知遥"}).json()["total"] == 3
    undone = client.post("/api/names/edits", json={"action": "undo", "number": 1}, headers={"x-test-user": "li"})
    assert undone.status_code == 200
    assert [e["undone"] for e in client.get("/api/names/edits").json()["edits"]] == [True, False]


@pytest.mark.parametrize(
    "path",
    ["/api/names?name=%3Cscript%3E", "/api/names?name=彭望舒&kind=x", "/api/threads/none", "/api/compare?q=(&other=b"],
)
def test_what_is_wrong_is_one_sentence(client, path):
    reply = client.get(path)
    assert reply.status_code == 400
    assert reply.json()["error"]


def test_threads_and_comparisons(client):
    thread = client.get("/api/threads/a").json()
    assert thread["article"]["id"] == "a"
    assert client.get("/api/reprints/a").json() == {"reprints": []}
    assert client.get("/api/compare", params={"q": "夜校", "other": "通知"}).json()["totals"] == [2, 1]
