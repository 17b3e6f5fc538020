"""The search view and ``/api/search``."""

import re
from html import unescape
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.build import build
from index.config import PassageSettings
from index.search.texts import FACETS
from index.storage.store import Filter
from rag import Archive
from rag.results import MetadataFilter
from rag.search.counting import counted_answer
from rag.search.counting_questions import Counted
from rag.web.history.conversations import Turn
from rag.web.history.history import History
from rag.web.rendering.places import Nearby
from rag.web.rendering.render import Renderer
from rag.web.rendering.timeline import by_time
from rag.web.sites.site import Site
from rag.web.views.report import report_routes
from rag.web.views.search import search_routes
from tests.search.corpus import REPRINTED, TEXTS, write_reprinted


def searching(archive, folder):
    app = FastAPI()  # the search alone: the whole site takes long to make
    site = Site(archive, History(folder / "history.sqlite"))
    app.include_router(search_routes(site))
    app.include_router(report_routes(site))
    return TestClient(app, headers={"X-Fragment": "1"})  # the view without its frame


@pytest.fixture
def client(archive, tmp_path):
    return searching(archive, tmp_path)


@pytest.fixture
def reprinted(tmp_path, embedder, settings):
    """A browser at an archive of reports that are printed several times, over seven months."""
    write_reprinted(tmp_path / "a.jsonl")
    build([tmp_path / "a.jsonl"], tmp_path / "x", embedder, PassageSettings())
    return searching(Archive.open(tmp_path / "x", settings), tmp_path)


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


def test_the_api_counts_every_month(tmp_path, embedder, settings):
    lines = (
        f'{{"id": "{n}", "text": "工会第{n}号。", "date": "{2000 + n // 12}-{n % 12 + 1:02d}-01"}}' for n in range(60)
    )
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    build([tmp_path / "a.jsonl"], tmp_path / "x", embedder, PassageSettings())
    client = searching(Archive.open(tmp_path / "x", settings), tmp_path)
    told = client.get("/api/search", params={"q": "工会"}).json()
    assert sum(told["facets"]["month"].values()) == told["total"] == 60
    assert list(told["facets"]) == list(FACETS)


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


def shown(archive, wanted, query):
    """The page's HTML of the answer to a counting question, and the answer."""
    answer = counted_answer(archive.store, Counted(wanted, query), "", Filter(), None)
    return Renderer("en").answer(Turn("t", "c", "", "", "", answer.as_dict())), answer


def test_the_search_of_an_answer_can_be_opened_and_its_rest_too(client, archive, monkeypatch):
    monkeypatch.setattr("rag.search.counting._MOST_LISTED", 2)
    page, answer = shown(archive, "list", '"工会" OR "职工"')
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


def test_where_no_report_is_counted_other_ways_are_offered(client, archive):
    store = archive.store
    where, read = Filter("2031-01-01", "2031-12-31"), MetadataFilter("2031-01-01", "2031-12-31", None, "2031年")
    answer = counted_answer(store, Counted("number", '"工会" 日期:2031'), "", where, read)
    turn = Turn("t", "c", "2031年有几篇", "", "", answer.as_dict())
    page = Renderer("en", Nearby(lambda: store)).answer(turn, widen={"dates": "2031"})
    assert "馆藏有《" in page
    assert 'badge answered"' in page
    assert "Open the issue of 2025-04-18" in page
    assert "Ask again without “2031”" in page
    assert "0 articles" in client.get(next(url for url in links(page) if "/search" in url)).text
    some = counted_answer(store, Counted("number", '"工会"'), "", Filter(), None)
    assert 'class="next"' not in Renderer("en").answer(Turn("t", "c", "", "", "", some.as_dict()))


def test_each_value_that_is_counted_opens_its_reports(client, archive):
    page, answer = shown(archive, "by_paper", '"工会"')
    for (value, count), url in zip(answer.search.counts.items(), links(page), strict=False):
        assert value in url or value in unquote(url)
        assert f"{count} articles" in client.get(url).text


def titles(page):
    """The headlines of a page of hits, with those folded into them."""
    return re.findall(r'<a class="read" href="[^"]+">(题\d+)</a>', page)


