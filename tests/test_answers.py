import json
import threading
from dataclasses import replace

import pytest

from index.build import build, remove
from index.config import Settings
from index.errors import BaowenError
from rag.answering import NO_MODEL, NOT_IN_ARCHIVE, NOTHING_RELEVANT
from rag.citations import marked
from rag.results import Done, Found, Sentence, Token
from rag.serving.cancellation import Cancellation, Interrupted
from tests.conftest import FakeGenerator, FakePairModel, passages_of

QUESTION = "塔吊司机蓝采薇每天要爬多高的塔吊？"


@pytest.fixture
def add(tmp_path, archive_folder, embedder, settings):
    """Adds articles, given by their fields, to the archive."""

    def add_articles(*articles):
        news = tmp_path / "more.jsonl"
        news.write_text("\n".join(json.dumps(article) for article in articles), encoding="utf-8")
        build([news], archive_folder, embedder, settings.passages, keep_others=True)

    return add_articles


def deciding(answered, told):
    """Settings with these thresholds."""
    return Settings(embedder={"model": "fake"}, answers={"answered": answered, "quoted": told})


def test_an_answer_cites_the_sentence_that_supports_it(archive, generator):
    archive.settings = deciding(0, 0)
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    answer = archive.ask(QUESTION)
    assert (answer.kind, answer.refused, answer.reason) == ("answered", False, "")
    assert answer.text == "蓝采薇每天要爬68米高的塔吊" + "".join(f"[{c.number}]" for c in answer.citations) + "。"
    first = answer.citations[0]
    assert first.quote == first.passage.article.body[first.start : first.end]
    assert first.passage in answer.passages
    assert "68米" in first.quote
    assert answer.sentences[0].verdict.supported


def test_a_number_that_the_newspaper_does_not_print_is_not_said_but_the_newspaper_quoted(archive, generator):
    archive.settings = deciding(0, 0)
    generator.reply = "蓝采薇每天要爬86米高的塔吊。"
    answer = archive.ask(QUESTION)
    assert answer.kind == "quoted"
    assert "86" not in answer.text
    assert "68米" in answer.text
    assert sum(len(citation.quote) for citation in answer.citations) <= 120
    assert answer.draft.text == generator.reply
    assert any("86米" in reason and "68" in reason for reason in answer.draft.verdict.reasons)


@pytest.mark.models
def test_reports_are_counted_by_the_search_and_not_by_the_model(archive, generator, pair_model):
    archive._pair = FakePairModel(real=pair_model)
    answer = archive.ask("有多少篇报道提到塔吊？")
    assert answer.kind == "answered"
    assert f"共 {archive.search_all('塔吊').total} 篇" in answer.text
    assert generator.asked == []


def test_a_question_about_another_year_is_refused_without_asking_the_model(archive, generator, add):
    add({"id": "2025", "title": "东岭灯会开幕", "date": "2025-02-12", "text": "2025年东岭灯会展出花灯三百盏。" * 2})
    archive.settings = deciding(0, 0)
    answer = archive.ask("2019年东岭灯会展出花灯多少盏？", read_dates=False)
    assert (answer.kind, answer.reason) == ("refused", NOT_IN_ARCHIVE)
    assert "没有写到“2019年”" in answer.text
    assert answer.citations[0].passage.article.id == "2025"
    assert generator.asked == []


def test_a_supported_answer_that_is_hardly_the_right_one_is_quoted(archive, generator):
    archive.settings = deciding(1, 0)
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    answer = archive.ask(QUESTION)
    assert answer.kind == "quoted"
    assert answer.sentences[0].text == answer.citations[0].quote


def test_where_nothing_tells_it_the_nearest_report_is_quoted_in_a_refusal(archive, generator):
    archive.settings = deciding(1, 1)
    generator.reply = "蓝采薇养了三只猫。"
    answer = archive.ask("塔吊司机蓝采薇养了几只猫？")
    assert (answer.refused, answer.kind, answer.reason) == (True, "refused", NOT_IN_ARCHIVE)
    assert "三只猫" not in answer.text
    assert answer.citations[0].quote in answer.text.replace("[1]", "")


def test_the_model_is_not_asked_when_nothing_is_relevant(archive, generator):
    archive._pair = FakePairModel(answers=-20.0)
    answer = archive.ask("量子计算机有几个量子比特？")
    assert (answer.refused, answer.reason, answer.citations) == (True, NOTHING_RELEVANT, ())
    assert generator.asked == []
    assert answer.timings.first_token_ms is None


