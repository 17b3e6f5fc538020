from functools import partial

import pytest

from index.article import Article
from index.errors import BaowenError
from index.models.pair import BlindPairModel
from rag.verification.checker import check
from tests.conftest import FakePairModel

HELP_POINTS = Article(
    "1",
    "职工服务站建到家门口",
    "江州市总工会今年建成35个服务中心、114个服务站。主席沈南乔、副主席陆望舒为首个服务站揭牌。"
    "服务站8月7日启用，计划明年覆盖全部街道。市民反映，《夜校日历》很受欢迎。",
    date="2025-08-08",
)


@pytest.mark.parametrize("model", [FakePairModel(), BlindPairModel()], ids=["with a model", "without its weights"])
def test_the_newspapers_own_words_are_supported(model):
    sentence = "江州市总工会今年建成35个服务中心、114个服务站。"
    verdict = check(model, sentence, [HELP_POINTS])
    assert (verdict.supported, verdict.probability, verdict.reasons) == (True, 1.0, ())
    assert [c.quote for c in verdict.citations] == [sentence]


@pytest.mark.parametrize(
    ("sentence", "wrong", "instead"),
    [
        ("江州市总工会建成350个服务站。", "350个", "114个"),
        ("服务站8月9日启用。", "8月9日", "8月7日"),
        ("沈南乔、林晓岚为首个服务站揭牌。", "林晓岚", ""),
        ("市民反映，《夜校月历》很受欢迎。", "夜校月历", ""),
    ],
    ids=["数字", "日期", "人名", "书名"],
)
def test_what_is_not_printed_is_named_with_what_is(sentence, wrong, instead):
    verdict = check(FakePairModel(), sentence, [HELP_POINTS])
    assert not verdict.supported
    assert any(wrong in reason and instead in reason for reason in verdict.reasons)
    assert verdict.citations


@pytest.mark.parametrize(
    "sentence",
    ["江州市總工會今年建成35個服務中心、114個服務站。", "江州市总工会今年建成３５个服务中心、１１４个服务站"],
    ids=["繁体", "全角"],
)
def test_script_and_width_change_nothing(sentence):
    assert check(FakePairModel(), sentence, [HELP_POINTS]).supported


def test_without_articles_nothing_is_supported():
    verdict = check(FakePairModel(), "江州市建成35个服务中心。", [])
    assert not verdict.supported
    assert verdict.reasons


def test_a_manuscript_gets_one_verdict_a_sentence(archive):
    text = "蓝采薇每天要爬68米高的塔吊。大家好。蓝采薇每天要爬8675米高的塔吊！"
    verdicts = archive.check(text)
    assert "".join(verdict.sentence for verdict in verdicts) == text
    assert verdicts[0].citations[0].passage.article.title == "塔吊上的“绣花姑娘”"
    assert not verdicts[2].supported


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_manuscript_is_an_error(archive, text):
    with pytest.raises(BaowenError, match="nothing to check"):
        archive.check(text)


def test_an_article_that_is_not_held_is_named(archive):
    with pytest.raises(BaowenError, match="no-such"):
        archive.check("蓝采薇是塔吊司机。", articles=["no-such"])


def test_the_language_model_is_heard_about_what_may_be_supported():
    sentence, asked = "沈南乔主席为首个服务站揭了牌。", []

    def attest(odds, claim, articles):
        asked.append((claim, [article.id for article in articles]))
        return {"agrees": odds}

    no, yes = (check(FakePairModel(), sentence, [HELP_POINTS], partial(attest, odds)) for odds in (-8.0, 8.0))
    assert no.probability < yes.probability
    assert asked == [(sentence, ["1"])] * 2


@pytest.mark.parametrize(
    "sentence",
    ["江州市总工会今年建成35个服务中心、114个服务站。", "江州市总工会建成350个服务站。"],
    ids=["原文", "没有印出的数字"],
)
def test_what_is_certain_is_not_asked_of_the_language_model(sentence):
    def attest(sentence, articles):
        raise AssertionError("asked")

    assert check(FakePairModel(), sentence, [HELP_POINTS], attest) == check(FakePairModel(), sentence, [HELP_POINTS])
