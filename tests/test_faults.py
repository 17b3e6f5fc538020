"""A short run of the fault benchmark; the long one is ``make test-faults``."""

from benchmarks.faults import run


def test_nothing_published_is_lost_or_mixed_when_writers_are_killed_and_files_damaged():
    result = run(kills=12, seed=7, disk_steps=0)
    assert result["reader_answers"] > 100
    assert sum(result["operations"].values()) == 12
    assert result["damaged_files_survived"] == 8
