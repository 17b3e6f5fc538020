import numpy as np
import pytest
import torch

from index.models.pair import BlindPairModel, TokenStates
from rag.search import counting, counting_tagger
from rag.search.counting_questions import read_counting
from rag.search.counting_tagger import (
    KINDS,
    TAGS,
    CountingTagger,
    QuestionPart,
    decoded,
    load_tagger,
    parts_of,
    plain,
    widened,
)
from training.counting import Network, packed


def scores(*tags):
    table = np.full((len(tags), len(TAGS)), -9.0, np.float32)
    for row, tag in enumerate(tags):
        table[row, TAGS.index(tag)] = 0
    return table


def test_parts_are_those_of_the_likeliest_sequence():
    path = decoded(scores("B-topic", "I-topic", "O", "B-author", "I-author"))
    assert parts_of(path) == [QuestionPart("topic", 0, 2), QuestionPart("author", 3, 5)]


def test_a_part_goes_on_only_where_it_has_begun():
    assert parts_of(decoded(scores("O", "I-topic", "I-author"))) != []
    for part in parts_of(decoded(scores("I-topic", "I-topic", "I-author"))):
        assert part.start < part.end


@pytest.mark.parametrize(
    ("question", "part", "found"),
    [
        ("工人日报里头讲", "工人日", "工人日报"),
        ("提到ChatGPT的", "ChatGP", "ChatGPT"),
        ("关于“一刻钟便民生活圈”的", "一刻钟便民", "一刻钟便民生活圈"),
        ("关于《人世间》的", "《人世间》", "人世间"),
    ],
)
def test_parts_are_whole_words_and_quotations(question, part, found):
    start = question.index(part)
    (wide,) = widened(question, [QuestionPart("topic", start, start + len(part))])
    assert question[wide.start : wide.end] == found


def test_plain_text_keeps_every_character_in_its_place():
    assert plain("第１版　報導㊣\u200b…") == "第1版 报导正 …"


def test_what_was_trained_and_what_is_computed_are_the_same():
    torch.manual_seed(1)
    network = Network(40).eval()
    members = packed([network], "甲乙丙")
    weights = {name: array[0].astype(np.float32) for name, array in members.items() if name != "characters"}
    random = np.random.default_rng(0)
    states, known = random.normal(size=(9, 768)).astype(np.float32), np.ones((9, 10), np.float32)
    characters = random.integers(0, 40, 9)
    found = counting_tagger.forward(weights, states, characters, known)
    given = [torch.from_numpy(array)[None] for array in (states, characters, known)]
    kinds, either, tags = network(*given, torch.ones(1, 9))
    assert found.kinds == pytest.approx(kinds.softmax(-1)[0].detach().numpy(), abs=0.01)
    assert found.either == pytest.approx(either.item(), abs=0.01)
    assert found.tags == pytest.approx(tags.log_softmax(-1)[0].detach().numpy(), abs=0.05)


def test_missing_weights_are_named_and_leave_questions_to_the_model(monkeypatch, caplog, archive):
    monkeypatch.setattr(counting_tagger, "WEIGHTS", "missing.npz")
    load_tagger.cache_clear()
    try:
        question = "有多少篇报道提到工会？"
        assert counting.counting_answer(archive.store, archive.pair, question, archive_filter(), None) is None
        assert "missing.npz" in caplog.text
    finally:
        load_tagger.cache_clear()


def archive_filter():
    from index.storage.store import Filter

    return Filter()


def test_without_the_pair_model_no_question_is_taken():
    assert read_counting("有多少篇报道提到工会？", BlindPairModel(), CountingTagger()) is None


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "wanted", "query"),
    [
        ("有多少篇报道提到夜校？", "number", '"夜校"'),
        ("请列出2024年所有关于高温津贴的报道", "list", '"高温津贴" 日期:2024'),
        ("港珠澳大桥最早什么时候见报？", "first", '"港珠澳大桥"'),
        ("最近一次报道洪水是哪天", "last", '"洪水"'),
        ("提到养老的报道每个月各几篇", "by_month", '"养老"'),
        ("记者王芳写过几篇稿子", "number", '作者:"王芳"'),
        ("夜校有多少名学员？", None, None),
        ("关于夜校的报道讲了什么？", None, None),
        ("第一座跨海大桥是哪年建成的？", None, None),
    ],
)
def test_plain_questions_are_read(pair_model, question, wanted, query):
    counted = read_counting(question, pair_model, CountingTagger())
    assert (counted and counted.wanted, counted and counted.query) == (wanted, query)


@pytest.mark.models
def test_long_and_empty_questions_are_left_alone(pair_model):
    tagger = CountingTagger()
    assert read_counting("有多少篇报道提到夜校？" * 40, pair_model, tagger) is None
    assert read_counting("  ", pair_model, tagger) is None
    assert read_counting("？", pair_model, tagger) is None


def test_every_kind_has_a_place():
    assert len(set(KINDS)) == len(KINDS) == 15
    assert TokenStates(np.zeros((1, 2), np.float32), [(0, 1)]).of_characters(2).shape == (2, 2)
