import numpy as np
import pytest

from index.config import Settings
from index.errors import BaowenError
from index.models import pair
from index.models.pair import BlindPairModel, OnnxPairModel, load_pair_model
from index.models.pair_torch import TorchPairModel

TEXT = "墨池水库的闸门没有通过汛前检查。青螺水库蓄水一千二百万立方米，白鹭水库蓄水九百万立方米。"


@pytest.fixture(scope="module")
def model():
    return OnnxPairModel(Settings().cache)


@pytest.mark.models
def test_the_trained_model_finds_answers(model):
    questions = ["白鹭水库蓄水多少？", "哪座水库没有通过检查？"]
    first, second = model.read([(question, TEXT) for question in questions])
    assert "九百万" in TEXT[first.start : first.end]
    assert "墨池" in TEXT[second.start : second.end]


@pytest.mark.models
def test_a_text_that_tells_it_is_told_from_one_that_does_not(model):
    told, untold = model.read(
        [("白鹭水库蓄水多少？", TEXT), ("白鹭水库蓄水多少？", "职工足球联赛昨天开赛，港口队夺冠。")]
    )
    assert told.answers > untold.answers


@pytest.mark.models
def test_the_likeliest_answer_scores_best_of_all_stretches(model):
    (reading,) = model.read([("白鹭水库蓄水多少？", TEXT)])
    assert reading.of(reading.start, reading.end) == pytest.approx(reading.span, abs=1e-3)
    assert reading.span >= reading.of(0, 4)
    assert len(reading.flags) == len("白鹭水库蓄水多少？")


@pytest.mark.models
def test_a_text_that_is_too_long_is_cut(model):
    (reading,) = model.read([("白鹭水库蓄水多少？", TEXT * 100)])
    assert np.isfinite(reading.answers)


@pytest.mark.models
def test_in_torch_it_reads_the_same_but_for_what_int8_rounds(model):
    pairs = [("白鹭水库蓄水多少？", TEXT), ("哪座水库没有通过检查？", TEXT), ("谁夺冠？", "港口队夺冠。")]
    ours, theirs = model.read(pairs), TorchPairModel(Settings().cache, None, "cpu").read(pairs)
    for one, other in zip(ours, theirs, strict=True):
        assert (other.start, other.end) == (one.start, one.end)
        assert (other.answers, other.supports) == pytest.approx((one.answers, one.supports), abs=0.5)
        assert other.flags == pytest.approx(one.flags, abs=1)


@pytest.mark.models
def test_states_in_torch_are_those_of_the_graph(model):
    one, other = model.states(TEXT), TorchPairModel(Settings().cache, None, "cpu").states(TEXT)
    assert other.spans == one.spans
    lengths = np.linalg.norm(one.states, axis=1) * np.linalg.norm(other.states, axis=1)
    assert ((one.states * other.states).sum(1) / lengths).min() > 0.98


def test_without_weights_the_check_goes_on_and_says_so(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(pair, "WEIGHTS", "missing.npz")
    assert isinstance(load_pair_model(tmp_path), BlindPairModel)
    assert "missing.npz" in caplog.text
    assert "pip install" in caplog.text


def test_damaged_weights_are_named(tmp_path):
    with pytest.raises(BaowenError, match="damaged"):
        pair._write(b"no archive", tmp_path, None, tmp_path)
