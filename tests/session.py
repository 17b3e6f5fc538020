"""A session with the product, to be watched from outside: build, watch, ask, chat with a browser.

``python -m tests.session FOLDER [--alone]``; ``--alone``: in a network namespace of its own, whose loopback is down.
``test_privacy.py`` runs it. Every process is traced by strace into ``FOLDER/NAME.trace``. The models are made up, but
run in the real libraries.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TRACE = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]
QUESTION = "蓝采薇每天爬多高的塔吊？"
# Chromium asks hosts of its maker at every start, whatever it is told, so it may look nothing up. What the page itself
# asks for is seen by its requests, what it names by web/test_web.py.
_NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
_PATIENCE_MS = 180_000  # a traced browser on a busy machine
_SIOCSIFFLAGS, _UP_AND_RUNNING = 0x8914, 0x41


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))


def made_up_models(folder: Path) -> dict[str, str]:
    """A sentence model and a language model of random weights, as settings."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel

    from .llm.test_onnx import written

    alphabet = {letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))}
    tokenizer = Tokenizer(BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = ByteLevel()
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=32)]).save(str(folder / "sentences"))
    return {
        "BAOWEN_EMBEDDER__MODEL": str(folder / "sentences"),
        "BAOWEN_GENERATOR__MODEL": str(written(folder / "tiny.gguf", context=4096)),
        "BAOWEN_GENERATOR__BACKEND": "onnx",
        "BAOWEN_GENERATOR__MAX_TOKENS": "16",
        "BAOWEN_ANSWERS__CONTEXT_CHARACTERS": "200",
    }


def traced(folder: Path, name: str) -> list[str]:
    return [*TRACE, "-o", str(folder / f"{name}.trace"), sys.executable, "-m"]


def browse(address: str) -> None:
    """Ask on the Chinese page; look at the other pages."""
    from playwright.sync_api import expect, sync_playwright

    from .web.browsers import CHROMIUM, FLAGS

    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, _NO_NAMES], timeout=_PATIENCE_MS)
        page = chromium.new_page()
        foreign: list[str] = []
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else foreign.append(r.url))
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(address)
        page.fill("#question textarea", QUESTION)
        page.press("#question textarea", "Enter")
        expect(page.locator("#chat .answer")).to_be_visible()
        for path in ("/issues", "/overview", "/en/"):
            page.goto(address + path)
            expect(page.locator("#masthead")).to_be_visible()
        chromium.close()
    assert foreign == []


def session(folder: Path) -> None:
    settings = made_up_models(folder)
    home = {"HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "home" / ".cache")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BAOWEN_", "XDG_"))}
    environment = kept | home | settings | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}
    for place in ("home", "tmp", "work", "reader"):
        (folder / place).mkdir()
    given = {"cwd": folder / "work", "env": environment}
    subprocess.run([*traced(folder, "build"), "rag", "build", str(ROOT / "issues")], check=True, **given)
    subprocess.run([*traced(folder, "ask"), "rag", "ask", QUESTION], check=True, **given)
    watched = folder / "work" / "watched"
    command = [*traced(folder, "watch"), "rag", "watch", str(ROOT / "issues"), "--archive", str(watched)]
    with running(command, (watched / "CURRENT").is_file, given):
        pass
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [*traced(folder, "chat"), "rag", "chat", "--port", str(port)]
    with running(command, lambda: is_served(address), given):
        if shutil.which("chromium") or shutil.which("chromium-browser"):
            browser = [*traced(folder, "browser"), "tests.session", str(folder), "--browse", address]
            own = {"HOME": str(folder / "reader"), "PYTHONPATH": str(ROOT)}
            subprocess.run(browser, check=True, cwd=ROOT, env=kept | own)


@contextmanager
def running(command: list[str], is_ready: Callable[[], bool], given: dict[str, Any]) -> Iterator[None]:
    """A command that goes on until it is interrupted, once it is ready."""
    with subprocess.Popen(command, start_new_session=True, **given) as process:
        try:
            deadline = time.monotonic() + _PATIENCE_MS / 1000
            while not is_ready():
                assert process.poll() is None, command
                assert time.monotonic() < deadline, command
                time.sleep(0.2)
            yield
        finally:
            os.killpg(process.pid, signal.SIGINT)


def is_served(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/health", timeout=5).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job ignores it, and so would its children
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--browse")
    given = parser.parse_args()
    if given.browse:
        browse(given.browse)
    else:
        if given.alone:
            raise_loopback()
        session(given.folder.resolve())
