import json

import pytest

from index.config import Settings
from index.errors import BaowenError
from rag.archive import Archive
from rag.calibration import UNCALIBRATED, fitted_for, is_calibrated
from rag.evaluation.calibration import LEAST, Calibration, Outcome, fit, rows, undecided, write
from rag.evaluation.runner import Question
from tests.conftest import FakeGenerator, FakePairModel

OTHER = {"model": "qwen-72b", "url": "http://127.0.0.1:1/v1"}


def opened(folder, embedder, settings, reply):
    archive = Archive.open(folder, settings)
    archive.embedder, archive._generator, archive._pair = embedder, FakeGenerator(reply), FakePairModel()
    return archive


def test_thresholds_are_put_where_right_and_wrong_part():
    found = [
        *(Outcome(0.8, True, 0.9, True, True) for _ in range(5)),
        *(Outcome(0.6, False, 0.7, True, True) for _ in range(5)),  # a wrong draft; the newspaper tells it
        *(Outcome(0.5, False, 0.2, False, False) for _ in range(5)),  # told nowhere
    ]
    calibration = fit(found, Settings(answers={"answered": 0.1, "quoted": 0.1}))
    assert 0.6 < calibration.answered <= 0.8
    assert 0.2 < calibration.quoted <= 0.7
    assert (calibration.before, calibration.after) == pytest.approx((-1 / 3, (5 + 4 + 5) / 15))


def test_thresholds_that_are_best_already_stay():
    found = [Outcome(0.8, True, 0.9, True, True), Outcome(0.1, False, 0.05, False, False)]
    calibration = fit(found, Settings(answers={"answered": 0.4, "quoted": 0.5}))
    assert (calibration.answered, calibration.quoted) == (0.4, 0.5)


def test_an_answer_that_was_not_supported_is_never_given(archive_folder, embedder):
    settings = undecided(Settings(embedder={"model": "fake"}))
    archive = opened(archive_folder, embedder, settings, "塔吊司机叫蓝采薇。[1]")
    told = Question("塔吊司机叫什么名字？", (("蓝采薇",),))
    asked = [told] * (LEAST - 1) + [Question("月球上有几个人？", ())]
    found = rows(archive, asked)
    assert len(found) == LEAST
    assert (found[0].is_stated, found[-1].is_stated) == (True, False)
    assert found[0].draft_is_right
    unsupported = opened(archive_folder, embedder, settings, "塔吊司机叫王二麻子，今年99岁。[1]")
    assert rows(unsupported, asked)[0].right == -1.0


def test_too_few_questions_are_refused(archive):
    with pytest.raises(BaowenError, match="too few questions"):
        rows(archive, [Question("谁？", ())] * (LEAST - 1))


def test_the_configuration_keeps_what_is_in_it(tmp_path):
    path = tmp_path / "baowen.toml"
    path.write_text('# ours\nlanguage = "en"\n[answers]\nmax_question = 500 # short\n', encoding="utf-8")
    write(Calibration(0.3, 0.2, 0.1, 0.5), "qwen-72b", path)
    text = path.read_text(encoding="utf-8")
    assert "# ours" in text
    assert "500 # short" in text
    settings = Settings.load()  # of the working folder
    assert (settings.language, settings.answers.answered, settings.answers.quoted) == ("en", 0.3, 0.2)
    assert settings.answers.calibrated_for == "qwen-72b"


def test_a_configuration_that_cannot_be_read_is_left(tmp_path):
    path = tmp_path / "baowen.toml"
    path.write_text("[answers\n", encoding="utf-8")
    with pytest.raises(BaowenError, match="cannot write the configuration"):
        write(Calibration(0.3, 0.2, 0.1, 0.5), "m", path)
    assert path.read_text(encoding="utf-8") == "[answers\n"


def test_the_packaged_model_is_calibrated_and_another_is_not_until_it_was():
    assert is_calibrated(Settings(generator={"model": fitted_for()}))
    assert not is_calibrated(Settings(generator=OTHER))
    assert is_calibrated(Settings(generator=OTHER, answers={"calibrated_for": "qwen-72b"}))


def test_an_answer_says_that_its_checks_are_uncalibrated(archive_folder, embedder):
    for generator, note in ((OTHER, UNCALIBRATED), ({}, "")):
        settings = Settings(embedder={"model": "fake"}, generator=generator)
        answer = opened(archive_folder, embedder, settings, "塔吊司机叫蓝采薇。[1]").ask("塔吊司机叫什么名字？")
        assert (answer.note, json.loads(json.dumps(answer.as_dict()))["note"]) == (note, note)
