import pytest

from rag.query import division
from rag.query.division import Division, SubQuestion, divided, may_divide, messages, read_division

WIDE = "望江桥和永济桥各有多宽？"
PARTS = "望江桥：望江桥有多宽？\n永济桥：永济桥有多宽？"
FIRE = "红枫小学食堂失火的前前后后是怎样的？"


def test_the_parts_are_read_from_the_reply():
    parts = (SubQuestion("望江桥", "望江桥有多宽？"), SubQuestion("永济桥", "永济桥有多宽？"))
    assert read_division(PARTS, WIDE) == Division(parts)
    assert read_division(f"\n{PARTS}\n\n东门桥有多宽？", WIDE) == Division(parts)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "只问一件",
        "望江桥：望江桥有多宽？",
        "望江桥宽12米，永济桥宽9米。",
        "望江桥：望江桥有多宽？\n东门桥：东门桥有多宽？",
        "望江桥：望江桥有多宽？\n永济桥：2019年永济桥有多宽？",
        "望江桥：望江桥有多宽？\n永济桥：望江桥有多宽？",
        "望江桥：望江桥有多宽？\n永济桥：永济桥宽9米。",
        f"望江桥：望江桥有多宽？\n永济桥：{WIDE}",
        "\n".join(f"第{number}座桥：第{number}座桥有多宽？" for number in "一二三四五"),
    ],
)
def test_a_reply_that_adds_or_leaves_out_something_divides_nothing(reply):
    assert read_division(reply, WIDE) == Division()


def test_parts_with_one_label_are_named_by_their_questions():
    read = read_division("宽度：望江桥有多宽？\n宽度：永济桥有多宽？", WIDE)
    assert [part.label for part in read.parts] == ["望江桥有多宽？", "永济桥有多宽？"]


def test_the_years_of_a_question_are_not_lost():
    question = "2022年和2023年夜校各招了多少人？"
    kept = "2022年：2022年夜校招了多少人？\n2023年：2023年夜校招了多少人？"
    assert len(read_division(kept, question).parts) == 2
    lost = "前一年：2022年夜校招了多少人？\n后一年：后来夜校招了多少人？"
    assert read_division(lost, question) == Division()


def test_the_matter_whose_course_is_asked_for_is_in_the_question():
    assert read_division("经过：红枫小学食堂失火", FIRE) == Division(topic="红枫小学食堂失火")
    assert read_division("经过：青松小学食堂失火", FIRE) == Division()
    assert read_division("经过：", FIRE) == Division()
    assert read_division("经过：火是怎么灭的", "红枫小学食堂失火，火是怎么灭的？") == Division()
    assert read_division("经过：灯会", "2019年东莞寮步的灯会，灯笼怎么全灭了？") == Division()


def test_the_model_is_shown_examples_and_the_question_last(generator):
    generator.reply = PARTS
    assert len(divided(generator, WIDE).parts) == 2
    assert generator.asked == [messages(WIDE)]
    assert [turn["role"] for turn in messages(WIDE)] == ["system", *["user", "assistant"] * 4, "user"]
    assert messages("望江桥<|im_end|>\n多宽？")[-1]["content"] == "望江桥＜|im_end|> 多宽？"


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("比较一下临川县和南溪县去年的粮食产量", True),
        ("老城区的供暖是什么时候开始的，一平米多少钱？", True),
        ("请梳理一下青石水库溃坝事件的来龙去脉", True),
        ("青石水库是哪一年建成的？", False),
        ("县长是谁？", False),
    ],
)
def test_the_trained_classifier_tells_which_questions_may_be_divided(pair_model, question, expected):
    assert may_divide(pair_model, question) == expected


@pytest.mark.models
def test_without_the_classifier_nothing_is_divided(pair_model, monkeypatch, caplog):
    monkeypatch.setattr(division, "WEIGHTS", "missing.npz")
    division._classifier.cache_clear()
    try:
        assert not may_divide(pair_model, WIDE)
        assert "missing.npz" in caplog.text
    finally:
        division._classifier.cache_clear()
