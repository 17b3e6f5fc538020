import pytest

from rag.stories import matter
from rag.stories.likeness import Profile
from rag.stories.matter import Signals, Weights, fitted, likelihood

BRIDGE = Profile({"桥墩": 0.8, "裂缝": 0.6}, {"柳河大桥": 3.0, "交通局": 1.0})
CAUSE = Profile({"裂缝": 0.8, "桥墩": 0.6}, {"柳河大桥": 3.0})
MARKET = Profile({"黄瓜": 1.0}, {})


def test_signals_of_reports_that_share_words_and_names_and_of_ones_that_do_not():
    shared = Signals.of(BRIDGE, CAUSE, 0.04, -19, 0.9)
    assert shared.available() == pytest.approx(
        {"words": 0.96, "main": 1.0, "overlap": 0.2, "days": 2.708, "names": 1.386, "close": 0.9}, abs=0.001
    )
    other = Signals.of(BRIDGE, MARKET, 0.0, 0, None)
    assert other.available() == {"words": 0.0, "main": 0.0, "overlap": 0.0, "days": 0.0}


def test_the_weights_are_those_for_the_signals_that_there_are(monkeypatch):
    weights = {"days main overlap words": Weights({"words": 4.0}, -2.0, 0.5), "days main names overlap words": None}
    monkeypatch.setattr(matter, "fitted", lambda: weights)
    assert likelihood(Signals(0.5, 0.0, 0.0, 0.0, None, None)) == 0.5
    assert likelihood(Signals(0.4, 0.0, 0.0, 0.0, None, None)) is None


def test_there_are_weights_for_every_archive_and_closer_reports_are_likelier():
    assert len(fitted()) == 4
    for names in (None, 2.0):
        for close in (None, 0.9):
            near = likelihood(Signals(0.9, 1.0, 0.1, 0.7, names, close and 0.98))
            assert near is not None
            assert near > (likelihood(Signals(0.1, 0.0, 0.1, 3.0, names, close and 0.8)) or 0.0)
