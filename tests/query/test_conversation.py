import pytest

from rag.answering import OUTSIDE
from rag.query.conversation import HELP, small_talk, summary_topic
from rag.results import Done, Found


@pytest.mark.parametrize(
    "question", ["你好", "您好！", "Hello", "谢谢你", "你是谁？", "你能做什么", "怎么用？", "再见"]
)
def test_small_talk_gets_the_fixed_reply(archive, generator, question):
    assert small_talk(question)
    answer = archive.ask(question)
    assert (answer.text, answer.refused, generator.asked) == (HELP, False, [])


@pytest.mark.parametrize("question", ["你好工程是什么？", "谁是塔吊司机？", "谢谢餐厅在哪里开业", "这项活动怎么用电？"])
def test_questions_are_not_small_talk(question):
    assert not small_talk(question)


def test_a_follow_up_is_rewritten_and_shown(archive, generator):
    generator.reply = "灯塔守护员王小明守了多少年塔？"
    answer = archive.ask("他守了多少年塔？", history=[("灯塔守护员是谁？", "灯塔守护员是王小明[1]。")])
    assert answer.question == "灯塔守护员王小明守了多少年塔？"
    assert len(generator.asked) > 1  # once to rewrite, then to answer
    assert "灯塔守护员王小明守了多少年塔？" in generator.asked[1][1]["content"]


def test_a_question_that_stands_by_itself_is_asked_as_it_is(archive, generator):
    question = "塔吊司机蓝采薇每天要爬多高的塔吊？"
    assert archive.ask(question, history=[("灯塔守护员是谁？", "灯塔守护员是王小明[1]。")]).question == question


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("这期有什么要闻？", ""),
        ("7月30日第2版讲了什么？", ""),
        ("今天的报纸有哪些新闻", ""),
        ("总结一下关于职工之家的报道", "职工之家"),
        ("概括塔吊司机的相关报道", "塔吊司机"),
        ("技能大赛有哪些项目？", None),
        ("头版关于夜校讲了什么？", None),
        ("蓝采薇是谁？", None),
    ],
)
def test_calls_for_summaries_are_told_from_questions(question, topic):
    assert summary_topic(question) == topic


def test_a_page_is_summarised_in_its_own_words(archive, generator):
    answer = archive.ask("4月18日第2版讲了什么？")
    on_page = [article for article in archive.articles(100) if 2 in article.pages]
    assert not answer.refused
    assert generator.asked == []
    assert answer.text.startswith(f"共 {len(on_page)} 篇")
    assert {c.passage.article.id for c in answer.citations} <= {article.id for article in on_page}
    assert len(answer.citations) == min(8, len(on_page))
    for citation in answer.citations:
        assert citation.quote == citation.passage.article.body[citation.start : citation.end]


def test_a_topic_is_summarised_from_the_articles_about_it(archive):
    answer = archive.ask("总结一下关于塔吊的报道")
    assert not answer.refused
    assert all("塔吊" in c.passage.article.body + c.passage.article.heading for c in answer.citations)


def test_a_date_that_is_not_held_is_said_with_what_is(archive, generator):
    events = list(archive.stream("2024年7月30日的报纸登了什么？"))
    assert events[0] == Found((), events[0].narrowing)
    answer = events[-1].answer
    assert isinstance(events[-1], Done)
    assert answer.reason == OUTSIDE
    archive_dates = archive.store.dates()
    answer = archive.ask("2024年7月30日的报道里谁爬塔吊？")
    assert answer.reason == OUTSIDE
    assert all(date in answer.text for date in archive_dates)
    assert "离所问日期最近的一期是 2025-04-18" in answer.text
    assert generator.asked == []


def test_yesterday_is_counted_from_the_day_that_is_given(archive, generator):
    generator.reply = "蓝采薇每天要爬68米高的塔吊。"
    question = "昨天的报纸里塔吊司机每天爬多高？"
    assert archive.ask(question, as_of="2025-04-19").narrowing.since == "2025-04-18"
    assert not archive.ask(question, as_of="2025-04-19").refused
    assert archive.ask(question, as_of="2025-05-01").reason == OUTSIDE
    assert not archive.ask(question, as_of="2025-05-01", read_dates=False).refused
