import urllib.request

import pytest

from app import Chat, marked_pieces, page, serve
from index.build import build
from index.config import PassageSettings
from index.errors import BaowenError
from rag.results import Passage


@pytest.fixture
def chat(archive):
    return Chat(archive)


def test_a_question_is_answered_with_its_sources(chat, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    steps = list(chat.ask("蓝采薇每天爬多高的塔吊？", []))
    box, messages, sources = steps[-1]
    assert box == ""
    assert [m["role"] for m in messages] == ["user", "assistant"]
    assert messages[-1]["content"] == "蓝采薇每天要爬68米高的塔吊[1]。"
    assert "塔吊上的“绣花姑娘”" in sources
    assert "2025-04-18" in sources
    assert "第3版" in sources
    assert "<mark>" in sources
    assert "68米高的塔吊" in sources.split("<mark>")[1].split("</mark>")[0]


def test_sources_are_shown_before_the_model_speaks(chat, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    steps = chat.ask("蓝采薇每天爬多高的塔吊？", [])
    next(steps)
    _, messages, sources = next(steps)
    assert "绣花姑娘" in sources
    assert messages[-1]["content"] == chat.text["looking"]


def test_an_empty_question_asks_nothing(chat, generator):
    list(chat.ask("  ", []))
    assert generator.asked == []


def test_a_wrong_question_is_explained_and_kept_in_the_box(chat):
    box, messages, _ = list(chat.ask("问" * 2000, []))[-1]
    assert box == "问" * 2000
    assert "问题太长" in messages[-1]["content"]


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{7*7}}${7*7}"])
def test_markup_in_an_article_is_shown_as_text(archive, archive_folder, embedder, tmp_path, payload):
    (tmp_path / "bad.md").write_text(f"# 标题{payload}\n\n本报讯（记者 甲乙）正文{payload}。\n", encoding="utf-8")
    build([tmp_path / "bad.md"], archive_folder, embedder, PassageSettings(), keep_others=True)
    chat = Chat(archive)
    passage = next(p for p in archive.retrieve("标题 正文", k=200) if p.article.source.endswith("bad.md"))
    html = chat.sources([passage], [])
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("标题") == 1
    if "{{" in payload:
        assert "{{7*7}}${7*7}" in html


def test_markup_in_a_question_is_escaped_in_the_conversation(chat):
    _, messages, _ = list(chat.ask("<img src=x onerror=alert(1)>灯塔多高？", []))[-1]
    assert messages[0]["content"] == "&lt;img src=x onerror=alert(1)&gt;灯塔多高？"


def test_cited_words_are_marked_by_their_place_in_the_article(archive):
    passage = archive.retrieve("灯塔守护员", k=1)[0]
    assert isinstance(passage, Passage)
    pieces = marked_pieces(passage, [(passage.start + 2, passage.start + 5)])
    assert "".join(piece["text"] for piece in pieces) == passage.text
    assert [piece["text"] for piece in pieces if piece["cited"]] == [passage.text[2:5]]


def test_examples_come_from_the_archive(chat):
    titles = {article.title for article in chat.archive.articles(100)}
    examples = [example for (example,) in chat.examples()]
    assert 3 <= len(examples) <= 4
    assert all(any(title in example for title in titles) for example in examples)


def test_the_page_is_built(chat):
    blocks = page(chat)
    assert blocks.title == "报问"


def test_the_page_is_served_without_asking_any_other_host(chat):
    """The network is closed in tests: a look-up of fonts, versions or statistics would fail here."""
    blocks = page(chat)
    try:
        _, url, _ = blocks.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, ssr_mode=False)
        with urllib.request.urlopen(url, timeout=10) as reply:
            html = reply.read().decode()
    finally:
        blocks.close()
    assert "报问" in html
    assert "fonts.googleapis.com" not in html


def test_a_bad_login_is_refused(archive):
    with pytest.raises(BaowenError, match="用户:密码"):
        serve(archive, "127.0.0.1", 7860, auth="nobody")
