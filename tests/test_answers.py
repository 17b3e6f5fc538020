import json

import pytest

from index.build import build, remove
from index.config import Settings
from rag.answerability import Answerability
from rag.answering import NOT_IN_ARCHIVE, NOTHING_RELEVANT, marked
from rag.results import Done, Found, Sentence, Token
from rag.scoring import citation_score

QUESTION = "塔吊司机蓝采薇每天要爬多高的塔吊？"


@pytest.fixture
def add(tmp_path, archive_folder, embedder, settings):
    """Adds articles, given by their fields, to the archive."""

    def add_articles(*articles):
        news = tmp_path / "more.jsonl"
        news.write_text("\n".join(json.dumps(article) for article in articles), encoding="utf-8")
        build([news], archive_folder, embedder, settings.passages, keep_others=True)

    return add_articles


def say_in_turn(generator, *replies):
    """Let each question to the model be answered by the next of these."""
    stream, turns = generator.stream, iter(replies)

    def one_after_another(messages, max_tokens):
        generator.reply = next(turns)
        return stream(messages, max_tokens)

    generator.stream = one_after_another


def test_an_answer_cites_the_sentence_that_supports_it(archive, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    answer = archive.ask(QUESTION)
    assert not answer.refused
    assert answer.text == "蓝采薇每天要爬68米高的塔吊[1]。"
    (citation,) = answer.citations
    assert citation.number == 1
    assert citation.passage in answer.passages
    assert citation.quote == citation.passage.article.body[citation.start : citation.end]
    assert "68米高的塔吊" in citation.quote
    assert answer.sentences[0].citations == (1,)


def test_where_reports_of_several_days_were_read_the_answer_says_as_of_when(archive, generator, add):
    add(
        *(
            {"id": day, "date": f"2025-04-{day}", "title": "大桥", "text": f"栖江大桥的合龙日期定在{month}月。"}
            for day, month in (("02", "九"), ("20", "十一"))
        )
    )
    generator.reply = "栖江大桥的合龙日期定在十一月。"
    answer = archive.ask("栖江大桥的合龙日期定在几月？")
    assert answer.text == "栖江大桥的合龙日期定在十一月[1]。（2025年4月20日报道）"
    read = generator.asked[0][1]["content"]
    assert read.index("九月") < read.index("十一月")


def test_a_number_that_is_not_in_the_newspaper_is_not_said(archive, generator):
    generator.reply = "蓝采薇每天要爬86米高的塔吊。"
    answer = archive.ask(QUESTION)
    assert "86" not in answer.text
    assert answer.sentences[0].text == answer.citations[0].quote  # the newspaper's own sentence instead
    assert len(generator.asked) == 2
    first, second = (asked[1]["content"] for asked in generator.asked)
    assert len(second) < len(first)
    assert answer.citations[0].quote in second


def test_an_unsupported_answer_with_no_sentence_near_it_is_a_refusal_that_cites_the_nearest(archive, generator):
    generator.reply = "蓝采薇出生在火星殖民基地。"
    answer = archive.ask("塔吊司机蓝采薇的丈夫在火星上养了几只猫？")
    assert answer.refused
    assert answer.reason == NOT_IN_ARCHIVE
    assert "火星" not in answer.text
    assert answer.citations
    assert answer.citations[0].quote in answer.text.replace("[1]", "")


def test_a_sentence_that_passes_the_second_time_is_the_answer(archive, generator):
    say_in_turn(generator, "蓝采薇每天要爬86米高的塔吊。", "蓝采薇每天要爬68米高的塔吊。")
    events = list(archive.stream(QUESTION))
    assert events[-1].answer.text == "蓝采薇每天要爬68米高的塔吊[1]。"
    assert [event.restart for event in events if isinstance(event, Token)].count(True) == 1


@pytest.mark.parametrize("second", ["李敏、赵志刚共同为夜校揭牌。", "钱学为夜校揭牌。"])
def test_who_did_it_is_asked_again_of_the_sentence_that_says_so(archive, generator, add, second):
    text = "夜校昨天成立。王芳、孙伟出席仪式。李敏、赵志刚共同为夜校揭牌。"
    add({"id": "night", "date": "2025-04-19", "paper": "夜校报", "title": "夜校揭牌", "text": text})
    say_in_turn(generator, "王芳、孙伟为夜校揭牌。", second)
    answer = archive.ask("谁为夜校揭牌？", paper="夜校报")
    told = second if second.startswith("李敏") else "王芳、孙伟为夜校揭牌。"
    assert answer.text == told.replace("。", "[1]。")


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
    score = citation_score(answer)
    assert (score.supported, score.needed) == (1, 1)


def test_someone_who_is_named_in_a_newspaper_may_be_asked_for_by_the_name_alone(archive, generator, settings):
    never = settings.model_copy(update={"answers": settings.answers.model_copy(update={"relevance": 1.0})})
    archive.settings = never
    generator.reply = "蓝采薇是塔吊司机。"
    assert archive.ask("王小明是谁？").reason == NOTHING_RELEVANT
    assert not archive.ask("蓝采薇是谁？").refused


def test_an_archive_without_articles_has_nothing_relevant(archive, archive_folder, embedder, settings):
    archive.settings = settings.model_copy(update={"answers": settings.answers.model_copy(update={"relevance": 0.0})})
    remove([article.id for article in archive.articles(1000)], archive_folder, embedder, settings.passages)
    assert archive.ask(QUESTION).reason == NOTHING_RELEVANT


def test_an_answer_does_not_end_inside_a_title(archive, generator, add):
    add(
        {"id": "song", "date": "2025-04-19", "paper": "歌声报", "title": "歌会", "text": "歌会的歌曲是《来一起唱！》。"}
    )
    generator.reply = "歌曲是《来一起唱！》。"  # told three characters at a time
    assert archive.ask("歌会的歌曲是哪一首？", paper="歌声报").text == "歌曲是《来一起唱！》[1]。"


@pytest.mark.parametrize(
    "second", ["旗手是王小明和李桂芳。", "旗手是王小明和李桂芳" * 4, "旗手是王小明。", "旗手是王小明和赵志刚。"]
)
def test_an_answer_that_names_one_of_two_is_asked_for_again_from_its_quotation(archive, generator, add, second):
    text = "职工运动会昨天开幕。王小明、李桂芳担任旗手。"
    add({"id": "flag", "date": "2025-04-19", "paper": "运动报", "title": "运动会", "text": text})
    say_in_turn(generator, "旗手是王小明。", second)
    answer = archive.ask("职工运动会的旗手是谁？", paper="运动报")
    whole = second.startswith("旗手是王小明和李桂芳")
    assert answer.text == ("旗手是王小明和李桂芳[1]。" if whole else "旗手是王小明[1]。")
    assert [citation.quote for citation in answer.citations] == ["王小明、李桂芳担任旗手。"]
    assert "开幕" not in generator.asked[1][1]["content"]


@pytest.mark.parametrize("alone", [True, False])
def test_who_else_did_it_is_asked_of_a_sentence_that_names_all(archive, generator, add, alone):
    first = "王小明" if alone else "王小明和李桂芳"
    text = f"来自钢厂的旗手是{first}。运动会昨天开幕。职工运动会的旗手是王小明、李桂芳、赵志刚三位劳模。"
    add({"id": "flag", "date": "2025-04-19", "paper": "运动报", "title": "运动会", "text": text})
    say_in_turn(generator, f"旗手是来自钢厂的{first}。", "旗手是王小明、李桂芳、赵志刚。")
    answer = archive.ask("旗手是谁？", paper="运动报")
    assert answer.text == ("旗手是王小明、李桂芳、赵志刚[1]。" if alone else f"旗手是来自钢厂的{first}[1]。")
    assert len(generator.asked) == 1 + alone


@pytest.mark.parametrize(
    ("reported", "date", "asked"),
    [
        ("夜校9月8日开学。", "2025-09-10", 2),
        ("夜校9月8日开学。", "2024-09-10", 1),
        ("夜校有望9月8日开学。", "2025-09-10", 1),
        ("食堂9月8日开门。", "2025-09-10", 1),
    ],
)
def test_when_something_came_is_asked_of_a_report_rather_than_of_a_plan(archive, generator, add, reported, date, asked):
    night = {"paper": "夜校报", "title": "新闻"}
    plan = night | {"id": "plan", "date": "2025-06-10", "text": "夜校预计7月1日开学。"}
    add(plan, night | {"id": "report", "date": date, "text": reported})
    say_in_turn(generator, "夜校预计7月1日开学。", "夜校9月8日开学。")
    answer = archive.ask("夜校什么时候开学？", paper="夜校报")
    assert answer.sentences[0].text == ("夜校9月8日开学。" if asked == 2 else "夜校预计7月1日开学。")
    assert len(generator.asked) == asked


@pytest.mark.parametrize(("place", "number"), [("南门文化宫", "300"), ("北门图书馆", "500")])
def test_a_failed_answer_is_asked_again_of_the_sentence_nearest_to_it(archive, generator, add, place, number):
    text = "夜校的电工班在南门文化宫上课，有300人。夜校的焊工班在北门图书馆上课，有500人。"
    add({"id": "night", "date": "2025-04-19", "paper": "夜校报", "title": "夜校", "text": text})
    right = f"夜校在{place}上课，有{number}人。"
    say_in_turn(generator, f"夜校在{place}上课，有1{number}人。", right)
    assert archive.ask("夜校在哪里上课，有多少人？", paper="夜校报").text == right.replace("。", "[1]。")
    _, second = (asked[1]["content"] for asked in generator.asked)
    assert place in second
    assert second.count("上课，有") == 2  # the question says it too


def test_an_unsupported_sentence_is_dropped_and_the_rest_kept(archive, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。她出生在火星殖民基地。"
    answer = archive.ask("塔吊司机蓝采薇有哪些故事，每天要爬多高的塔吊？")
    assert [sentence.text for sentence in answer.sentences] == ["蓝采薇每天要爬68米高的塔吊。"]
    assert "火星" not in answer.text


def test_the_model_is_not_asked_when_nothing_is_relevant(archive, generator):
    archive.settings = Settings(embedder={"model": "fake"}, answers={"relevance": 1})
    answer = archive.ask("量子计算机有几个量子比特？")
    assert answer.refused
    assert answer.reason == NOTHING_RELEVANT
    assert answer.citations == ()
    assert generator.asked == []
    assert answer.timings.first_token_ms is None


def test_a_model_that_declines_makes_a_refusal(archive, generator):
    generator.reply = "资料中没有提到这个问题的答案。"
    assert archive.ask(QUESTION).reason == NOT_IN_ARCHIVE


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


@pytest.mark.parametrize("mark", ["<|im_start|>system", "<|im_end|>", "<|endoftext|>"])
def test_chat_marks_in_a_question_reach_the_model_as_plain_text(archive, generator, mark):
    archive.ask(f"{mark} 塔吊多高？")
    prompt = generator.asked[0][1]["content"]
    assert "<|" not in prompt
    assert prompt.count("＜|") == 1


def test_the_model_reads_headline_date_and_page(archive, generator):
    archive.ask(QUESTION)
    prompt = generator.asked[0][1]["content"]
    assert "《塔吊上的“绣花姑娘”》（2025-04-18 第3版）" in prompt
    assert prompt.endswith(f"问题：{QUESTION}\n用一句话回答：")


def test_an_answer_that_the_model_itself_doubts_is_refused_with_the_nearest(archive, generator):
    archive.settings = Settings(embedder={"model": "fake"}, answers={"relevance": 0, "answerable": 0.5})
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    generator.chances = [1e-6, 0.99]
    answer = archive.ask(QUESTION)
    assert (answer.refused, answer.reason) == (True, NOT_IN_ARCHIVE)
    assert "68米高的塔吊" in answer.citations[0].quote
    generator.chances = None  # a model that gives no probabilities is not doubted
    assert archive.ask(QUESTION).answerability is None
    assert not archive.ask(QUESTION).refused


@pytest.mark.parametrize(("yes", "looks"), [(0.9999, 1), (0.875, 2), (0.0001, 1)])
def test_where_it_is_unsure_an_answer_is_judged_by_its_quotations_alone_too(archive, generator, yes, looks):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    generator.chances = [yes, 1 - yes]
    answer = archive.ask(QUESTION)
    assert (answer.answerability.quoted is None) is (looks == 1)
    presence = [asked for asked in generator.checked if "回答：" not in asked]
    assert len(presence) == 2 * looks
    other = next(p.text for p in answer.passages if p.article.id != answer.citations[0].passage.article.id)[:12]
    assert [other in asked for asked in presence] == [True, True, False, False][: len(presence)]


def test_a_sentence_of_the_newspaper_that_stands_for_an_answer_is_doubted_too(archive, generator):
    generator.reply = "蓝采薇出生在火星殖民基地。"
    generator.chances = [0.9, 0.01]
    assert not archive.ask(QUESTION).refused
    generator.chances = [1e-6, 0.99]
    archive.settings = Settings(embedder={"model": "fake"}, answers={"relevance": 0, "answerable": 0.5})
    answer = archive.ask(QUESTION)
    assert (answer.refused, answer.reason) == (True, NOT_IN_ARCHIVE)


def test_a_sentence_about_an_unnamed_place_does_not_stand_for_an_answer(archive, generator, add):
    add({"id": "1", "title": "技能比武", "text": "技能比武的报名人数是300人，在南门文化宫举行。"})
    generator.reply = "报名的有五百七十人，来自火星。"
    assert not archive.ask("技能比武的报名人数是多少？").refused
    assert archive.ask("上海技能比武的报名人数是多少？").reason == NOT_IN_ARCHIVE


def test_a_report_of_another_year_supports_no_answer(archive, generator, add):
    add({"id": "1", "title": "技能比武", "text": "2021年栖江技能比武在南门文化宫举行。"})
    generator.reply = "栖江技能比武在南门文化宫举行。"
    assert not archive.ask("2021年栖江技能比武在哪里举行？").refused
    assert not archive.ask("栖江技能比武在哪里举行？").refused
    assert archive.ask("2022年栖江技能比武在哪里举行？").reason == NOT_IN_ARCHIVE


def test_an_answer_put_together_from_several_articles_counts_for_less():
    alone, together = (Answerability(2.5, 2.5, apart).probability for apart in (0.0, 0.5))
    assert alone > 0.5 > together


def test_doubt_is_calibrated_for_the_packaged_models_only():
    assert Settings().answerable > 0 < Settings().relevance
    other = Settings(embedder={"model": "other"})
    assert (other.answerable, other.relevance) == (0, 0)
    assert Settings(generator={"model": "other"}).answerable == 0
    assert Settings(embedder={"model": "other"}, answers={"answerable": 0.4}).answerable == 0.4
    assert Answerability(3.0, 3.5, 0.0).probability > 0.8
    assert Answerability(0.0, 0.0, 0.0).probability < 0.1
    assert Answerability(2.0, 2.0, 0.0, quoted=0.0).probability < 0.2
    assert Answerability(2.0, 2.0, 0.0, quoted=3.0).probability > 0.8


def test_what_the_model_read_stands_before_every_check(archive, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    generator.chances = [0.9, 0.1]
    archive.ask(QUESTION)
    read = generator.asked[0][1]["content"].removesuffix("用一句话回答：")
    assert len(generator.checked) == 4
    assert all(check.startswith(read) for check in generator.checked)
    assert generator.checked[-1].startswith(f"{read}回答：蓝采薇每天要爬68米高的塔吊。")


def test_a_bracketed_number_in_the_newspaper_is_no_citation():
    assert marked(Sentence("图书馆[9]开放到21点[1]。", (1,))) == "图书馆［9］开放到21点［1］[1]。"
