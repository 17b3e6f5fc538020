"""Who sees what: every way in × everybody, over two archives of one server."""

import pytest
from fastapi.testclient import TestClient

from app import create_app
from index.build import build
from index.config import AccessSettings, ArchiveSettings, PassageSettings, Settings
from index.errors import BaowenError
from rag import Archive
from rag.web.access.keys import Keys
from rag.web.access.login import Passwords, set_password
from rag.web.access.rights import KEY, USER, Rights, may_add
from rag.web.history.conversations import HistoryError
from rag.web.history.history import History
from rag.web.several import Borrowing
from rag.web.sites.feed import Feed
from rag.web.sites.site import Site

from ...conftest import ISSUES, FakePairModel
from ...serving.doors import JSON, tool_call

BESIDE = {"/", "/archives", "/admin", "/admin.json", "/login", "/logout", "/health", "/ready", "/own", "/openapi.json"}
BESIDE |= {"/feeds/{secret}"}  # whose address is its key (tests/alerts)
PEOPLE = ("读者", "编辑", "外人", "主管")
ARTICLE = "articles/issues/2025-04-18/03.md%232"
QUESTION = {"messages": [{"role": "user", "content": "蓝采薇每天爬多高的塔吊？"}]}


@pytest.fixture
def settings(tmp_path):
    return Settings(
        embedder={"model": "fake"},
        archives={
            "内部": {"path": tmp_path / "archive", "read": ("读者组", "编辑"), "add": ("编辑",)},
            "公开": {"path": tmp_path / "open"},
        },
        access={
            "groups": {"读者组": ("读者",)},
            "administrators": ("主管",),
            "keys": tmp_path / "keys.json",
            "header": "X-Remote-User",
            "proxies": ("10.9.9.9",),
        },
        audit={"folder": tmp_path / "audit"},
    )


@pytest.fixture
def sites(archive, embedder, generator, tmp_path, settings):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    build([ISSUES / "2025-04-18" / "01.md"], tmp_path / "open", embedder, PassageSettings())
    archive.settings = settings
    beside = Borrowing(Archive.open(tmp_path / "open", settings), archive)
    for name in PEOPLE:
        set_password(tmp_path / "p.txt", name, f"{name}的密码")
    known, history = Passwords(tmp_path / "p.txt"), History(tmp_path / "history.sqlite")
    rights = Rights(settings.access, settings.archives)
    feed = Feed(tmp_path / "added", tmp_path / "archive", embedder, settings, may_add(rights, "内部"))
    inner = Site(archive, history.of("内部"), known, feed, "内部")
    return inner, Site(beside, history.of("公开"), known, None, "公开", models=inner.models, workers=inner.workers)


def bearer(token):
    return {"authorization": f"Bearer {token}".encode()}


def paths(routes):
    for route in routes:
        included = getattr(route, "original_router", None)
        yield from [route.path] if included is None else paths(included.routes)


