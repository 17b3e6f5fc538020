"""Send the server valid and invalid requests by its OpenAPI schema: ``python -m benchmarks.api [--examples 60]``.

Schemathesis generates requests for all of our routes, including those for people. The server has the sample issue and
stand-ins for the models. If a response is a 5xx, the request is shown and the exit status is 1.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from index.build import build
from index.config import PassageSettings, Settings
from rag import Archive
from rag.llm import ChatMessage
from rag.web.history.history import History
from rag.web.server import create_app
from rag.web.sites.site import Site

from .standin import StandInEmbedder

_ISSUES = Path(__file__).parent.parent / "issues"


class _Writer:
    """A language model that always writes the same sentence."""

    name = "stand-in"
    reading_speed: float | None = None
    writing_speed: float | None = None

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        return None

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        yield "蓝采薇每天要爬68米高的塔吊。"


def served(folder: Path) -> Any:
    """The app with the sample issue, with all of its routes in the schema and without a request limit."""
    embedder = StandInEmbedder()
    build([_ISSUES], folder / "archive", embedder, PassageSettings())
    settings = Settings(embedder={"model": "stand-in"}, limits={"requests": 0, "calls": 0})  # type: ignore[arg-type]
    archive = Archive.open(folder / "archive", settings)
    archive.embedder, archive._generator = embedder, _Writer()
    app = create_app(Site(archive, History(folder / "history.sqlite")))
    for route in _ours(app.routes):
        if not route.path.endswith("/{path:path}"):
            route.include_in_schema = True
    return app


def _ours(routes: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    """Yield our routes, including those of included routers, which newer FastAPI versions keep as they are."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _ours(getattr(getattr(route, "original_router", None), "routes", ()))


def main() -> int:
    """Start the server, send the requests, and report."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--examples", type=int, default=60, help="requests per kind and route")
    examples = arguments.parse_args().examples
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        server = uvicorn.Server(uvicorn.Config(served(Path(folder)), port=port, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.1)
        command = [str(Path(sys.executable).with_name("st")), "run", f"http://127.0.0.1:{port}/openapi.json"]
        command += ["--checks", "not_a_server_error", "--max-examples", str(examples), "--generation-deterministic"]
        status = subprocess.run(command, check=False).returncode
        server.should_exit = True
        thread.join(20)
    return status


if __name__ == "__main__":
    sys.exit(main())
