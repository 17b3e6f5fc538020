"""Twenty people asking at once through the page's own queue: ``python -m benchmarks.load DATA [--minutes 3]``.

Each opens the page; when all have done so, each asks one question after another like a browser and receives the same
data. They run in a separate process. Counted: errors, missing answers, and whether waiting people were shown their
place. Measured: the search itself, and the time until the passages were on screen.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import re
import secrets
import socket
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from app import create_app, warm
from rag.web.history.history import History
from rag.web.sites.site import ModelStatus, Site

from . import data
from .__main__ import machine, save

_PEOPLE = 20
_LONGEST_S = 600.0  # an answer that takes longer counts as lost


@dataclass
class Seen:
    """What one person received."""

    found_s: list[float] = field(default_factory=list)
    total_s: list[float] = field(default_factory=list)
    told_place: bool = False
    errors: list[str] = field(default_factory=list)
    lost: int = 0


class Browser:
    """One open page of a browser."""

    def __init__(self, http: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self._http = http
        self._session = secrets.token_hex(6)
        self._functions = {d["api_name"]: d["id"] for d in config["dependencies"] if d["api_name"]}

    async def call(self, name: str, values: Sequence[Any]) -> AsyncIterator[str]:
        """Yield each message of an event as it arrives, until the event is complete.

        Raises:
            RuntimeError: the event failed.
        """
        body = {"data": list(values), "fn_index": self._functions[name], "session_hash": self._session}
        (await self._http.post("gradio_api/queue/join", json=body)).raise_for_status()
        query = {"session_hash": self._session}
        async with self._http.stream("GET", "gradio_api/queue/data", params=query) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line[5:])
                yield json.dumps(message.get("output") or {}, ensure_ascii=False)
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(line[:300])
                    return


def conversation_of(shown: str) -> str:
    """The conversation named in a chat's first message; later messages contain only changes."""
    told = json.loads(shown).get("data") or []
    return told[2] if len(told) > 2 and isinstance(told[2], str) else ""


async def ask(browser: Browser, questions: Sequence[str], end: float, seen: Seen) -> None:
    """Ask questions one after another, at least one, until ``end``; wait for the last answer."""
    number, talk = 0, ""
    while not number or time.monotonic() < end:
        started = time.monotonic()
        question = questions[number % len(questions)]
        found = answered = False
        try:
            async with asyncio.timeout(_LONGEST_S):
                async for shown in browser.call("chat", [question, talk, None, None, "", "", "", ""]):
                    talk = talk or conversation_of(shown)
                    if "查到" in shown and not found:
                        found = True
                        seen.found_s.append(time.monotonic() - started)
                    seen.told_place |= bool(re.search(r"前面还有 \d+ 人", shown))
                    answered |= 'class=\\"answer' in shown
            if not answered:
                raise RuntimeError("no answer")
        except TimeoutError:
            seen.lost += 1
        except Exception as error:
            seen.errors.append(f"{type(error).__name__}: {str(error)[:200]}")
        seen.total_s.append(time.monotonic() - started)
        number += 1


async def _everyone(address: str, questions: Sequence[str], people: int, minutes: float) -> list[Seen]:
    everyone = [Seen() for _ in range(people)]
    async with httpx.AsyncClient(base_url=address, timeout=None) as http:
        config = (await http.get("config")).json()
        browsers = [Browser(http, config) for _ in everyone]
        for browser in browsers:
            async for _ in browser.call("search", ["报纸", 5, "", ""]):
                pass
        end = time.monotonic() + minutes * 60
        async with asyncio.TaskGroup() as asking:
            for number, (browser, seen) in enumerate(zip(browsers, everyone, strict=True)):
                asking.create_task(ask(browser, questions[number::people], end, seen))
    return everyone


def everyone(address: str, questions: Sequence[str], people: int, minutes: float) -> list[Seen]:
    """What each of ``people`` received while asking ``questions`` for ``minutes``; runs in a separate process."""
    return asyncio.run(_everyone(address, questions, people, minutes))


def main() -> None:
    """Serve the real page's archive, ask, and write ``results/load.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=3.0)
    options = parser.parse_args()
    questions = [record["query"] for record in data.rgb_questions(options.data)]
    articles = data.rgb_articles(data.rgb_questions(options.data))
    others = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    with data.archive_of(articles) as archive, tempfile.TemporaryDirectory() as folder, others:
        warm(archive, ModelStatus())
        address = serve(Site(archive, History(Path(folder, "history.sqlite"))))
        others.submit(everyone, address, questions, 1, 0.0).result()  # one-time work of the server is not measured
        seen = others.submit(everyone, address, questions, _PEOPLE, options.minutes).result()
        with closing(sqlite3.connect(Path(folder, "history.sqlite"))) as history:
            timings = "SELECT json_extract(answer, '$.timings.retrieve_ms') FROM turns"
            searches = [ms / 1000 for (ms,) in history.execute(timings)]
    result: dict[str, Any] = {
        "benchmark": "load",
        "machine": machine(),
        "people": _PEOPLE,
        "minutes": options.minutes,
        "answers": sum(len(one.total_s) for one in seen),
        "errors": [error for one in seen for error in one.errors],
        "lost": sum(one.lost for one in seen),
        "people_told_their_place": sum(one.told_place for one in seen),
        "search_s_p50": statistics.median(searches),
        "search_s_p95": statistics.quantiles(searches, n=20)[-1],
        "found_s_p50": statistics.median(s for one in seen for s in one.found_s),
        "found_s_p95": statistics.quantiles([s for one in seen for s in one.found_s], n=20)[-1],
        "total_s_p50": statistics.median(s for one in seen for s in one.total_s),
    }
    save(result)
    print(json.dumps(result, ensure_ascii=False))


def serve(site: Site) -> str:
    """Serve a site on a free local port from a thread; returns its address."""
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
