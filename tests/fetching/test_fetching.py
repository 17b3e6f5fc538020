"""Editions are fetched politely, once, and into the folder alone; a build then reads them."""

import re
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError
from index.fetching import crawl, fetch, site
from index.fetching.edition import Edition, file_of
from index.sources import find_sources
from rag import Archive, cli

from ..conftest import ROOT

DAY = date(2025, 4, 18)
FERRY = "渡口的第一班船清早六点开，船工乔砚田已在甲板上扫了一遍露水。" * 3
BRIDGE = "老桥的栏杆换成了青石，石匠们在桥头忙了四十天。" * 3
KILN = "窑厂旧址改成了陶艺馆，周末有两百多人来捏泥坯。" * 3
PICTURE = b"\xff\xd8\xff\xe0 a picture"


class Server(ThreadingHTTPServer):
    """A site made up of ``pages``: path → body, or a list of replies (status, headers, body), the last for good."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.asked, self.agents = {}, [], set()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.agents.add(self.headers["User-Agent"])
        reply = self.server.pages.get(self.path, (404, {}, "没有"))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        status, headers, body = reply if isinstance(reply, tuple) else (200, {}, reply)
        data = body.encode() if isinstance(body, str) else body
        kind = "text/plain" if self.path == "/robots.txt" else "text/html" if isinstance(body, str) else "image/jpeg"
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = "Content-Length" in headers  # said wrongly on purpose

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


class Waits(list):
    """How long it was to wait, without waiting."""

    def __call__(self, seconds):
        self.append(seconds)


def with_image_maps(day="2025-04/18", paper="jzrb"):
    """An e-paper whose pages are pictures with areas to click; an article tells its date in a comment."""
    below = f"/{paper}/html/{day}"
    pages = {}
    for number, (name, text) in enumerate({"渡口晨船": FERRY, "老桥换栏": BRIDGE}.items(), 1):
        pages[f"{below}/node_{number}.htm"] = (
            "<html><head><title>江州日报</title><script src=/tools.js></script></head><body>"
            f"<img src='../../../images/{day}/0{number}/p.jpg' usemap='#m'><img src='/advertisement.jpg'>"
            f"<map name=m><area shape=poly href='content_{number}.htm'></map>"
            f"<a href=node_1.htm>1</a><a href='node_2.htm#top'>2</a><a href='content_{number}.htm?div=-1'>{name}</a>"
            "<a href='../../2025-04/17/node_1.htm'>昨天</a><a href='/other/html/2025-04/18/node_1.htm'>别的报</a>"
            f"<a href='http://elsewhere.invalid{below}/content_9.htm'>转载</a></body></html>"
        )
        pages[f"{below}/content_{number}.htm"] = (
            f"<html><head><meta charset=utf-8><title>{name}</title></head><body>"
            f"<!--enpproperty <date>{day.replace('/', '-')} 00:00:00</date><title>{name}</title>"
            f"<nodename>第0{number}版：城事</nodename> /enpproperty--><div>第0{number}版：城事</div>"
            f"<founder-title>{name}</founder-title><founder-content><p>　　{text}</p></founder-content>"
            f"<a href=node_{number}.htm>返回</a></body></html>"
        )
        pages[f"/{paper}/images/{day}/0{number}/p.jpg"] = PICTURE
    return pages


def with_lists():
    """An e-paper with pages and articles in folders of their own; an article prints its date and page."""
    return {
        "/wb/layout/202504/18/node_A01.html": "<html><body><img src='../../../pic/202504/18/A01.jpg'>"
        "<ul><li><a href='..\\..\\..\\content/202504/18/content_7001.html'>窑厂新生</a></li></ul></body></html>",
        "/wb/content/202504/18/content_7001.html": "<html><head><title>窑厂新生</title></head><body>"
        f"<h1>窑厂新生</h1><div>江州晚报 2025年4月18日 第3版</div><p>　　{KILN}</p></body></html>",
        "/wb/pic/202504/18/A01.jpg": PICTURE,
    }


FIRST = "/jzrb/html/2025-04/18/node_1.htm"


def files(folder: Path):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def bodies(folder):
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def fetched(server, tmp_path):
    """Fetch into tmp_path / issues without waiting."""

    def run(path=FIRST, *days, sleep=None, **options):
        return fetch(
            server.address + path, tmp_path / "issues", *days, sleep=Waits() if sleep is None else sleep, **options
        )

    return run


def test_fetched_editions_are_built(server, fetched, tmp_path, embedder, settings):
    server.pages |= with_image_maps() | with_lists()
    first, second = fetched(), fetched("/wb/layout/202504/18/node_A01.html")
    assert (first.days, first.pages, first.images, first.failed) == (1, 4, 2, 0)
    assert (second.days, second.pages, second.images, second.failed) == (1, 2, 1, 0)
    report = build([tmp_path / "issues"], tmp_path / "archive", embedder, PassageSettings())
    assert (report.articles, report.problems) == (3, [])
    archive = Archive.open(tmp_path / "archive", settings)
    archive.embedder = embedder
    found = {p.article.title: p.article for q in (FERRY, BRIDGE, KILN) for p in archive.retrieve(q, 3)}
    assert {title: (a.date, a.page, a.body) for title, a in found.items()} == {
        "渡口晨船": ("2025-04-18", 1, FERRY),
        "老桥换栏": ("2025-04-18", 2, BRIDGE),
        "窑厂新生": ("2025-04-18", 3, KILN),
    }


def test_only_the_edition_is_asked_for_each_page_once(server, fetched, tmp_path):
    server.pages |= with_image_maps() | with_image_maps(paper="other") | with_image_maps("2025-04/17")
    fetched()
    assert sorted(server.asked) == sorted(["/robots.txt", *with_image_maps()])
    assert files(tmp_path / "issues") == [
        "content_1.htm",
        "content_2.htm",
        "node_1.htm",
        "node_2.htm",
        "p.jpg",
        "p.jpg",
    ]
    assert {re.fullmatch(r"Baowen/\d[\w.]*", agent) is not None for agent in server.agents} == {True}


def test_pictures_are_kept_where_a_build_does_not_read_them(server, fetched, tmp_path):
    server.pages |= with_image_maps()
    fetched()
    assert len(find_sources([tmp_path / "issues"]).files) == 4
    assert len(find_sources([tmp_path / "issues" / crawl.IMAGES]).files) == 2


def test_robots_txt_is_obeyed(server, fetched):
    server.pages |= with_image_maps()
    server.pages["/robots.txt"] = "User-agent: *\nDisallow: /*content_2\nDisallow: /jzrb/images/\nCrawl-delay: 7000\n"
    waits = Waits()
    done = fetched(sleep=waits)
    assert (done.pages, done.images, done.failed) == (3, 0, 3)
    assert [path for path in server.asked if "content_2" in path or "images" in path] == []
    assert len(waits) == len(server.asked) - 1
    assert min(waits) > 6000


@pytest.mark.parametrize(
    ("robots", "message"),
    [("User-agent: Baowen\nDisallow: /jzrb/\n", "robots.txt 不允许"), ((500, {}, "x"), "robots.txt|无法连接")],
)
def test_a_site_that_forbids_or_cannot_say_is_left_alone(server, fetched, robots, message):
    server.pages |= with_image_maps()
    server.pages["/robots.txt"] = robots
    with pytest.raises(BaowenError, match=message):
        fetched()
    assert set(server.asked) == {"/robots.txt"}


def test_there_is_a_pause_between_requests(server, fetched):
    server.pages |= with_image_maps()
    waits = Waits()
    fetched(sleep=waits, rate=0.001)  # so slow that a slow machine changes nothing
    assert len(waits) == len(server.asked) - 1
    assert all(900 < wait <= 1000 for wait in waits)


def test_an_interrupted_run_goes_on_and_asks_only_for_what_is_missing(server, fetched, tmp_path):
    server.pages |= with_image_maps()

    class Interrupted(Waits):
        def __call__(self, seconds):
            super().__call__(seconds)
            if len(self) == 4:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetched(sleep=Interrupted())
    before, server.asked = server.asked, []
    assert set(bodies(tmp_path / "issues")) <= {
        body if isinstance(body, bytes) else body.encode() for body in server.pages.values()
    }
    done = fetched()
    assert (len(before), done.kept, done.pages + done.images) == (4, 3, 3)
    assert set(before) & set(server.asked) == {"/robots.txt"}
    server.asked = []
    assert (fetched().kept, server.asked) == (6, [])


def test_nothing_is_left_half_written(server, fetched, tmp_path, monkeypatch):
    server.pages |= with_image_maps()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(crawl.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetched()
    assert files(tmp_path / "issues") == []


def test_a_reply_that_breaks_off_is_asked_for_again(server, fetched):
    server.pages |= with_image_maps()
    whole = server.pages[FIRST]
    server.pages[FIRST] = [(200, {"Content-Length": "99999"}, whole), (200, {}, whole)]
    assert fetched().pages == 4
    assert server.asked.count(FIRST) == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "after", ["42", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=42.9), usegmt=True)]
)
def test_a_busy_site_is_asked_again_when_it_says(server, fetched, status, after):
    server.pages |= with_image_maps()
    busy = (status, {"Retry-After": after if isinstance(after, str) else after()}, "忙")
    server.pages["/jzrb/html/2025-04/18/content_1.htm"] = [busy, (200, {}, "<html><p>好了</p></html>")]
    waits = Waits()
    assert fetched(sleep=waits).failed == 0
    assert [wait for wait in waits if 20 < wait < 43] != []


@pytest.mark.parametrize(("after", "tries"), [("1", 4), ("86400", 1)])
def test_a_site_that_stays_busy_is_left_alone(server, fetched, after, tries):
    server.pages |= with_image_maps()
    server.pages["/jzrb/html/2025-04/18/node_2.htm"] = (503, {"Retry-After": after}, "忙")
    with pytest.raises(BaowenError, match="网站要求少来"):
        fetched()
    assert server.asked.count("/jzrb/html/2025-04/18/node_2.htm") == tries


def test_a_page_that_fails_is_passed_over_a_site_that_fails_is_left(server, fetched):
    server.pages |= with_image_maps()
    server.pages["/jzrb/html/2025-04/18/content_1.htm"] = (403, {}, "不行")
    assert (fetched().failed, fetched().pages) == (1, 0)
    links = "".join(f"<a href=content_{number}.htm>{number}</a>" for number in range(30, 50))
    server.pages["/jzrb/html/2025-04/19/node_1.htm"] = f"<html>{links}</html>"
    server.pages |= {f"/jzrb/html/2025-04/19/content_{number}.htm": (403, {}, "不行") for number in range(30, 50)}
    with pytest.raises(BaowenError, match="连续 5 次"):
        fetched("/jzrb/html/2025-04/19/node_1.htm")


@pytest.mark.parametrize("target", ["http://elsewhere.invalid/a.htm", "http://127.0.0.1:9/a.htm", "//10.0.0.1/a.htm"])
def test_a_redirect_to_another_site_is_not_followed(server, fetched, target):
    server.pages |= with_image_maps()
    server.pages["/jzrb/html/2025-04/18/content_1.htm"] = (302, {"Location": target}, "")
    done = fetched()  # conftest refuses any connection beyond this machine
    assert (done.pages, done.failed) == (3, 1)


def test_a_redirect_within_the_edition_is_followed(server, fetched, tmp_path):
    server.pages |= with_image_maps()
    server.pages["/jzrb/html/2025-04/18/"] = (302, {"Location": "node_1.htm"}, "")
    assert fetched("/jzrb/html/2025-04/18/").failed == 0
    assert "index.htm" in files(tmp_path / "issues")


def test_days_are_fetched_one_after_the_other_and_missing_ones_said(server, fetched, caplog):
    caplog.set_level("INFO")
    server.pages |= with_image_maps() | with_image_maps("2025-04/20")
    server.pages["/jzrb/html/2025-04/21/node_1.htm"] = "<html><p>页面不存在</p></html>"
    server.pages["/jzrb/html/2025-04/22/node_1.htm"] = (302, {"Location": "/"}, "")
    done = fetched(FIRST, DAY, date(2025, 4, 22))
    assert (done.days, done.missing_days, done.pages) == (2, 3, 8)
    said = [line for line in caplog.messages if "没有出报" in line]
    assert [line[:10] for line in said] == ["2025-04-19", "2025-04-21", "2025-04-22"]


def test_no_edition_at_all_is_an_error(fetched):
    with pytest.raises(BaowenError, match="没有取到任何一期"):
        fetched()


def test_a_limit_ends_a_run_and_the_next_goes_on(server, fetched):
    server.pages |= with_image_maps()
    assert fetched(limit=4).pages == 3
    assert len(server.asked) == 4
    assert fetched().pages == 1


def test_a_page_that_is_too_large_is_not_kept(server, fetched, monkeypatch):
    server.pages |= with_image_maps()
    server.pages["/jzrb/html/2025-04/18/content_1.htm"] = "<html>" + "字" * 5000
    monkeypatch.setattr(site, "MAX_BYTES", 10_000)
    done = fetched()
    assert (done.pages, done.failed) == (3, 1)


def test_names_stay_in_the_folder(server, fetched, tmp_path):
    below = "/jzrb/html/2025-04/18/"
    ways_up = [below + "..%2f" * 9 + "up.htm", below + "%2e%2e%5c%2e%2e%5cback.htm", below + ".hidden.htm"]
    links = "".join(f"<a href='{way}'>x</a>" for way in ways_up)
    server.pages[FIRST] = f"<html>{links}</html>"
    server.pages |= dict.fromkeys(ways_up, "<html><p>文</p></html>")
    fetched()
    kept = files(tmp_path / "issues")
    assert len(kept) == 4
    assert files(tmp_path) == kept
    assert [name for name in kept if name.startswith(".")] == []


def test_a_link_in_the_folder_leads_nowhere(server, fetched, tmp_path):
    server.pages |= with_image_maps()
    (tmp_path / "issues").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "issues" / f"127.0.0.1_{server.server_port}").symlink_to(tmp_path / "outside")
    with pytest.raises(BaowenError, match="指到文件夹以外"):
        fetched()
    assert files(tmp_path / "outside") == []


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("http://a.cn/jzrb/html/2025-04/18/node_2.htm", "http://a.cn/jzrb/html/2024-12/31/node_2.htm"),
        ("http://a.cn/20250418/1.html", "http://a.cn/20241231/1.html"),
        ("http://a.cn/layout/202504/18/node_01.html", "http://a.cn/layout/202412/31/node_01.html"),
        (
            "http://a.cn/h/2025-04/18/nw.D110000jzrb_20250418_1-01.htm",
            "http://a.cn/h/2024-12/31/nw.D110000jzrb_20241231_1-01.htm",
        ),
        ("http://a.cn/2025/04/18/c_20250101_1.htm", "http://a.cn/2024/12/31/c_20250101_1.htm"),
    ],
)
def test_another_day_s_address(address, there):
    edition = Edition.at(address)
    assert edition.day == DAY
    assert edition.on(date(2024, 12, 31)) == Edition(there, date(2024, 12, 31))


@pytest.mark.parametrize(
    ("address", "is_held"),
    [
        ("http://a.cn/rb/content/202504/18/content_1.html", True),
        ("https://a.cn/rb/layout/2025-04/18/x.html", True),
        ("http://a.cn/rb/layout/202504/17/node_01.html", False),
        ("http://a.cn/wb/layout/202504/18/node_01.html", False),
        ("http://a.cn/layout/202504/18/node_01.html", False),
        ("http://a.cn:8080/rb/layout/202504/18/node_02.html", False),
        ("http://a.cn.b.cn/rb/layout/202504/18/node_02.html", False),
        ("http://a.cn/rb/layout/node_02.html", False),
    ],
)
def test_what_belongs_to_an_edition(address, is_held):
    assert Edition.at("http://a.cn/rb/layout/202504/18/node_01.html").holds(address) is is_held


def test_different_addresses_have_different_names():
    below = "http://a.cn/2025-04/18/"
    names = [below, *(below + name for name in ("a%2Fb.htm", "a%5Cb.htm", "a_b.htm", "%B1%A8.htm", "%D6%BD.htm"))]
    names.append(below + "x" * 300 + ".htm")
    kept = [file_of(name) for name in names]
    assert len({str(path).lower() for path in kept}) == len(names)
    assert all(len(path.parts) == 4 and len(path.name) < 100 and path.suffix == ".htm" for path in kept)


# The command


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["baowen", "fetch", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return stopped.value.code, captured.out, captured.err

    return run


def test_the_command_fetches(run, server, tmp_path, monkeypatch):
    monkeypatch.setattr("index.fetching.site.EPaperSite._pause", lambda _: None)
    server.pages |= with_image_maps()
    address = server.address + FIRST
    status, out, _ = run(address, "--until", "2025-04-19", "--to", tmp_path / "there")
    assert (status, len(files(tmp_path / "there"))) == (0, 6)
    assert "取回 4 页、2 张版面图" in out
    assert "1 天没有出报" in out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["ftp://a.cn/2025-04/18/node_1.htm"], 1, "不是网页地址"),
        (["http://[::1/2025-04/18/node_1.htm"], 1, "不是网页地址"),
        (["http://a.cn/index.htm"], 1, "地址里没有日期"),
        (["http://127.0.0.1:9/2025-04/18/node_1.htm"], 1, "无法连接"),
        ([], 2, "URL"),
        (["http://a.cn/2025-04/18/1.htm", "--since", "yesterday"], 2, "--since"),
        (["http://a.cn/2025-04/18/1.htm", "--rate", "0"], 2, "--rate"),
        (["http://a.cn/2025-04/18/1.htm", "--since", "2025-04-20", "--until", "2025-04-19"], 2, "晚于"),
    ],
)
def test_what_cannot_be_fetched_is_said_in_a_line(run, arguments, status, message, tmp_path):
    to = ["--to", tmp_path] if status == 1 else []
    code, out, err = run(*arguments, *to)
    assert (code, out) == (status, "")
    assert message in err
    assert len(err.splitlines()) == 1 or status == 2


def test_nothing_else_in_the_product_fetches():
    sources = [ROOT / "app.py", *(ROOT / "index").rglob("*.py"), *(ROOT / "rag").rglob("*.py")]
    callers = [
        str(path.relative_to(ROOT))
        for path in sources
        if path.parent.name != "fetching"
        and re.search(r"fetching\b.*\bimport|import .*\bfetching\b|\bhttpx\.", path.read_text())
    ]
    asked_for = {"rag/cli/pages.py", "index/models/mirror.py", "rag/alerts/sending.py"}  # fetch; a mirror; webhooks
    assert set(callers) == asked_for
