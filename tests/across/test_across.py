import json
from dataclasses import replace

import pytest

from index.article import Article, Span
from index.build import build
from index.config import PassageSettings, Settings
from index.storage.store import Filter
from rag.across.comparison import comparison_events
from rag.across.composing import Composing
from rag.answering import Asked
from rag.query.division import PartQuestion
from rag.results import Answer, Done, Found, PartDone, Sentence, Timings, Token, Waiting
from rag.serving.cancellation import Cancellation, Interrupted, guarded
from rag.verification.checker import citation
from tests.conftest import FakeEmbedder, FakeGenerator, opened

WHOLE = Asked("江州和云桥的津贴各是多少？", Filter())
RIVER = Article("river", "津贴", "江州的高温津贴是三百元。七月起发。", date="2025-07-01")
BRIDGE = Article("bridge", "津贴", "云桥的高温津贴是二百元。", date="2025-07-02")


def said(article, *spans, kind="answered", question="", waited=0.0):
    """An answer that cites these stretches of an article, a sentence each."""
    cited = [replace(citation(1, article, Span(*span)), number=number) for number, span in enumerate(spans, 1)]
    told = tuple(Sentence(one.quote, (one.number,)) for one in cited)
    return Answer("", kind, "", told, tuple(cited), timings=Timings(1.0, 2.0, 3.0, waited), question=question)


def refused(question=""):
    return replace(said(BRIDGE, (0, 5)), kind="refused", reason="not in the archive", question=question)


def test_each_part_is_a_line_and_citations_are_numbered_through():
    composing = Composing(WHOLE)
    first = composing.add("江州", said(RIVER, (0, 12), (12, 17)))
    second = composing.add("云桥", said(BRIDGE, (0, 12), kind="quoted"))
    assert first.text == "江州的高温津贴是三百元[1]。七月起发[2]。"
    assert second.text == "“云桥的高温津贴是二百元。”[3]"
    answer = composing.answer(Timings(0, None, 0))
    assert answer.text == f"江州：{first.text}\n云桥：{second.text}"
    assert (answer.kind, answer.parts, answer.question) == ("answered", (first, second), WHOLE.question)
    assert [(c.number, c.passage.article.id) for c in answer.citations] == [(1, "river"), (2, "river"), (3, "bridge")]
    assert [s.citations for s in answer.sentences] == [(1,), (2,), (3,)]


def test_a_stretch_that_two_parts_cite_has_one_number():
    composing = Composing(WHOLE)
    composing.add("江州", said(RIVER, (0, 12)))
    assert composing.add("云桥", said(RIVER, (0, 12))).text.endswith("[1]。")


def test_what_the_archive_does_not_tell_is_named_and_nothing_near_is_cited():
    composing = Composing(WHOLE)
    composing.add("江州", said(RIVER, (0, 12), kind="quoted"))
    gap = composing.add("云桥", refused())
    assert (gap.kind, gap.text) == ("refused", "馆藏没有写到。")
    answer = composing.answer(Timings(0, None, 0))
    assert (answer.kind, answer.refused, len(answer.citations)) == ("quoted", False, 1)
    alone = Composing(WHOLE)
    alone.add("云桥", refused())
    assert (alone.answer(Timings(0, None, 0)).kind, alone.answer(Timings(0, None, 0)).reason) == (
        "refused",
        "not in the archive",
    )


def test_parts_are_answered_one_after_another_and_streamed_as_they_come():
    asked = []

    def ask(question):
        asked.append(question)
        yield Found(())
        yield Waiting(1)
        yield Token("三百")
        yield Done(said(RIVER, (0, 12), question=question, waited=5.0))

    parts = [PartQuestion("江州", "江州的津贴是多少？"), PartQuestion("云桥", "云桥的津贴是多少？")]
    events = list(comparison_events(WHOLE, parts, ask, 60))
    assert asked == [part.question for part in parts]
    assert [type(event) for event in events] == [*[Found, Waiting, Token, PartDone] * 2, Done]
    assert events[3].part.question == parts[0].question
    timings = events[-1].answer.timings
    assert timings.waited_ms == 10.0
    assert timings.first_token_ms is not None