def test_a_person_sees_nothing_of_an_archive_that_is_not_theirs(sites, settings):
    turn = sites[0].history.add("读者", "c", "问", {"answer": "答", "kind": "refused", "refused": True, "question": "",
                                                "citations": [], "sentences": []})  # fmt: skip
    keys = Keys(settings.access.keys)
    ways = {name: bearer(f"{name}:{name}的密码") for name in PEOPLE}
    ways |= {"读者的密钥": bearer(keys.add("a", "读者")), "只查公开的密钥": bearer(keys.add("b", "主管", ("公开",)))}
    may = {"读者", "编辑", "主管", "读者的密钥"}
    gets = ["", "en/", ARTICLE, "issues", "issues/2025-04-18", "overview", f"answers/{turn.id}", "metrics", "health"]
    gets += ["v1", "v1/none"]
    gets += ["ready", "v1/models", "config", "gradio_api/info", "gradio_api/mcp/schema", "own/frame.css", "nothing"]
    gets += ["search?q=塔吊", "api/search?q=塔吊", "api/search?q=塔吊&form=csv"]
    missing = {"nothing", "v1", "v1/none"}
    app = create_app(*sites)
    # Whatever is added beside the archives' own sites must ask for rights itself, and be tried below.
    assert set(paths(app.routes)) == BESIDE | {f"/archives/{site.name}" for site in sites}
    with TestClient(app, follow_redirects=False) as client:
        absent = {path: client.get(f"/archives/没有这个/{path}", headers=ways["主管"]).text for path in gets}
        assert "invalid_request_error" in absent["v1/models"]
        assert {client.get("/feeds/guessed", headers=headers).status_code for headers in ways.values()} == {404}
        for who, headers in ways.items():
            codes = {path: client.get(f"/archives/内部/{path}", headers=headers) for path in gets}
            if who in may:
                wrong = [path for path, reply in codes.items() if reply.status_code != 200 and path not in missing]
            else:
                wrong = [
                    path for path, reply in codes.items() if (reply.status_code, reply.text) != (404, absent[path])
                ]
            assert wrong == [], who
            assert client.get("/archives/公开/issues", headers=headers).status_code == 200, who
            assert client.get("/archives", headers=headers).json() == (["内部", "公开"] if who in may else ["公开"])
            asked = client.post("/archives/内部/v1/chat/completions", json=QUESTION, headers=headers)
            assert asked.status_code == (200 if who in may else 404), who
            called = client.post(
                "/archives/内部/gradio_api/run/search", json={"data": ["塔吊", 3, "", ""]}, headers=headers
            )
            assert called.status_code == (200 if who in may else 404), who
            for asked in (
                tool_call("search", {"question": "塔吊", "k": 1}),
                tool_call("search_all", {"query": "塔吊"}),
            ):
                told = client.post("/archives/内部/gradio_api/mcp/", json=asked, headers=headers | JSON)
                expected = (200, True) if who in may else (404, False)
                assert (told.status_code, "江州劳动报" in told.text) == expected, who
            assert client.get("/admin", headers=headers).status_code == (200 if who == "主管" else 404), who
            assert client.get(f"/archives/公开/answers/{turn.id}", headers=headers).status_code == 404
        for path in ("/", "/archives", "/admin", "/archives/公开/issues", f"/archives/内部/{ARTICLE}"):
            assert client.get(path).status_code == 401
        assert client.get("/", headers=ways["外人"]).headers["location"].endswith("/archives/%E5%85%AC%E5%BC%80/")
        choice = client.get("/", headers=ways["读者"]).text
        assert "/archives/%E5%86%85%E9%83%A8/" in choice
        shown = client.get("/admin.json", headers=ways["主管"]).json()
        assert {entry["name"]: entry["articles"] for entry in shown["archives"]} == {"内部": 26, "公开": 5}
        assert shown["usage"][0]["questions"] == 4, "those of /v1 are counted as those of the chat"
        assert shown["usage"][0]["waited"] is not None
        assert {str(site.archive.store.folder.parent.parent) for site in sites} <= set(shown["disk"])
        assert "sha256" not in str(shown)
        page = client.get("/archives/内部/issues/2025-04-18", headers=ways["读者"]).text
        assert 'href="/archives/%E5%86%85%E9%83%A8/articles/' in page
        for path in ("/v1", "/v1/models"):  # no archive is named
            assert client.get(path, headers=ways["主管"]).json()["error"]["type"] == "invalid_request_error"
        for path in ("/health", "/ready"):
            assert set(client.get(path).json()) == set(client.get(path, headers=ways["外人"]).json()) == {"status"}
            assert len(client.get(path, headers=ways["读者"]).json()) == 3
        metrics = [client.get(f"/archives/{name}/metrics", headers=ways["主管"]).text for name in ("内部", "公开")]
        assert ['baowen_seconds_count{stage="total"} 4.0' in text for text in metrics] == [True, False]
        assert client.get("/issues", headers={"X-Remote-User": "主管".encode()}).status_code == 401
        proxy = TestClient(app, client=("10.9.9.9", 1))
        assert proxy.get("/archives", headers={"X-Remote-User": "读者".encode()}).json() == ["内部", "公开"]
        assert proxy.get("/archives").status_code == 401


def test_an_archive_that_cannot_be_opened_is_told_to_its_readers_alone(sites, monkeypatch):
    with TestClient(create_app(*sites)) as client:
        reader = bearer("读者:读者的密码")
        assert client.get("/ready", headers=reader).json()["degraded"] == []
        monkeypatch.setattr(type(sites[1].archive), "store", property(lambda self: 1 / 0))
        assert client.get("/ready").json() == {"status": "degraded"}
        told = client.get("/ready", headers=reader)
        assert told.status_code == 200
        assert [line[:3] for line in told.json()["degraded"]] == ["公开："]


