import pytest

pytest.importorskip("simpy", reason="simpy is not installed (the dev extra)")

from benchmarks.waiting import measured_seconds, simulate


def test_twenty_people_who_do_not_read_wait_for_nineteen_answers():
    one = simulate(20, 1, [4.0], 0.0, hours=0.5)
    assert (one.total_p50, one.wait_p50, one.busy) == (80.0, 76.0, pytest.approx(1.0, abs=0.01))
    assert one.answers_an_hour == pytest.approx(900, rel=0.01)
    assert simulate(20, 4, [4.0], 0.0, hours=0.5).total_p50 == 20.0


def test_with_a_server_for_each_nobody_waits():
    found = simulate(5, 5, [4.0, 6.0], 100.0, hours=1)
    assert (found.wait_p95, found.total_p50) == (0.0, pytest.approx(5, abs=1))


def test_answers_were_measured():
    seconds = measured_seconds()
    assert len(seconds) > 50
    assert min(seconds) > 0
