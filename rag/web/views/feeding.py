"""Adding an issue from the page: files are uploaded one by one, recognised, corrected and published."""

from __future__ import annotations

import secrets
import tempfile
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from index.article import Article
from index.errors import BaowenError

from ..access.login import person
from ..rendering.render import Renderer
from ..rendering.text import LANGUAGES
from ..requests.limits import OwnRoute, is_foreign
from ..requests.responses import page_response
from ..sites.feed import LIMIT_MB, Feed, ReviewedArticle, corrected, too_large
from .browsing import recognised_view

_KEPT_S = 3600.0  # after that, a file that was not recognised is deleted
_MOST_FILES = 200
_MOST_BATCHES = 50


@dataclass(frozen=True)
class _Upload:
    path: Path
    person: str
    received: float = field(default_factory=time.monotonic)


class Uploads:
    """Uploaded files before recognition, and articles before publication; each belongs to its sender."""

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="baowen-uploads-")  # deleted with this object, or at exit
        self.folder = Path(self._temporary.name)
        self._lock = threading.Lock()
        self._files: OrderedDict[str, _Upload] = OrderedDict()
        self._batches: OrderedDict[str, tuple[str, list[Article]]] = OrderedDict()

    def new(self, name: str, who: str) -> tuple[str, Path]:
        """Return a token and a path for a file with this name; abandoned older files are deleted."""
        token = secrets.token_urlsafe(12)
        folder = self.folder / token
        folder.mkdir()
        with self._lock:
            old = time.monotonic() - _KEPT_S
            for other in [t for t, upload in self._files.items() if upload.received < old]:
                self._delete(other)
            while len(self._files) >= _MOST_FILES:
                self._delete(next(iter(self._files)))
            self._files[token] = _Upload(folder / file_name(name), who)
            return token, self._files[token].path

    def paths(self, tokens: list[str], who: str) -> list[Path]:
        """Return the files of a person's tokens, in this order."""
        with self._lock:
            held = (self._files.get(token) for token in tokens)
            return [upload.path for upload in held if upload and upload.person == who]

    def delete(self, tokens: list[str], who: str) -> None:
        """Delete a person's files."""
        with self._lock:
            for token in tokens:
                if (upload := self._files.get(token)) and upload.person == who:
                    self._delete(token)

    def _delete(self, token: str) -> None:
        path = self._files.pop(token).path
        path.unlink(missing_ok=True)
        path.parent.rmdir()

    def keep(self, articles: list[Article], who: str) -> str:
        """Store recognised articles until they are published; return their token."""
        token = secrets.token_urlsafe(12)
        with self._lock:
            while len(self._batches) >= _MOST_BATCHES:
                self._batches.popitem(last=False)
            self._batches[token] = (who, articles)
        return token

    def articles(self, token: str, who: str) -> list[Article] | None:
        """Return the articles of a person's token; None if there are none."""
        owner, articles = self._batches.get(token, ("", []))
        return articles if articles and owner == who else None

    def published(self, token: str) -> None:
        """Remove the articles of a token after they were published."""
        self._batches.pop(token, None)


def file_name(sent: str) -> str:
    """Return the last part of a file name from a browser on any system; empty if there is none."""
    name = Path(sent.replace("\\", "/")).name
    return "" if name == ".." else name


class Recognise(BaseModel):
    """The uploaded files of an issue."""

    files: list[str] = Field(max_length=_MOST_FILES)
    language: str = "zh"


class Publish(BaseModel):
    """The corrected articles."""

    batch: str
    rows: list[ReviewedArticle]
    language: str = "zh"


def feeding(feed: Feed) -> APIRouter:
    """Return the routes for adding an issue."""
    feeding = Feeding(feed)
    router = APIRouter(include_in_schema=False, route_class=OwnRoute)
    router.add_route("/feed/files", feeding.upload, methods=["POST"])  # the body is the file and has its own limit
    router.add_api_route("/feed/recognise", feeding.recognise, methods=["POST"])
    router.add_api_route("/feed/publish", feeding.publish, methods=["POST"])
    return router


class Feeding:
    """The handlers of the routes."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._uploads, self._publishing = Uploads(), threading.Lock()
        self._renderers = {language: Renderer(language) for language in LANGUAGES}

    def _render(self, language: str) -> Renderer:
        return self._renderers.get(language) or self._renderers["zh"]

    def _allowed(self) -> None:
        """Raise a 403 unless the caller may add issues."""
        if not self._feed.allowed():
            raise HTTPException(403)

    async def upload(self, request: Request) -> Response:
        """Receive one file as the request's body and return its token."""
        name = file_name(request.query_params.get("name", ""))
        if is_foreign(request):
            raise HTTPException(403)
        self._allowed()
        if not name:
            raise HTTPException(400)
        who = person(request)
        token, path = self._uploads.new(name, who)
        if not await _received(request, path):
            self._uploads.delete([token], who)
            text = self._render(request.query_params.get("lang", "")).text
            return JSONResponse({"error": too_large(name, text)}, 413)
        return JSONResponse({"file": token})

    def recognise(self, request: Request, asked: Recognise) -> Response:
        """Return the articles in uploaded files as an HTML table, and delete the files."""
        self._allowed()
        render, who = self._render(asked.language), person(request)
        try:
            found = self._feed.recognise(self._uploads.paths(asked.files, who), render.text)
        finally:
            self._uploads.delete(asked.files, who)
        batch = self._uploads.keep(list(found.articles), who) if found.articles else ""
        return page_response(recognised_view(render, found, batch))

    def publish(self, request: Request, asked: Publish) -> Response:
        """Publish the articles; return a message, or why they were not published."""
        self._allowed()
        render = self._render(asked.language)
        articles = self._uploads.articles(asked.batch, person(request))
        try:
            kept = corrected(articles, asked.rows, render.text) if articles else []
            if not kept:
                return _problem(render.say("Nothing to publish: recognise some files first."))
            with self._publishing:
                report = self._feed.publish(kept)
        except BaowenError as error:
            return _problem(str(error))
        self._uploads.published(asked.batch)
        said = render.say(
            "%(count)s articles published; the archive now has %(articles)s articles, %(passages)s passages.",
            count=len(kept),
            articles=report.articles,
            passages=report.passages,
        )
        return JSONResponse({"said": said, "problems": list(report.problems)})


async def _received(request: Request, path: Path) -> bool:
    """Write the body to the file; return whether it is complete and within the limit."""
    limit = LIMIT_MB << 20
    if int(request.headers.get("content-length") or 0) > limit:
        return False
    size = 0
    with path.open("wb") as file:
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                return False
            file.write(piece)
    return True


def _problem(said: str) -> Response:
    return JSONResponse({"error": said}, 422)