def test_reprints_are_folded_over_all_pages_and_can_be_listed_each(reprinted):
    first = reprinted.get("/search", params={"q": "高温津贴", "sort": "oldest", "lang": "en"}).text
    assert f"{REPRINTED} articles" in first
    assert f"{TEXTS} different texts" in first
    (later,) = (url for url in links(first.replace(' rel="next"', "")) if "offset=20" in url)
    second = reprinted.get(later).text
    assert f"21 to {TEXTS}" in second
    assert 'rel="next"' not in second
    assert sorted(titles(first) + titles(second)) == sorted(f"题{number}" for number in range(REPRINTED))
    (each,) = (url for url in links(first) if "each=True" in url)
    paged = [title for offset in (0, 20, 40) for title in titles(reprinted.get(f"{each}&offset={offset}").text)]
    assert len(paged) == len(set(paged)) == REPRINTED
    asked = {"q": "高温津贴", "fold": True, "limit": 100}
    told = reprinted.get("/api/search", params=asked).json()
    assert (told["total"], told["texts"], len(told["hits"])) == (REPRINTED, TEXTS, TEXTS)
    assert sum(1 + len(hit["folded"]) for hit in told["hits"]) == REPRINTED


REPORTERS = 250


@pytest.fixture
def signed(tmp_path, embedder, settings):
    """A browser at reports by very many reporters: number 0 wrote three, 1 and 2 two, each other one."""
    numbers = [0, 0, 1, 2, *range(REPORTERS)]
    (tmp_path / "a.jsonl").write_text(
        "\n".join(
            f'{{"id": "{place}", "text": "高温津贴第{place}次发放。", "date": "2024-{number % 3 + 1:02d}-01",'
            f' "paper": "报{number % 13}", "reporters": ["记者{number:03d}"]}}'
            for place, number in enumerate(numbers)
        ),
        encoding="utf-8",
    )
    build([tmp_path / "a.jsonl"], tmp_path / "x", embedder, PassageSettings())
    return searching(Archive.open(tmp_path / "x", settings), tmp_path)


def values_of(page):
    """The values of a facet with their counts, on the page of all of them."""
    found = re.findall(r'<li><a class="view" href="[^"]+">([^<]+)</a> <span>(\d+)', page)
    return {value: int(count) for value, count in found}


def link(page, attribute):
    """The one link of a page with an attribute; empty if there is none."""
    found = next((tag for tag in re.findall(r"<a [^>]+>", page) if attribute in tag), "")
    return unescape(re.sub(r'.*href="([^"]+)".*', r"\1", found))


def test_all_values_of_a_facet_are_reached_page_by_page(signed):
    view = {"q": "高温津贴", "lang": "en", "since": "2024-01-01", "until": "2024-03-31"}
    beside = signed.get("/search", params=view).text
    assert values_of(signed.get(link(beside, 'aria-label="More: Newspaper"')).text).keys() == {
        f"报{number}" for number in range(13)
    }
    assert 'aria-label="More: Month"' not in beside  # there are three
    url, found = link(beside, 'aria-label="More: Author"'), []
    for first in (1, 101, 201):
        page = signed.get(url).text
        assert f"{REPORTERS} values" in page
        assert f"{first} to {min(first + 99, REPORTERS)}" in page
        found += values_of(page).items()
        url = link(page, 'rel="next"')
    assert url == ""
    assert found == [
        ("记者000", 3),
        ("记者001", 2),
        ("记者002", 2),
        *((f"记者{n:03d}", 1) for n in range(3, REPORTERS)),
    ]
    assert "101 to 200" in signed.get(link(page, 'rel="prev"')).text
    narrowed = next(url for url in links(page) if "记者249" in unquote(url))
    assert "1 article" in signed.get(narrowed).text
    assert "254 articles" in signed.get(links(page)[0]).text  # back to the hits


def test_values_of_a_facet_are_found_by_their_characters(signed):
    asked = {"q": "高温津贴", "facet": "reporter", "lang": "en", "part": "０４"}
    page = signed.get("/search/counts", params=asked).text
    assert list(values_of(page)) == ["记者004", *(f"记者{number:03d}" for number in (*range(40, 50), 104, 204))]
    assert "13 values" in page
    assert 'value="０４"' in page
    none = signed.get("/search/counts", params=asked | {"part": "<b>"}).text
    assert "0 values" in none
    assert 'value="&lt;b&gt;"' in none