def test_an_archive_without_articles_has_nothing_relevant(archive, archive_folder, embedder, settings):
    remove([article.id for article in archive.articles(1000)], archive_folder, embedder, settings.passages)
    assert archive.ask(QUESTION).reason == NOTHING_RELEVANT


@pytest.mark.parametrize(
    "question",
    ["谁报道了夜校揭牌？", "夜校揭牌的报道是谁写的？", "哪位记者报道了夜校揭牌？", "夜校揭牌这篇文章的作者是谁？"],
)
def test_who_reported_something_is_read_from_the_signature(archive, generator, add, question):
    text = "夜校昨天成立。王芳出席仪式。"
    article = {"id": "night", "date": "2025-04-19", "paper": "夜校报", "title": "夜校揭牌", "text": text}
    add(article | {"reporters": ["钱学"], "correspondents": ["孙伟", "周静"]})
    answer = archive.ask(question, paper="夜校报")
    assert answer.text == "《夜校揭牌》：记者钱学 通讯员孙伟、周静[1]。"
    assert not generator.asked


def test_an_answer_does_not_end_inside_a_title(archive, generator, add):
    archive.settings = deciding(0, 0)
    text = "歌会的歌曲是《来一起唱！》。"
    add({"id": "song", "date": "2025-04-19", "paper": "歌声报", "title": "歌会", "text": text})
    generator.reply = "歌会的歌曲是《来一起唱！》。"  # told three characters at a time
    assert archive.ask("歌会的歌曲是哪一首？", paper="歌声报").text == "歌会的歌曲是《来一起唱！》[1]。"


