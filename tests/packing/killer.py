"""Packs or unpacks again and again in children that are killed at random moments; prints what each left behind.

python -m tests.packing.killer pack|unpack TIMES ARCHIVE PACK FOLDER
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from index.errors import BaowenError
from index.packing import pack, unpack
from index.storage.snapshots import ArchiveFolder, files_of


def contents(snapshot):
    found = {}
    for name in files_of(snapshot):
        with (snapshot / name).open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


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


def left(kind, target, wanted):
    """Nothing, or the whole of it, which is removed again where it is an archive."""
    restored = target
    if kind == "pack" and target.exists():
        restored = target.with_name("looked-at")
        unpack(target, restored)
    held = ArchiveFolder(restored).current()
    if held is None:
        return "WRONG" if restored != target else "nothing"
    found = "whole" if contents(held) == wanted else "WRONG"
    shutil.rmtree(restored)
    return found


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
        killed(moments.uniform(0, 1.2 * seconds), kind, archive, packed, target)
        try:
            seen.append(left(kind, target, wanted))
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
