"""Twenty people asking at once through the page's own queue: ``python -m benchmarks.load DATA [--minutes 3]``.

Each asks one question after another with Gradio's client and is shown what the page shows; they are a process of their
own. Counted: errors, answers that never came, whether whoever waited was told their place; measured: when the passages
were on screen.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import socket
import statistics
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from gradio_client import Client

from app import create_app
from rag.web.history import History
from rag.web.site import Site

from . import data
from .__main__ import RESULTS, machine

_PEOPLE = 20
_LONGEST_S = 600.0  # an answer that takes longer counts as lost


@dataclass
class Seen:
    """What one person saw."""

    found_s: list[float] = field(default_factory=list)
    total_s: list[float] = field(default_factory=list)
    told_place: bool = False
    errors: list[str] = field(default_factory=list)


def ask_on(address: str, questions: list[str], end: float, seen: Seen) -> None:
    """Ask one question after another until the time is over; the last one is waited for."""
    client = Client(address, verbose=False)
    number = 0
    while time.monotonic() < end:
        started = time.monotonic()
        try:
            asked = questions[number % len(questions)]
            job = client.submit(asked, None, None, "", "", "", "", api_name="/chat")  # the filters left open
            shown = ""
            for update in job:
                shown = str(update)
                if "查到" in shown and len(seen.found_s) == len(seen.total_s):
                    seen.found_s.append(time.monotonic() - started)
                seen.told_place |= bool(re.search(r"前面还有 \d+ 人", shown))
            if 'class="answer' not in shown:
                raise RuntimeError(f"no answer: {shown[:200]}")
        except Exception as error:
            seen.errors.append(f"{type(error).__name__}: {str(error)[:200]}")
        seen.total_s.append(time.monotonic() - started)
        number += 1


def everyone_asks(address: str, questions: list[str], minutes: float) -> tuple[list[Seen], int]:
    """What each person saw, and how many still wait for an answer that never came."""
    everyone = [Seen() for _ in range(_PEOPLE)]
    end = time.monotonic() + minutes * 60
    people = [
        threading.Thread(target=ask_on, args=(address, questions[number::_PEOPLE], end, seen), daemon=True)
        for number, seen in enumerate(everyone)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join(_LONGEST_S)
    return everyone, sum(person.is_alive() for person in people)


def main() -> None:
    """Serve the real page's archive, ask, write ``results/load.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=3.0)
    options = parser.parse_args()
    questions = [record["query"] for record in data.rgb_questions(options.data)]
    articles = data.rgb_articles(data.rgb_questions(options.data))
    others = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    with data.archive_of(articles) as archive, tempfile.TemporaryDirectory() as folder, others:
        _ = archive.retrieve("报纸", k=1), archive.generator
        address = serve(Site(archive, History(Path(folder, "history.sqlite"))))
        everyone, lost = others.submit(everyone_asks, address, questions, options.minutes).result()
        result: dict[str, Any] = {
            "benchmark": "load",
            "machine": machine(),
            "people": _PEOPLE,
            "minutes": options.minutes,
            "answers": sum(len(seen.total_s) for seen in everyone),
            "errors": [error for seen in everyone for error in seen.errors],
            "lost": lost,
            "people_told_their_place": sum(seen.told_place for seen in everyone),
            "found_s_p50": statistics.median(s for seen in everyone for s in seen.found_s),
            "found_s_p95": statistics.quantiles([s for seen in everyone for s in seen.found_s], n=20)[-1],
            "total_s_p50": statistics.median(s for seen in everyone for s in seen.total_s),
        }
    (RESULTS / "load.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, ensure_ascii=False))


def serve(site: Site) -> str:
    """Serve a site on a free port of this machine, from a thread; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(site), port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return f"http://127.0.0.1:{port}/"


if __name__ == "__main__":
    main()