def test_a_part_that_waits_in_line_is_given_the_time_to_wait():
    cancellation = Cancellation()
    limits = []
    cancellation.limit = lambda seconds, late: limits.append(seconds)
    events = iter([Waiting(1), Waiting(1), Token("a"), Waiting(1), Token("b")])
    list(guarded(events, cancellation, Settings(embedder={"model": "fake"}).answers))
    assert limits == [120, 600, 600]


def test_closing_a_comparison_closes_the_part_under_way():
    closed = []

    def ask(question):
        try:
            yield Token("三")
            yield Token("百")
        finally:
            closed.append(question)

    events = comparison_events(WHOLE, [PartQuestion("江州", "一"), PartQuestion("云桥", "二")], ask, 60)
    next(events)
    events.close()
    assert closed == ["一"]


REPORTS = [
    ("crack", "2025-03-01", "柳河大桥的三号桥墩发现裂缝，市交通局封闭柳河大桥，公交车改走云桥隧道。"),
    ("cause", "2025-03-20", "柳河大桥裂缝的原因查明：去年冬天三号桥墩遭货船碰撞，市交通局说要加固柳河大桥。"),
    ("open", "2025-04-11", "加固后的柳河大桥昨天恢复通车，三号桥墩的裂缝已经灌浆，公交车不再绕行云桥隧道。"),
    ("film", "2025-03-15", "第三届短片电影节在江州开幕，十部短片参加评选，影迷排队买票。"),
    ("market", "2025-03-05", "本市菜价上周回落，黄瓜每斤两元，西红柿每斤三元，市民提篮买菜。"),
]


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    """An archive of three reports on one matter and two others, with fakes."""
    folder = tmp_path_factory.mktemp("across")
    rows = [{"id": name, "title": "", "date": date, "text": text} for name, date, text in REPORTS]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    build([folder / "a.jsonl"], folder / "archive", FakeEmbedder(), PassageSettings())
    return folder / "archive"


def test_the_course_of_a_matter_is_a_dated_list_in_the_newspapers_words(bridge):
    generator = FakeGenerator()
    settings = Settings(embedder={"model": "fake"}, answers={"divided": True})
    archive = opened(bridge, settings, FakeEmbedder(), generator)
    answer = archive.ask("请梳理柳河大桥裂缝的经过")
    assert [part.label for part in answer.parts] == ["2025年3月1日", "2025年3月20日", "2025年4月11日"]
    assert answer.kind == "quoted"
    assert all(c.quote == c.passage.article.body[c.start : c.end] for c in answer.citations)
    assert generator.asked == []


def test_a_report_keeps_to_its_period_and_says_where_nothing_is_found(bridge):
    archive = opened(bridge, Settings(embedder={"model": "fake"}), FakeEmbedder(), FakeGenerator())
    found = archive.report("柳河大桥裂缝", until="2025-03-31")
    assert [c.passage.article.id for c in found.citations] == ["crack", "cause"]
    assert archive.report("火星移民飞船").refused


def test_without_dividing_the_question_is_answered_whole(bridge):
    archive = opened(bridge, Settings(embedder={"model": "fake"}), FakeEmbedder(), FakeGenerator("不知道"))
    assert archive.ask("请梳理柳河大桥裂缝的经过").parts == ()


def test_an_ended_answer_ends_between_parts():
    cancellation = Cancellation()

    def ask(question):
        yield Done(said(RIVER, (0, 12)))
        cancellation.cancel(Interrupted("停"))

    parts = [PartQuestion("江州", "一"), PartQuestion("云桥", "二")]
    events = guarded(
        comparison_events(WHOLE, parts, ask, 60), cancellation, Settings(embedder={"model": "fake"}).answers
    )
    with pytest.raises(Interrupted, match="停"):
        list(events)
