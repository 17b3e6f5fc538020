from rag.evidence import choose

from .conftest import FakeEmbedder, passages_of


def chosen(question, *bodies, characters=10_000):
    read = choose(FakeEmbedder(), question, {"夜校": 1.0}, passages_of(*bodies), characters)
    return [excerpt.text for excerpt in read.excerpts]


def test_a_sentence_that_repeats_another_is_read_once_and_leaves_room_for_more():
    said = "江州职工夜校昨天晚上在南门文化宫开班。"
    again = "记者获悉，江州职工夜校昨天晚上在南门文化宫开班。"
    other = "食堂也开了。"
    assert len(chosen("夜校在哪里开班？", said, again, other, characters=50)) == 2
    assert other in chosen("夜校在哪里开班？", said, again, other, characters=50)


def test_a_sentence_with_another_number_is_no_repeat():
    first = "截至昨天江州职工夜校共有300人报名。"
    later = "截至昨天江州职工夜校共有500人报名。"
    assert chosen("夜校有多少人报名？", first, later) == [first, later]


def test_a_sentence_that_names_someone_else_is_no_repeat():
    one = "江州职工夜校的焊工老师王小明是全国劳动模范。"
    other = "江州职工夜校的焊工老师李桂芳是全国劳动模范。"
    assert chosen("夜校的老师是谁？", one, other) == [one, other]


def test_sentences_about_another_year_come_last():
    of_that_year = "2022年夜校在北门图书馆开了班。"
    of_another = "2021年江州夜校在南门文化宫开班。"
    question = "2022年江州夜校在哪里开班？"
    assert chosen(question, of_another, of_that_year, characters=20) == [of_that_year]
    assert chosen(question.removeprefix("2022年"), of_another, of_that_year, characters=20) == [of_another]
