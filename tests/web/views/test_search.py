"""The search view and ``/api/search``."""

import re
from html import unescape
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.storage.store import Filter
from rag.search.counting import counting_answer
from rag.web.history.conversations import Turn
from rag.web.history.history import History
from rag.web.rendering.render import Renderer
from rag.web.sites.site import Site
from rag.web.views.search import search_routes


@pytest.fixture
def client(archive, tmp_path):
    app = FastAPI()  # the search alone: the whole site takes long to make
    app.include_router(search_routes(Site(archive, History(tmp_path / "history.sqlite"))))
    return TestClient(app, headers={"X-Fragment": "1"})  # the view without its frame


def test_the_api_gives_every_hit_in_pages(client, archive):
    whole = client.get("/api/search", params={"q": "工会 OR 职工", "limit": 100, "sort": "oldest"}).json()
    assert whole["total"] == len(whole["hits"]) == archive.search_all("工会 OR 职工").total > 5
    assert whole["facets"]["month"] == {"2025-04": whole["total"]}
    ids = [hit["article"]["id"] for hit in whole["hits"]]
    paged = []
    for offset in range(0, whole["total"], 4):
        asked = {"q": "工会 OR 职工", "limit": 4, "offset": offset, "sort": "oldest", "snapshot": whole["snapshot"]}
        paged += [hit["article"]["id"] for hit in client.get("/api/search", params=asked).json()["hits"]]
    assert paged == ids


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "工会 AND (职工"}, "第 8 个字"),
        ({"q": "*"}, "通配符"),
        ({"q": "工会", "sort": "best"}, "best"),
        ({"q": "工会", "limit": -1}, "-1"),
        ({"q": "工会", "form": "exe"}, "exe"),
        ({"q": "工" * 2_500}, "太长"),
        ({"q": "工会", "snapshot": "../../etc"}, "第一页"),
    ],
)
def test_what_is_wrong_is_one_sentence(client, asked, said):
    reply = client.get("/api/search", params=asked)
    assert reply.status_code == 400
    assert said in reply.json()["error"]
    view = client.get(
        "/search", params={name: value for name, value in asked.items() if name in ("q", "sort", "snapshot")}
    )
    assert view.status_code in (200, 400)


def test_hits_can_be_taken_along(client):
    reply = client.get("/api/search", params={"q": "工会", "form": "csv"})
    assert reply.headers["content-disposition"].endswith(".csv")
    assert "江州" in reply.content.decode("utf-8-sig")


def test_the_view_shows_hits_counts_and_links_that_narrow(client, archive):
    page = client.get("/search", params={"q": "工会 OR 职工", "lang": "en"}).text
    total = archive.search_all("工会 OR 职工").total
    assert f"{total} articles" in page
    assert "<mark>工会</mark>" in page
    links = [unescape(url) for url in re.findall(r'class="view" href="([^"]+)"', page)]
    narrowing = next(url for url in links if "%E7%89%88%3A2" in url)  # 版:2
    narrowed = client.get(narrowing).text
    assert f"{archive.search_all('(工会 OR 职工) 版:2').total} articles" in narrowed


def test_what_was_typed_and_printed_stays_text(client):
    page = client.get("/search", params={"q": '"<script>alert(1)</script>"'}).text
    assert "<script>alert" not in page


def test_an_empty_form_asks_nothing(client):
    reply = client.get("/search")
    assert reply.status_code == 200
    assert "<form" in reply.text
    assert 'role="status"' not in reply.text


def links(page):
    return [unescape(url) for url in re.findall(r'<a class="view" href="([^"]+)"', page)]


def shown(archive, question):
    """The page's HTML of the answer to a counting question, and the answer."""
    answer = counting_answer(archive.store, question, Filter(), None)
    return Renderer("en").answer(Turn("t", "c", "", "", question, answer.as_dict())), answer


def test_the_search_of_an_answer_can_be_opened_and_its_rest_too(client, archive, monkeypatch):
    monkeypatch.setattr("rag.search.counting._MOST_LISTED", 2)
    page, answer = shown(archive, "列出提到工会或职工的报道")
    total = archive.search_all("工会 OR 职工").total
    rest, whole = links(page)
    assert f"{total} articles" in client.get(whole).text
    assert f"3 to {total}" in client.get(rest).text
    assert f"{total - 2} more reports" in page
    rows = re.findall(r"<tr><td>(.*?)</tr>", page)
    assert len(rows) == 2
    for row, citation in zip(rows, answer.citations, strict=True):
        assert citation.passage.article.title in unescape(row)
        assert citation.quote in unescape(row)
        assert f"start={citation.start}&amp;end={citation.end}" in row


def test_each_value_that_is_counted_opens_its_reports(client, archive):
    page, answer = shown(archive, "各报分别有多少篇报道提到工会？")
    for (value, count), url in zip(answer.search.counts.items(), links(page), strict=False):
        assert value in url or value in unquote(url)
        assert f"{count} articles" in client.get(url).text
