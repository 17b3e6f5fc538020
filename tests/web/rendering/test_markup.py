"""Markup in headlines, articles, names and questions is text: a browser would see no tag but those we write."""

import json
import re
from html.parser import HTMLParser

import pytest

from index.build import build
from index.config import PassageSettings
from rag.web.chat.chat import Chat, Narrowed
from rag.web.gradio_page.welcome import Example, FrontPage
from rag.web.history.history import History
from rag.web.rendering.render import Renderer
from rag.web.sites.feed import Recognised
from rag.web.sites.site import Site
from rag.web.views.browsing import calendar_view, issue_view, overview_view, recognised_view
from rag.web.views.overview import overview
from rag.web.views.search_view import SearchAsked
from rag.web.views.search_view import view as search_view

PAYLOADS = """
<script>alert(1)</script>
<img src=x onerror=alert(1)>
<svg/onload=alert(1)>
<iframe src=javascript:alert(1)>
<a href='javascript:alert(1)'>x</a>
<body onload=alert(1)>
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)>
<math><mi xlink:href='javascript:alert(1)'>
<style>@import 'http://x.example'</style>
<link rel=stylesheet href=http://x.example>
<meta http-equiv=refresh content='0;url=http://x.example'>
<base href=http://x.example>
<form action=http://x.example><input type=submit>
<object data=http://x.example>
<embed src=http://x.example>
</p></div><script>alert(1)</script>
" onmouseover="alert(1)
' onfocus='alert(1)' autofocus='
`${alert(1)}`
${alert(1)}
{{7*7}}
{% raw %}{{x}}
[x](javascript:alert(1))
![x](http://x.example/a.png)
<<script>script>alert(1)<</script>/script>
<scr<script>ipt>alert(1)</scr</script>ipt>
&lt;script&gt;alert(1)&lt;/script&gt;
\\u003cscript\\u003ealert(1)
%3Cscript%3Ealert(1)%3C/script%3E
＜script＞alert(1)＜/script＞
<ScRiPt>alert(1)</ScRiPt>
<img/src=x/onerror=alert(1)>
<x onclick=alert(1)>点我
<button onclick=alert(1)>点</button>
<input autofocus onfocus=alert(1)>
<select onchange=alert(1)><option>1
<textarea onfocus=alert(1) autofocus>
<marquee onstart=alert(1)>
<audio src onerror=alert(1)>
<template><script>alert(1)</script></template>
<noscript><p title='</noscript><img src=x onerror=alert(1)>'>
<!--><script>alert(1)</script>-->
<![CDATA[<script>alert(1)</script>]]>
<?xml version='1.0'?><script>alert(1)</script>
javascript:alert(1)
data:text/html,<script>alert(1)</script>
vbscript:msgbox(1)
<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>
<div style='background:url(http://x.example)'>
<span data-trigger=click class=cite>1</span>
<a class=cite href=/logout>1</a>
[1]<a class='cite' href='//x.example'>[2]</a>
@import url(http://x.example);
'; DROP TABLE turns; --
../../../../etc/passwd
$(document).ready(alert)
<thinking>alert(1)</thinking>
$$\\href{javascript:alert(1)}{x}$$
<script>​alert(1)</script>
<p onclick=alert(1)>段</p>
<mark onmouseover=alert(1)>标</mark>
""".strip().splitlines()
OURS = (
    "details summary article section header h2 h3 p span a mark ul li ol blockquote nav div table caption "
    "tbody tr th td form input label button thead svg use b strong select option"
)
ATTRIBUTES = (
    "class href title lang aria-label scope style type name value maxlength required placeholder action method role "
    "aria-current aria-hidden aria-pressed data-turn data-question data-act data-conversation data-batch data-talk "
    "data-part focusable download hidden id checked size tabindex selected rel"
)


class Seen(HTMLParser):
    """The tags, attributes and addresses that a browser would see."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.addresses = set(), set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.addresses |= {value for name, value in attributes if name in ("href", "src", "action")}


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_markup_is_text_wherever_it_comes_from(archive, archive_folder, embedder, generator, tmp_path, payload):
    assert len(PAYLOADS) >= 60
    generator.reply = f"海边图书馆正文{payload}。"
    named = dict.fromkeys(("kicker", "subtitle", "paper", "section"), payload)
    record = {"id": f"bad-{payload}", "title": f"标题{payload}", **named, "reporters": [payload], "date": "2025-04-18"}
    record["text"] = f"海边图书馆正文{payload}。{payload}说，{payload}"
    (tmp_path / "bad.jsonl").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    build([tmp_path / "bad.jsonl"], archive_folder, embedder, PassageSettings(), keep_others=True)
    site = Site(archive, History(tmp_path / "history.sqlite"))
    chat = Chat(site, "zh")
    screens = list(chat.ask(f"海边图书馆 {payload}", "c", "甲", Narrowed()))
    site.history.rename("甲", "c", payload)
    (turn,) = site.history.turns("甲", "c")
    catalogue = archive.store.catalogue
    article = catalogue.article(record["id"])
    assert article is not None
    render = Renderer("zh")
    start = {"examples": [Example("summary", payload)], "front": FrontPage(payload, "", None, (article,))}
    shown = [
        render.article(article, 0, 5),
        issue_view(render, catalogue, "2025-04-18"),
        calendar_view(render, catalogue, payload),
        search_view(render, SearchAsked(q=payload), problem=payload),
        search_view(render, SearchAsked(q="海边图书馆"), archive.search_all("海边图书馆")),
        recognised_view(render, Recognised((article,), (payload,)), payload),
        render.shared(turn, {1: "changed"}),
        render.problem(payload),
        chat.talks("c", "甲"),
        chat.talks(payload, "甲", payload),
        render.render("welcome.html", holdings=payload, may_add=True, **start),
        overview_view(render, overview(archive.store, payload)),
        *(message["content"] for screen in screens for message in screen.messages),
    ]
    assert "badge" in screens[-1].messages[-1]["content"]
    for html in shown:
        seen = Seen(html)
        assert seen.tags <= set(OURS.split())
        assert seen.attributes <= set(ATTRIBUTES.split())
        assert [a for a in seen.addresses if not re.match(r"/(?!/)|#icon-", a)] == []


def test_a_question_is_escaped_in_the_conversation(archive, tmp_path):
    chat = Chat(Site(archive, History(tmp_path / "history.sqlite")), "zh")
    first = next(iter(chat.ask("<img src=x onerror=alert(1)>灯塔多高？", "c", "甲", Narrowed())))
    assert '<p class="said">&lt;img src=x onerror=alert(1)&gt;灯塔多高？</p>' in first.messages[0]["content"]
