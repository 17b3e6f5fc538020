"""Every route, endpoint, tool and feed × everybody, over two archives: what is let in, and nothing else.

A route that is not in ``ways.py`` fails the test.
"""

import json
import re

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app import create_app
from index.build import build
from index.config import PassageSettings, Settings
from rag import Archive
from rag.alerts.shared import open_kept
from rag.web.access.login import Passwords, set_password
from rag.web.access.rights import Rights, may_add
from rag.web.history.history import History
from rag.web.several import Borrowing
from rag.web.sites.feed import Feed
from rag.web.sites.site import Site

from ...conftest import FakeEmbedder, FakeGenerator, opened
from ...serving.doors import JSON, tool_call
from .ways import ANYBODY, BESIDE, CALLS, MAY, WITHIN

SECRET = "霜降渡口"
PROXY = "10.9.9.9"


def archive_at(folder, place):
    """An issue of one page, with its picture."""
    issue = folder / place / "2031-05-06"
    issue.mkdir(parents=True)
    (issue / "01.md").write_text(f"# {place}\n\n本报讯（记者 甲乙）{place}昨日有68艘渡船。\n", encoding="utf-8")
    Image.new("RGB", (60, 80), "white").save(issue / "01.png")
    build([issue], folder / f"{place}馆", FakeEmbedder(), PassageSettings())
    return folder / f"{place}馆"


def sites_in(folder):
    inner, outer = archive_at(folder, SECRET), archive_at(folder, "春分集市")
    settings = Settings(
        embedder={"model": "fake"},
        search={"names": False},
        history=folder / "history.sqlite",
        kept=folder / "kept.sqlite",
        limits={"requests": 0, "calls": 0},
        archives={
            "内部": {"path": inner, "read": ANYBODY[2:], "add": ("编辑",), "correct": ("校对", "编辑")},
            "公开": {"path": outer},
        },
        access={"administrators": ("主管",), "header": "X-Remote-User", "proxies": (PROXY,)},
    )
    set_password(folder / "p.txt", "读者", "读者的密码")
    known, history = Passwords(folder / "p.txt"), History(settings.history)
    archive = opened(inner, settings, FakeEmbedder(), FakeGenerator("昨日有68艘渡船。"))
    beside = Borrowing(Archive.open(outer, settings), archive)
    allowed = may_add(Rights(settings.access, settings.archives), "内部")
    feed = Feed(folder / "added", inner, FakeEmbedder(), settings, allowed)
    first = Site(archive, history.of("内部"), known, feed, "内部")
    return first, Site(beside, history.of("公开"), known, None, "公开", models=first.models, workers=first.workers)


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    return sites_in(tmp_path_factory.mktemp("matrix"))


@pytest.fixture(scope="module")
def names(sites):
    """What the requests name: an article, its page's picture and an answer, all of the archive that is not public."""
    archive, history = sites[0].archive, sites[0].history
    answer = {"answer": SECRET, "kind": "answered", "refused": False, "question": "", "citations": [], "sentences": []}
    article = archive.articles(1)[0].id
    (picture,) = archive.store.catalogue.pictures(article)
    turn = history.add("读者", "c", "问", answer)
    return {"{article}": article.replace("#", "%23"), "{picture}": picture.image, "{turn}": turn.id}


@pytest.fixture(scope="module")
def app(sites):
    return create_app(*sites)


@pytest.fixture(scope="module")
def asked(app, names):
    """Makes a request as somebody, whom the proxy names."""
    with TestClient(app, client=(PROXY, 1), follow_redirects=False) as client:

        def ask(who, method, url, headers=(), **options):
            client.cookies.clear()
            for name, value in names.items():
                url = url.replace(name, value)
                options = (
                    json.loads(json.dumps(options).replace(name, value.replace("%23", "#")))
                    if "content" not in options
                    else options
                )
            named = {"X-Remote-User": who.encode()} if who else {}
            return client.request(method, url, headers=named | dict(headers), **options)

        yield ask


def inside(mounted):
    """The app with routes within whatever watches over it."""
    while not hasattr(mounted, "routes") and hasattr(mounted, "app"):
        mounted = mounted.app
    return mounted


def routes_of(app):
    """Each way of an app by method and path; of what is mounted there the path alone."""
    for route in app.routes if hasattr(app, "routes") else ():
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router)
        elif hasattr(route, "app") and not hasattr(route, "methods"):
            yield f"MOUNT {route.path}", inside(route.app)
        else:
            for method in (route.methods or {"GET", "POST"}) - {"HEAD", "OPTIONS"}:
                yield f"{method} {route.path}", None