def test_the_audit_log_names_the_key_that_asked(sites, settings):
    key = Keys(settings.access.keys).add("报表", "读者")
    with TestClient(create_app(*sites)) as client:
        for given in (key, "读者:读者的密码"):
            client.post("/archives/公开/v1/chat/completions", json=QUESTION, headers=bearer(given))
    asked = [entry for entry in sites[1].audit.entries() if entry["action"] == "asked"]
    assert [(entry["who"], entry.get("key")) for entry in asked] == [("读者", "报表"), ("读者", None)]


def test_guesses_are_slowed_on_every_way_in_and_others_log_in(sites, monkeypatch):
    monkeypatch.setattr("rag.web.access.guesses._now", lambda: 1000.0)
    app = create_app(*sites)
    other = TestClient(app, client=("10.0.0.8", 1))
    with TestClient(app, client=("10.0.0.7", 1)) as guesser:
        codes = [guesser.get("/archives", headers=bearer(f"编辑:{n}")).status_code for n in range(12)]
        assert codes == [401] * 5 + [429] * 7
        form = guesser.post("/login", data={"username": "读者", "password": "读者的密码"})
        assert form.status_code == 429
        assert int(form.headers["retry-after"]) >= 1
        assert other.post("/login", data={"username": "编辑", "password": "编辑的密码"}).status_code == 200
        assert other.get("/archives").json() == ["内部", "公开"]


def test_rights_are_what_the_configuration_says():
    access = AccessSettings(groups={"组": ("甲",)}, administrators=("主管",))
    archives = {
        "内": ArchiveSettings(path="x", read=("组",), add=("乙",), correct=("甲", "乙")),
        "外": ArchiveSettings(path="y", add=("组",)),
    }
    rights = Rights(access, archives)
    allowed = {
        (who, right, name)
        for who in ("", "甲", "乙", "组", "*", "主管")
        for right in ("read", "add", "correct", "administer")
        for name in archives
        if rights.person_may(who, right, name)
    }
    everybody = {(who, "read", "外") for who in ("", "甲", "乙", "组", "*", "主管")}
    chief = {("主管", right, name) for right in ("read", "add", "correct", "administer") for name in archives}
    corrects = {("甲", "correct", "内"), ("甲", "correct", "外")}  # named there, and by default as whoever may add here
    assert allowed == everybody | chief | corrects | {("甲", "read", "内"), ("甲", "add", "外")}


def test_a_key_reads_and_does_nothing_else_until_it_is_over_or_taken_away(tmp_path):
    keys = Keys(tmp_path / "k" / "keys.json")
    given = keys.add("编目", "主管", ("公开",), "2999-01-01")
    key = Keys(tmp_path / "k" / "keys.json").find(given)
    rights = Rights(AccessSettings(administrators=("主管",)), {"公开": ArchiveSettings(path="x", read=())})
    scope = {KEY: key, USER: key.person}
    assert rights.may(scope, "read", "公开")
    assert not any(rights.may(scope, *what) for what in (("read", "内部"), ("add", "公开"), ("administer", "")))
    assert given.encode() not in (tmp_path / "k" / "keys.json").read_bytes()
    assert (tmp_path / "k" / "keys.json").stat().st_mode & 0o077 == 0
    assert (keys.find(given[:-1]), keys.find("bw_"), keys.find("")) == (None, None, None)
    over = keys.add("旧", "甲", (), "2020-01-01")
    assert keys.find(over) is None
    with pytest.raises(BaowenError, match="已有名为"):
        keys.add("编目", "甲")
    with pytest.raises(BaowenError, match="不是日期"):
        keys.add("新", "甲", (), "明天")
    keys.remove("编目")
    assert keys.find(given) is None


def test_the_line_that_archives_share_is_counted_by_each_for_itself(sites):
    inner, outer = sites
    events = inner.stream("蓝采薇每天爬多高的塔吊？", person="读者")
    next(events)
    held = [site.metrics.registry.get_sample_value("baowen_in_line") for site in sites]
    assert held == [1.0, 0.0]
    events.close()
    assert inner.metrics.registry.get_sample_value("baowen_in_line") == 0.0
    assert outer.history.usage(1) == []


