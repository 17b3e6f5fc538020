"""How much the model reads: by the fastest that this machine was seen to read."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from index.config import Settings
from rag.generation.speed import characters, reading_speeds


def _model(speed: float | None) -> Any:
    return SimpleNamespace(name="model", reading_speed=speed)


def _settings(cache: Path) -> Settings:
    return Settings.model_validate({"cache": cache, "answers": {"context_characters": 1500, "first_token_seconds": 4}})


def test_a_measurement_on_a_busy_machine_does_not_last(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert characters(settings, _model(40.0)) == 600
    assert characters(settings, _model(200.0)) == 1120
    assert characters(settings, _model(40.0)) == 1120, "busy again: as much is read as before"
    assert reading_speeds(tmp_path) == {"model": 200.0}


def test_a_model_whose_speed_is_not_known_reads_all_that_may_be_read(tmp_path: Path) -> None:
    assert characters(_settings(tmp_path), _model(None)) == 1500
    assert reading_speeds(tmp_path) == {}


def test_a_damaged_file_of_speeds_is_measured_again(tmp_path: Path) -> None:
    (tmp_path / "reading_speed.json").write_text("{", encoding="utf-8")
    assert characters(_settings(tmp_path), _model(1000.0)) == 1500
    assert reading_speeds(tmp_path) == {"model": 1000.0}
