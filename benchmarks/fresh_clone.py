"""Minutes from a fresh clone to the first answer, by step. ``python -m benchmarks.fresh_clone``.

Clones this repository into a temporary folder with empty caches, runs ``make chat`` there and asks one question through
the page's API; then it stops the chat and starts it a second time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import IO

from gradio_client import Client

from .__main__ import machine, save

ROOT = Path(__file__).parent.parent
PORT = 7961
QUESTION = "塔吊司机蓝采薇每天要爬多高的塔吊？"
_LIMIT_S = 1800


def start(folder: Path, environment: dict[str, str], log: IO[str]) -> subprocess.Popen[bytes]:
    """Start ``make chat`` in a separate process group."""
    command = ["make", "chat", f"PORT={PORT}"]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)


def wait(done: str, path: Path, process: subprocess.Popen[bytes], begun: float) -> float:
    """Seconds since ``begun`` until ``done`` appears in the log."""
    while time.perf_counter() - begun < _LIMIT_S:
        if done in path.read_text(encoding="utf-8", errors="replace"):
            return time.perf_counter() - begun
        if process.poll() is not None:
            raise SystemExit(path.read_text(encoding="utf-8", errors="replace")[-2000:])
        time.sleep(0.1)
    raise SystemExit(f"{done!r} did not appear within {_LIMIT_S} s")


def wait_for_page(begun: float) -> float:
    """Seconds since ``begun`` until the page responds."""
    while time.perf_counter() - begun < _LIMIT_S:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5)
            return time.perf_counter() - begun
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the page did not come up")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt ``make chat`` as a user would."""
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)


def main() -> None:
    """Run, print, and write the result."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "PIP_NO_CACHE_DIR": "1"}
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "clone")], check=True)
        path = folder / "log"
        with path.open("w", encoding="utf-8") as log:
            begun = time.perf_counter()
            process = start(folder / "clone", environment, log)
            installed = wait("touch .venv/installed", path, process, begun)
            built = wait("馆藏现有", path, process, begun)
            up = wait_for_page(begun)
            reply = Client(f"http://127.0.0.1:{PORT}", verbose=False).predict(QUESTION, [], api_name="/ask")
            answered = time.perf_counter() - begun
            stop(process)
            begun = time.perf_counter()
            process = start(folder / "clone", environment, log)
            again = wait_for_page(begun)
            stop(process)
    result = {
        "benchmark": "fresh_clone",
        "machine": machine(),
        "install_s": installed,
        "weights_and_build_s": built - installed,
        "page_up_s": up - built,
        "first_answer_s": answered - up,
        "total_minutes": answered / 60,
        "second_start_s": again,
        "answer": reply[1][-1]["content"],
    }
    save(result)
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