def test_every_route_is_in_the_table(app):
    beside = dict(routes_of(app))
    assert beside.keys() == BESIDE.keys()
    assert dict(routes_of(beside["MOUNT /archives/内部"])).keys() == WITHIN.keys()
    assert dict(routes_of(beside["MOUNT /archives/公开"])).keys() <= WITHIN.keys()


def refused(asked, reply, who, method, url, **options):
    """Whether a reply tells nothing but that there is nothing for them."""
    if not who:
        return reply.status_code == 401
    if "/archives/内部/" in url and who not in MAY["read"]:
        absent = asked(who, method, url.replace("内部", "没有这个"), **options)
        return (reply.status_code, reply.text) == (404, absent.text)
    return reply.status_code in (403, 404)


@pytest.mark.parametrize("who", ANYBODY)
def test_each_way_lets_in_exactly_whom_it_should(asked, who):
    ways = BESIDE | {
        f"{way} of 内部": (right, f"/archives/内部/{url}", status, more)
        for way, (right, url, status, more) in WITHIN.items()
    }
    wrong = []
    for way, (right, url, status, options) in ways.items():
        method = way.split()[0].replace("MOUNT", "GET")
        reply = asked(who, method, url, **options)
        if who in MAY[right]:
            good = reply.status_code in (status if isinstance(status, tuple) else (status,))
        else:
            good = refused(asked, reply, who, method, url, **options)
        if not good or (SECRET in reply.text and who not in MAY["read"]):
            wrong.append((way, reply.status_code, reply.text[:80]))
    assert wrong == []


def test_another_archive_gives_nothing_of_it(asked):
    for who in ("外人", "读者"):
        for way, (_, url, _, options) in WITHIN.items():
            reply = asked(who, way.split()[0].replace("MOUNT", "GET"), f"/archives/公开/{url}", **options)
            assert reply.status_code < 500, way
            assert SECRET not in reply.text, way


def below(app, path=""):
    for way, mounted in routes_of(app):
        method, _, own = way.partition(" ")
        if method == "MOUNT":
            yield from below(mounted, path + own)
        else:
            yield method, path + own


def test_routes_of_gradio_are_for_readers_alone(app, asked):
    own = dict(routes_of(dict(routes_of(app))["MOUNT /archives/内部"]))
    gradios = [*below(own["MOUNT "]), *below(own["MOUNT /en"], "/en")]
    assert len(gradios) > 60
    for method, path in gradios:
        url = "/archives/内部" + re.sub(r"{[^}]*}", "x", path)
        for who in ("", "外人"):
            assert refused(asked, asked(who, method, url), who, method, url), (method, path, who)


@pytest.mark.parametrize("who", ANYBODY)
def test_endpoints_and_tools_are_for_readers(asked, who):
    ways = {
        name: ("POST", f"gradio_api/run/{name}", {"json": {"data": list(arguments.values())}})
        for name, arguments in CALLS.items()
    }
    ways |= {
        f"tool {name}": ("POST", "gradio_api/mcp/", {"json": tool_call(name, arguments), "headers": JSON})
        for name, arguments in CALLS.items()
    }
    for way, (method, path, options) in ways.items():
        url = f"/archives/内部/{path}"
        reply = asked(who, method, url, **options)
        if who in MAY["read"]:
            assert (reply.status_code, SECRET in told(reply)) == (200, True), (way, reply.text)
        else:
            assert refused(asked, reply, who, method, url, **options), way
            assert who == "" or SECRET not in told(asked(who, method, f"/archives/公开/{path}", **options)), way


def told(reply):
    """What is said, with characters in place of their escapes."""
    return re.sub(r"\\+u([0-9a-f]{4})", lambda escape: chr(int(escape[1], 16)), reply.text)


def test_every_endpoint_and_tool_is_in_the_table(asked):
    info = asked("读者", "GET", "/archives/内部/gradio_api/info").json()
    assert {name.strip("/") for name in info["named_endpoints"]} == CALLS.keys()
    tools = asked("读者", "GET", "/archives/内部/gradio_api/mcp/schema").json()
    assert {tool["name"] for tool in tools} == CALLS.keys()


@pytest.mark.parametrize("keeper", ANYBODY[1:])
def test_a_feed_shows_what_its_keeper_may_read(asked, sites, keeper):
    kept = open_kept(sites[0].archive.settings)
    secret = kept.open_feed(keeper, kept.save(keeper, sites[0].archive.search_all("渡船"), archive="内部").id)
    for who in ANYBODY:
        reply = asked(who, "GET", f"/feeds/{secret}")
        assert (reply.status_code, SECRET in reply.text) == ((200, True) if keeper in MAY["read"] else (404, False)), (
            who
        )
