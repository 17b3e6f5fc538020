"""The memory that a process has used."""

import re
from pathlib import Path


def peak_memory_mb(process: str = "self") -> float:
    """The most that a process, by its id, has held in memory, in MB (10⁶ bytes); Linux only.

    ``getrusage`` does not tell: a process that was started counts from what its parent held at that moment.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) * 1024 / 1e6
