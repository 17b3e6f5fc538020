"""A test that is skipped says why, and for a reason that .ci/allowed-skips lists, else .ci/run fails."""

import subprocess

import pytest

from .conftest import ROOT

LINES = (ROOT / ".ci" / "allowed-skips").read_text(encoding="utf-8").splitlines()
ALLOWED = [line for line in LINES if line and not line.startswith("#")]
RAN = "12 passed, 1 skipped in 3.00s\n"


def judged(*skipped):
    lines = "".join(f"SKIPPED [1] tests/test_some.py:14: {reason}\n" for reason in skipped)
    command = [ROOT / ".ci" / "unexpected-skips"]
    return subprocess.run(command, input=lines + RAN, capture_output=True, text=True, check=False)


def test_skips_of_the_list_are_allowed_and_none_is_needed():
    assert judged().returncode == 0
    assert judged(*ALLOWED).returncode == 0


def test_another_skip_is_named_and_fails():
    done = judged(ALLOWED[0], "not in the mood")
    assert done.returncode == 1
    assert "not in the mood" in done.stdout
    assert ALLOWED[0] not in done.stdout


@pytest.mark.parametrize("reason", ALLOWED)
def test_each_allowed_reason_is_that_of_a_test(reason):
    sources = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "test_ci.py"]
    assert any(reason in path.read_text(encoding="utf-8") for path in sources)
