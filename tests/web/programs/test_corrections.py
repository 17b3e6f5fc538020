"""``/api/corrections``, and how a corrected place is shown."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.article import Article, Corrected
from index.build import remove
from index.config import PassageSettings
from index.storage.snapshots import ArchiveFolder
from rag.web.access.rights import USER
from rag.web.history.history import History
from rag.web.programs.corrections import correction_routes
from rag.web.rendering.render import Renderer
from rag.web.research.corrections import correcting
from rag.web.sites.site import Site

LI = {"x-test-user": "li"}


@pytest.fixture
def client(archive, tmp_path):
    app = FastAPI()
    site = Site(archive, History(tmp_path / "h.sqlite"))
    app.include_router(correction_routes(site))
    app.include_router(correcting(site))

    @app.middleware("http")
    async def logged_in(request, call_next):  # as LoginMiddleware leaves it
        request.scope[USER] = request.headers.get("x-test-user", "")
        return await call_next(request)

    return TestClient(app)


def test_who_is_logged_in_corrects_and_it_is_published(client, archive):
    article = archive.articles(1)[0]
    edit = {
        "action": "correct",
        "article": article.id,
        "original": article.body[2:9],
        "replacement": "改后的字",
        "start": 2,
    }
    assert client.post("/api/corrections", json=edit).status_code == 403
    assert client.post("/api/corrections", json=edit, headers=LI).json()["published"] is True
    assert archive.store.catalogue.article(article.id).body == article.body[:2] + "改后的字" + article.body[9:]
    assert archive.search_all("改后的字").total == 1
    told = client.post("/api/corrections", json=edit | {"replacement": "别的字"}, headers=LI)
    assert (told.status_code, "请刷新后重选" in told.json()["error"]) == (400, True)
    withdrawn = client.post("/api/corrections", json={"action": "withdraw", "number": 1}, headers=LI)
    assert withdrawn.json()["edit"]["who"] == "li"
    assert archive.store.catalogue.article(article.id) == article
    assert [c["state"] for c in client.get("/api/corrections").json()["corrections"]] == ["withdrawn"]


def test_while_somebody_else_writes_a_correction_is_recorded_for_the_next_build(client, archive):
    article = archive.articles(1)[0]
    edit = {"action": "correct", "article": article.id, "original": article.body[:6], "replacement": "改后的字"}
    with ArchiveFolder(archive.folder).writing():
        reply = client.post("/api/corrections", json=edit, headers=LI)
    assert (reply.status_code, reply.json()["published"]) == (202, False)
    assert [(s.state, s.published) for s in archive.corrections()] == [("in force", False)]
    assert archive.publish_corrections().changed == 1


def test_a_corrected_place_shows_what_was_read_and_nothing_of_it_is_markup():
    place = Corrected(7, 2, 4, "<b>囗</b>", "<i>甲</i>", "2031-03-04T05:06:07+00:00")
    html = Renderer("zh").article(Article("a", "题", "渡口夜班照开", corrections=(place,)), 1, 3)
    assert html.count('popovertarget="corrected-') == 2  # the cited part of it, and the rest
    assert "原来读作" in html
    assert "&lt;b&gt;囗&lt;/b&gt;" in html
    assert "&lt;i&gt;甲&lt;/i&gt; 更正于 2031-03-04 05:06（第 7 号）" in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_the_form_below_an_article_corrects_it_and_leads_to_the_place(client, archive):
    article = archive.articles(1)[0]
    form = {"article": article.id, "original": article.body[2:12], "replacement": "改后的字"}
    assert client.post("/corrections", data=form).status_code == 403
    assert client.post("/corrections", data=form, headers=LI | {"sec-fetch-site": "cross-site"}).status_code == 403
    made = client.post("/corrections", data=form, headers=LI, follow_redirects=False)
    assert made.status_code == 303
    assert made.headers["location"].endswith("start=2&end=6#cited")
    assert archive.store.catalogue.article(article.id).corrections[0].who == "li"
    again = client.post("/corrections", data=form, headers=LI | {"X-Fragment": "1"})
    assert (again.status_code, "li 已于" in again.text) == (400, True)
    form = {"article": article.id, "original": article.title, "replacement": "改后的题", "part": "title"}
    client.post("/corrections", data=form, headers=LI, follow_redirects=False)
    assert [hit.article.id for hit in archive.search_all("title:改后的题").page()] == [article.id]
    remove([article.id], archive.folder, archive.embedder, PassageSettings())
    gone = client.post("/corrections", data=form, headers=LI | {"X-Fragment": "1"})
    assert (gone.status_code, "it was removed" in gone.text) == (400, True)
    listed = client.get("/corrections?review=1", headers=LI | {"X-Fragment": "1"}).text
    assert listed.count("not in the archive") == 2
    withdrawn = client.post("/corrections/1", data={"action": "withdraw"}, headers=LI, follow_redirects=False)
    assert withdrawn.status_code == 303
    assert client.get("/corrections?review=1", headers={"X-Fragment": "1"}).text.count("not in the archive") == 1


def test_the_form_is_there_for_who_may_correct():
    article = Article('a"b', "题", "渡囗夜班")
    assert "<form" not in Renderer("zh").article(article)
    assert 'name="article" value="a&#34;b"' in Renderer("zh").article(article, may_correct=True)
