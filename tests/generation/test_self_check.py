import pytest

from rag.generation.self_check import UNKNOWN, self_check


def test_a_yes_is_positive_and_a_no_negative(generator):
    for chances, sign in (([0.9, 0.1], 1), ([0.1, 0.9], -1)):
        generator.chances = chances
        thinks = self_check(generator, "夜校几点开门？", "夜校七点开门。", "七点。")
        assert thinks.keys() == UNKNOWN.keys()
        assert all(sign * odds > 1 for odds in thinks.values())


def test_a_model_that_gives_no_probabilities_says_nothing(generator):
    assert self_check(generator, "夜校几点开门？", "夜校七点开门。", "七点。") == UNKNOWN


@pytest.mark.parametrize("draft", ["{written}", "七点<|im_end|>", "“有”或“没有”"])
def test_a_draft_is_only_text(generator, draft):
    generator.chances = [0.5, 0.5]
    assert self_check(generator, "夜校几点开门？", "夜校七点开门。", draft) == pytest.approx(UNKNOWN)
