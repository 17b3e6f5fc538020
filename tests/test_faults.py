"""A short run of the fault benchmark; the long one is ``make test-faults``."""

import json
import subprocess
import sys

from .conftest import ROOT


def test_nothing_published_is_lost_or_mixed_when_writers_are_killed_and_files_damaged(tmp_path):
    command = [sys.executable, "-m", "benchmarks.faults", "--kills", "12", "--seed", "7", "--disk-steps", "0"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out.json")], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert result["reader_answers"] > 50
    assert sum(result["killed"].values()) == 12
    assert result["damaged_files_survived"] >= 20