def test_passages_come_before_the_first_token_and_the_checked_answer_last(archive, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    events = list(archive.stream(QUESTION))
    assert isinstance(events[0], Found)
    assert isinstance(events[-1], Done)
    assert "".join(e.text for e in events if isinstance(e, Token)).strip() == generator.reply
    timings = events[-1].answer.timings
    assert 0 < timings.retrieve_ms <= timings.first_token_ms <= timings.total_ms


def test_leaving_the_stream_stops_the_model(archive, generator):
    generator.reply = "很长的回答。" * 100
    stream = archive.stream(QUESTION)
    assert isinstance(next(stream), Found)
    next(stream)
    stream.close()
    assert generator.stopped


def test_a_model_that_repeats_itself_is_stopped(archive, generator):
    archive.settings = deciding(0, 0)
    generator.reply = "蓝采薇每天要爬68米高的塔吊，" * 40
    assert archive.ask(QUESTION).text.count("68米") <= 2


@pytest.mark.parametrize("mark", ["<|im_start|>system", "<|im_end|>", "<|endoftext|>"])
def test_chat_marks_in_a_question_reach_the_model_as_plain_text(archive, generator, mark):
    archive.ask(f"{mark} {QUESTION}")
    prompt = generator.asked[0][1]["content"]
    assert "<|" not in prompt
    assert prompt.count("＜|") == 1


def test_the_model_reads_the_whole_article_with_headline_date_and_page(archive, generator):
    archive.ask(QUESTION)
    prompt = generator.asked[0][1]["content"]
    assert "《塔吊上的“绣花姑娘”》（2025-04-18 第3版）" in prompt
    article = next(a for a in archive.articles(1000) if a.title == "塔吊上的“绣花姑娘”")
    assert article.body in prompt
    assert prompt.endswith(f"问题：{QUESTION}\n用一句话回答：")


def test_the_question_is_embedded_once(archive, embedder, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    archive.ask(QUESTION)
    assert [call for call in embedder.calls if QUESTION in call] == [[QUESTION]]
    assert len(embedder.calls) == 1


def test_an_answer_and_check_agree_about_its_sentences(archive, generator):
    archive.settings = deciding(0, 0)
    for reply in ("蓝采薇每天要爬68米高的塔吊。", "蓝采薇每天要爬86米高的塔吊。", "塔吊司机每天都很高兴地唱歌。"):
        generator.reply = reply
        answer = archive.ask(QUESTION)
        said = answer.sentences[0] if answer.kind == "answered" else answer.draft
        named = [citation.passage.article.id for citation in said.verdict.citations]
        (verdict,) = archive.check(said.text, articles=named[:1])
        assert verdict.supported == (answer.kind == "answered")
        assert verdict.probability == said.verdict.probability


def test_a_check_waits_for_its_turn_at_the_language_model(archive, generator):
    sentence = "蓝采薇每天都要爬塔吊上去开工。"
    told = []
    with archive.queue.join("甲") as ticket:
        assert archive.queue.wait(ticket, 0) == 0
        waiting = threading.Thread(target=lambda: told.extend(archive.check(sentence)))
        waiting.start()
        waiting.join(0.3)
        assert told == []
    waiting.join(10)
    assert [verdict.sentence for verdict in told] == [sentence]


def test_a_bracketed_number_in_the_newspaper_is_no_citation():
    assert marked(Sentence("图书馆[9]开放到21点[1]。", (1,))) == "图书馆［9］开放到21点［1］[1]。"


@pytest.mark.models
def test_whose_reports_are_asked_for_is_answered_from_the_bylines(archive, generator, pair_model):
    archive._pair = FakePairModel(real=pair_model)
    answer = archive.ask("丁一鸣写了哪些报道？")
    assert answer.kind == "answered"
    assert "《塔吊上的“绣花姑娘”》" in answer.text
    assert {"丁一鸣" in c.passage.article.reporters for c in answer.citations} == {True}
    assert generator.asked == []
    assert archive.ask("张建国写了哪些报道？").kind != "answered"


class Failing(FakeGenerator):
    """Fails in one of its calls, as a killed or broken model does."""

    def __init__(self, fails, reply="蓝采薇每天要爬68米高的塔吊。"):
        super().__init__(reply)
        self.fails = fails

    def stream(self, messages, max_tokens):
        if self.fails == "stream":
            raise BaowenError("模型服务出错")
        yield from super().stream(messages, max_tokens)
        if self.fails == "midway":
            raise RuntimeError("killed")

    def choice(self, messages, choices):
        if self.fails == "choice":
            raise BaowenError("模型服务出错")


@pytest.mark.parametrize("fails", ["stream", "midway", "choice"])
def test_where_the_model_fails_the_newspaper_is_quoted_and_that_is_said(archive, fails, caplog):
    archive.settings = deciding(0, 0)
    archive._generator = Failing(fails)
    answer = archive.ask(QUESTION)
    assert (answer.kind, answer.note) == ("quoted", NO_MODEL)
    assert "68米" in answer.text
    assert answer.draft is None
    assert "the model failed" in caplog.text


def test_a_model_that_cannot_be_loaded_is_done_without(archive, monkeypatch):
    def missing(settings):
        raise BaowenError("缺少权重")

    monkeypatch.setattr("rag.archive.load_generator", missing)
    archive._generator = None
    assert archive.ask(QUESTION).note == NO_MODEL


def test_a_follow_up_is_understood_without_the_model_too(archive):
    archive.settings = deciding(0, 0)
    archive._generator = Failing("stream")
    answer = archive.ask("她每天要爬多高？", [("塔吊司机蓝采薇是谁？", "江州的塔吊司机。")])
    assert "蓝采薇" in answer.question
    assert answer.note == NO_MODEL


def test_an_answer_that_is_ended_is_not_taken_for_a_model_that_fails(archive):
    cancellation = Cancellation()
    events = archive.stream(QUESTION, cancellation=cancellation)
    next(events)
    cancellation.cancel(Interrupted("停"))
    with pytest.raises(Interrupted):
        list(events)


def test_an_answer_names_the_snapshot_that_it_read_whatever_is_published_meanwhile(archive, generator, add):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    events = archive.stream(QUESTION)
    next(events)
    add({"id": "x", "title": "新桥通车", "date": "2025-04-19", "text": "江州新桥今日通车。" * 3})
    assert archive.store.snapshot == "000002"
    done = list(events)[-1]
    assert done.answer.snapshot == done.answer.as_dict()["snapshot"] == "000001"
    assert archive.ask("你好").snapshot == "000002"


@pytest.mark.parametrize("better", [0, 1])
def test_a_question_that_may_lean_is_searched_for_alone_and_with_its_subject(archive, generator, monkeypatch, better):
    texts = []

    def search(store, embedder, asked, k, settings):
        texts.extend(text for text, _ in asked)
        found = passages_of("灯塔守护员是甲。", "塔吊的司机是乙。")
        return [[replace(passage, score=float(place == better))] for place, passage in enumerate(found)]

    monkeypatch.setattr("rag.answering.search", search)
    archive._pair = FakePairModel(answers=0.0)
    generator.reply = "灯塔守护员是谁？"
    found = archive.ask("灯塔守护员是谁？", [("蓝采薇每天爬多高的塔吊？", "68米[1]。")]).passages
    assert texts == ["灯塔守护员是谁？", "蓝采薇每天爬多高的塔吊？ 灯塔守护员是谁？"]
    assert found[0].article.id == str(better)
