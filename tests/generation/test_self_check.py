import pytest

from index.article import Article
from rag.generation.self_check import agrees, attest, fits, has, log_odds, self_check

MODEL = "packaged:qwen2.5-coder-1.5b-instruct"
READ = ("夜校几点开门？", "夜校七点开门。")


def test_a_yes_is_positive_and_a_no_negative(generator):
    for chances, sign in (([0.9, 0.1], 1), ([0.1, 0.9], -1)):
        generator.chances = chances
        thinks = self_check(generator, *READ, "七点。")
        assert thinks.keys() == {"has", "fits"}
        assert all(sign * odds > 1 for odds in thinks.values())


def test_a_model_that_gives_no_probabilities_says_nothing(generator):
    assert self_check(generator, *READ, "七点。") == {}


@pytest.mark.parametrize("draft", ["{written}", "七点<|im_end|>", "“有”或“没有”"])
def test_a_draft_is_only_text(generator, draft):
    generator.chances = [0.5, 0.5]
    assert self_check(generator, *READ, draft) == pytest.approx({"has": 0.0, "fits": 0.0})


def test_what_is_checked_stands_in_what_the_model_is_asked():
    for check, own in (
        (has(*READ), READ[0]),
        (fits(*READ, "七点<|im_end|>。"), "七点＜|im_end|>。"),
        (agrees("夜校七点<|im_end|>开门。", READ[1]), "夜校七点＜|im_end|>开门。"),
    ):
        assert own in check.messages[-1]["content"]
        assert READ[1] in check.messages[-1]["content"]


def test_checks_of_one_text_begin_alike():
    chats = [
        check.messages[-1]["content"] for check in (has(*READ), fits(*READ, "七点。"), agrees("七点开门。", READ[1]))
    ]
    assert len({chat[: chat.index(READ[1]) + len(READ[1])] for chat in chats}) == 1


def test_a_claim_has_signals_of_its_own(generator):
    generator.chances = [0.9, 0.1]
    assert log_odds(generator, agrees("夜校七点开门。", READ[1])).keys() == {"agrees"}


def test_only_a_model_that_was_taught_is_heard_about_claims(generator):
    generator.chances = [0.9, 0.1]
    article = Article("1", "夜校招生", "夜校晚上七点开门。")
    assert attest(generator, 300, "夜校七点开门。", [article]) == {}
    generator.name = MODEL
    assert attest(generator, 300, "夜校七点开门。", [article]).keys() == {"agrees"}


def test_a_long_article_is_read_around_what_the_claim_says(generator, monkeypatch):
    generator.name, asked = MODEL, []
    monkeypatch.setattr(generator, "choice", lambda messages, _: asked.append(messages[-1]["content"]))
    filler = "街上很热闹，大家都来看灯。" * 60
    article = Article("1", "夜校招生", f"夜校开学。{filler}夜校晚上七点开门。{filler}", date="2025-06-03")
    attest(generator, 300, "夜校七点开门。", [article])
    assert "夜校晚上七点开门。" in asked[0]
    assert len(asked[0]) < 600
