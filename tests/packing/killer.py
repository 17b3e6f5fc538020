"""Packs or unpacks again and again in children that are killed at random moments; prints what each left behind.

python -m tests.packing.killer pack|unpack TIMES ARCHIVE PACK FOLDER
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from index.errors import BaowenError
from index.packing import pack, unpack
from index.storage.snapshots import ArchiveFolder, files_of


def contents(snapshot):
    return {name: (snapshot / name).read_bytes() for name in files_of(snapshot)}


def once(kind, archive, packed, target):
    if kind == "pack":
        pack(archive, target)
    else:
        unpack(packed, target)


def killed(after, *work):
    child = os.fork()
    if child == 0:
        once(*work)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def left(kind, target, folder, wanted):
    """Nothing, or the whole of it."""
    if kind == "pack":
        if not target.exists():
            return "nothing"
        unpack(target, folder / "looked-at")
        held = ArchiveFolder(folder / "looked-at").require_current()
    else:
        held = ArchiveFolder(target).current()
        if held is None:
            return "nothing"
    return "whole" if contents(held) == wanted else "WRONG"


def main(kind, times, archive, packed, folder):
    archive, packed, folder = Path(archive), Path(packed), Path(folder)
    wanted = contents(ArchiveFolder(archive).require_current())
    started = time.perf_counter()
    once(kind, archive, packed, folder / "first")
    seconds = time.perf_counter() - started
    moments = random.Random(7)
    seen = []
    for number in range(int(times)):
        if number % 5 == 0:
            base = folder / f"{kind}-{number}"
            base.mkdir()
        target = base / "target"
        if kind == "unpack" and ArchiveFolder(target).current() is not None:
            target = base / f"target-{number}"  # it went through before it was killed
        killed(moments.uniform(0, 1.2 * seconds), kind, archive, packed, target)
        try:
            seen.append(left(kind, target, base / str(number), wanted))
        except BaowenError as error:
            seen.append(f"WRONG {error}")
    target = folder / "last"
    killed(seconds / 2, kind, archive, packed, target)
    if not (kind == "unpack" and ArchiveFolder(target).current()):
        once(kind, archive, packed, target)
    print(json.dumps({"seen": seen, "leftovers": [str(path) for path in leftovers(kind, target)]}))


def leftovers(kind, target):
    if kind == "pack":
        return list(target.parent.glob("*.partial"))
    return [*(target / "snapshots").glob("building-*"), *target.glob("*.partial")]


if __name__ == "__main__":
    main(*sys.argv[1:])