def test_a_page_of_values_keeps_to_the_snapshot_and_says_what_is_wrong(signed):
    assert "snapshot=" in link(signed.get("/search", params={"q": "高温津贴"}).text, 'aria-label="更多: 作者"')
    asked = {"q": "高温津贴", "facet": "paper"}
    for wrong in ({"q": "高温 AND (津贴"}, {"snapshot": "gone"}):
        reply = signed.get("/search/counts", params=asked | wrong)
        assert reply.status_code == 400
        assert 'role="alert"' in reply.text
    assert signed.get("/search/counts", params=asked | {"facet": "<b>"}).status_code == 404
    assert signed.get("/search/counts", params=asked | {"first": -1}).status_code == 422
    beyond = signed.get("/search/counts", params=asked | {"first": 10_000})
    assert (beyond.status_code, values_of(beyond.text)) == (200, {})


def bars(page):
    """Period, hits and link of each bar of the time line; no link where there are no hits."""
    found = re.findall(r'<li data-period="([\d-]+)" data-hits="(\d+)"[^>]*>(?:<a class="view" href="([^"]+)")?', page)
    return [(period, int(hits), unescape(url)) for period, hits, url in found]


def test_the_bars_of_the_time_line_are_links_that_narrow_and_the_dates_stay_in_the_address(reprinted):
    page = reprinted.get("/search", params={"q": "高温津贴", "lang": "en"}).text
    drawn = bars(page)
    assert [period for period, _, _ in drawn] == [
        "2023-11", "2023-12", "2024-01", "2024-02", "2024-03", "2024-04", "2024-05",
    ]  # fmt: skip
    assert sum(hits for _, hits, _ in drawn) == REPRINTED
    assert [period for period, hits, url in drawn if not hits and not url] == ["2024-02"]
    for _, hits, url in filter(lambda bar: bar[1], drawn):
        assert f"{hits} articles" in reprinted.get(url).text
    some = reprinted.get(
        "/search", params={"q": "高温津贴", "since": "2023-12-03", "until": "2024-01-31", "lang": "en"}
    )
    assert [period for period, _, _ in bars(some.text)] == ["2023-12", "2024-01"]
    assert "since=2023-12-03&until=2023-12-31" in bars(some.text)[0][2]  # within the dates chosen before
    (whole,) = {url for url in links(some.text) if "since" not in url and "offset" not in url and "each" not in url}
    assert bars(reprinted.get(whole).text) == drawn
    (csv,) = (unescape(url) for url in re.findall(r'href="(/api/search[^"]+form=csv[^"]*)"', some.text))
    total = re.search(r"(\d+) articles", some.text)[1]
    assert len(reprinted.get(csv).content.splitlines()) == int(total) + 1


def test_a_time_line_of_many_years_has_years():
    def periods(*months):
        return list(by_time(dict.fromkeys(months, 1)))

    assert len(periods("2020-01", "2024-12")) == 60
    assert periods("2020-01", "2025-01") == ["2020", "2021", "2022", "2023", "2024", "2025"]
    assert periods("0001-01", "9999-12") == ["0001", "9999"]
    assert periods() == []


@pytest.mark.parametrize("dates", [{"since": "昨天"}, {"until": "2024-13"}, {"since": "2025", "until": "2024"}])
def test_dates_that_are_none_are_said(reprinted, dates):
    reply = reprinted.get("/search", params={"q": "高温津贴"} | dates)
    assert reply.status_code == 400
    assert 'role="alert"' in reply.text


def test_a_chronicle_is_a_dated_list_that_links_to_its_articles_and_to_word(client, archive):
    found = archive.report("塔吊司机蓝采薇")
    page = client.get("/report", params={"topic": "塔吊司机蓝采薇"}).text
    assert page.count('<a class="cite"') == len(found.citations) > 0
    assert all(part.label in page for part in found.parts)
    word = client.get("/api/report", params={"topic": "塔吊司机蓝采薇", "form": "docx"})
    assert word.content.startswith(b"PK")
    assert client.get("/api/report", params={"topic": "塔吊司机蓝采薇"}).json()["answer"] == found.text


@pytest.mark.parametrize(
    "asked", [{"topic": "塔吊", "since": "昨天"}, {"topic": "塔吊", "since": "2025-05-01", "until": "2025-04-01"}]
)
def test_a_chronicle_of_no_period_is_a_problem_said_in_the_view(client, asked):
    assert client.get("/report", params=asked).status_code == client.get("/api/report", params=asked).status_code == 400
    assert 'role="alert"' in client.get("/report", params=asked).text