def test_who_may_correct_and_not_add_corrects_texts_and_names(sites, settings):
    inner = settings.archives["内部"].model_copy(update={"correct": ("读者",)})
    settings = settings.model_copy(update={"archives": {**settings.archives, "内部": inner}})
    for site in sites:
        site.archive.settings = settings
    edit = {"action": "hide", "kind": "person", "name": "蓝采薇"}
    text = {"action": "correct", "article": "issues/2025-04-18/03.md#2", "original": "塔吊", "replacement": "塔机"}
    with TestClient(create_app(*sites)) as client:
        for who, status in (("读者", 200), ("编辑", 403), ("外人", 404)):
            headers = bearer(f"{who}:{who}的密码")
            assert client.post("/archives/内部/api/names/edits", json=edit, headers=headers).status_code == status, who
            told = client.post("/archives/内部/api/corrections", json=text, headers=headers)
            assert told.status_code in ((200, 202, 400) if status == 200 else (status,)), who
            added = client.post("/archives/内部/feed/files?name=a.md", content=b"x", headers=headers)
            assert added.status_code == {"读者": 403, "编辑": 200, "外人": 404}[who], who


def test_every_refused_guess_and_key_is_noted_and_no_flood_of_them(sites, monkeypatch):
    monkeypatch.setattr("rag.web.access.guesses._now", lambda: 1000.0)
    monkeypatch.setattr("rag.web.access.throttling._now", lambda: 1000.0)
    with TestClient(create_app(*sites), client=("10.0.0.7", 1)) as guesser:
        for number in range(40):
            guesser.get("/archives", headers=bearer(f"编辑:{number}"))
        assert guesser.get("/archives", headers=bearer("bw_none")).status_code == 401
    with TestClient(create_app(*sites), client=("10.0.0.8", 1)) as other:
        other.get("/archives", headers=bearer("bw_none"))
    lines = [entry for entry in sites[0].audit.entries() if entry["action"] == "login failed"]
    assert [entry.get("why") for entry in lines] == [None] * 5 + ["too many"] * 10 + ["wrong key"]
    assert "bw_none" not in str(lines)


def test_the_administrators_page_shows_what_can_be_read_and_says_what_cannot(sites, settings, monkeypatch):
    site, key = sites[0], Keys(settings.access.keys).add("a", "主管")
    edit = {"number": 1, "details": {"article": "某文#1"}}
    site.audit.note("added", "编辑", "10.0.0.1", file="01.md", articles=["新桥通车"])
    site.audit.note("text corrected", "校对", "10.0.0.1", edit=edit)
    site.audit.note("rolled back", "os:root", "command", snapshot="000001")
    with TestClient(create_app(*sites)) as client:
        page = client.get("/admin", headers=bearer("主管:主管的密码")).text
        assert all(said in page for said in ("01.md", "新桥通车", "某文#1", "校对"))

        def locked(*arguments):
            raise HistoryError("历史读写失败")

        monkeypatch.setattr(History, "usage", locked)
        assert client.get("/archives", headers=bearer(key)).json() == ["内部", "公开"]
        settings.access.keys.write_text("[")
        shown = client.get("/admin", headers=bearer("主管:主管的密码"))
        assert shown.status_code == 200
        assert "历史读写失败" in shown.text
        assert "无法读取密钥文件" in shown.text
        assert client.get("/archives", headers=bearer(key)).json() == ["内部", "公开"], "the keys last read stay"


def test_exports_are_noted_with_what_was_read(sites):
    headers = bearer("读者:读者的密码")
    with TestClient(create_app(*sites)) as client:
        found = client.get("/archives/内部/api/search", params={"q": "塔吊", "form": "ris"}, headers=headers)
        assert found.status_code == 200
        made = client.post("/archives/内部/api/kept/collections", json={"name": "塔吊"}, headers=headers).json()
        client.get(f"/archives/内部/api/kept/collections/{made['id']}/export", headers=headers)
    search, collection = [entry for entry in sites[0].audit.entries() if entry["action"] == "exported"]
    assert (search["who"], search["archive"], search["form"], search["snapshot"]) == ("读者", "内部", "ris", "000001")
    assert "question" not in search
    assert (collection["collection"], collection["articles"]) == (made["id"], 0)


def test_only_those_who_may_add_can(sites, archive):
    with pytest.raises(BaowenError, match="不能往这个馆藏添加"):
        sites[0].feed.publish(archive.articles(1))


def test_borrowed_models_are_the_lenders(sites):
    inner, outer = (site.archive for site in sites)
    assert outer.generator is inner.generator
    assert outer.pair is inner.pair
    assert isinstance(outer.pair, FakePairModel)
    assert outer.queue is inner.queue


def test_a_correction_in_a_further_archive_is_published(sites):
    further = sites[1].archive
    article = further.articles(1)[0]
    further.correct_text(article.id, article.body[:6], "改后的字", who="编辑")
    assert further.publish_corrections().changed == 1
    assert further.store.catalogue.article(article.id).body.startswith("改后的字")
