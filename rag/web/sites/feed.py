"""Adds an issue from the page: reads files, shows the recognised articles, applies corrections, publishes."""

from __future__ import annotations

import datetime
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.build import build
from index.config import Settings
from index.errors import BaowenError
from index.isolation import Limits, read_issue
from index.models.embedder import Embedder
from index.reading import SUFFIXES
from index.reading.facts.known import iso_date
from index.report import Report
from index.search.names import tagger_of
from index.sources import find_sources
from index.types import JsonObject
from rag.audit import Audit
from rag.serving.database.corrections import open_overlay

from ..access.caller import caller
from ..rendering.text import Translator

LIMIT_MB = 32
_LIMITS = Limits(seconds=300)  # since somebody is waiting


@dataclass(frozen=True)
class Recognised:
    """The articles in uploaded files, and a sentence for each file or part that could not be read."""

    articles: tuple[Article, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """The destination of new issues: their confirmed articles become a JSONL file in ``folder``."""

    folder: Path
    archive: Path
    embedder: Embedder
    settings: Settings
    allowed: Callable[[], bool] = lambda: True  # whether the caller may add issues

    def recognise(self, files: Sequence[Path], text: Translator) -> Recognised:
        """Read uploaded files as pages of issues, without storing them.

        Args:
            files: the received files; only the last part of a name is used.
            text: translates the messages about files that cannot be read.
        """
        if not self.allowed():
            return Recognised((), (text.say("You may not add issues to this archive."),))
        problems = []
        with tempfile.TemporaryDirectory(prefix="baowen-feed-") as temporary:
            folder = Path(temporary, "added")
            folder.mkdir()
            for file in files:
                name = Path(file.name).name
                if file.suffix.lower() not in SUFFIXES:
                    problems.append(refused_kind(name, text))
                elif file.stat().st_size > LIMIT_MB << 20:
                    problems.append(too_large(name, text))
                else:
                    shutil.copyfile(file, folder / name.lstrip("."))  # hidden files would be skipped
            articles: list[Article] = []
            found = find_sources([folder]) if any(folder.iterdir()) else None
            for source in found.sources if found else ():
                issue = read_issue(((file.path, file.source) for file in source.files), limits=_LIMITS)
                articles += issue.articles
                problems += [problem.replace(f"{folder}{os.sep}", "") for problem in issue.failed + issue.warnings]
        return Recognised(tuple(articles), tuple(problems))

    def publish(self, articles: Sequence[Article]) -> Report:
        """Store the articles and index them; the archive is published in one step.

        Raises:
            BaowenError: they cannot be stored or indexed; the archive is unchanged, and nothing is stored.
        """
        if not self.allowed():
            raise BaowenError("您不能往这个馆藏添加报纸 (you may not add to this archive)")
        batch = f"{datetime.datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        path = self.folder / f"{batch}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            records = (_record(article, f"{batch}#{number}") for number, article in enumerate(articles, 1))
            partial.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise BaowenError(f"无法写入 {self.folder} (cannot write): {error.strerror}") from error
        try:
            tagger, cutting = tagger_of(self.settings.search), self.settings.passages
            report = build(
                [self.folder],
                self.archive,
                self.embedder,
                cutting,
                keep_others=True,
                tagger=tagger,
                images=self.settings.images,
                overlay=open_overlay(self.archive, self.settings),
            )
        except BaowenError:
            path.unlink(missing_ok=True)
            raise
        by = caller()
        titles = [article.title for article in articles]
        Audit(self.settings.audit).note("added", by.who, by.address, file=path.name, articles=titles)
        return report


def _record(article: Article, identity: str) -> JsonObject:
    values = article.as_dict()
    names = ("title", "kicker", "subtitle", "date", "paper", "page", "section")
    people = ("reporters", "correspondents", "photographers")
    return {"id": identity, **{name: values[name] for name in (*names, *people)}, "text": article.body}


def refused_kind(name: str, text: Translator) -> str:
    """Return the message that a file has an unsupported format."""
    return text.say(
        "%(name)s: this kind of file is not supported; supported: %(suffixes)s", name=name, suffixes=" ".join(SUFFIXES)
    )


def too_large(name: str, text: Translator) -> str:
    """Return the message that a file is too large."""
    return text.say("%(name)s: larger than %(limit)s MB, not read", name=name, limit=LIMIT_MB)


@dataclass(frozen=True)
class ReviewedArticle:
    """A person's review of a recognised article: whether to keep it, and its corrected fields."""

    keep: bool = True
    title: str = ""
    kicker: str = ""
    subtitle: str = ""
    date: str = ""
    page: str = ""


def as_recognised(article: Article) -> ReviewedArticle:
    """Return an article's fields as they were recognised."""
    page = "" if article.page is None else str(article.page)
    return ReviewedArticle(True, article.title, article.kicker, article.subtitle, article.date or "", page)


def corrected(articles: Sequence[Article], rows: Sequence[ReviewedArticle], text: Translator) -> list[Article]:
    """Return the articles to keep, with their corrections.

    Raises:
        BaowenError: a date or page is invalid, and the message names the row; or the rows do not match the articles.
    """
    if len(articles) != len(rows):
        raise BaowenError(text.say("The list of articles has changed; recognise the files again."))
    result = []
    for number, (article, row) in enumerate(zip(articles, rows, strict=True), 1):
        if not row.keep:
            continue
        written, page = row.date.strip(), row.page.strip()
        day = iso_date(written) if written else None
        if written and day is None:
            raise BaowenError(_bad(number, text.say("Date"), written, text))
        if page and not page.isdecimal():
            raise BaowenError(_bad(number, text.say("Page"), page, text))
        pages = article.pages if page == as_recognised(article).page else (int(page),) if page else ()
        title, kicker, subtitle = (" ".join(value.split()) for value in (row.title, row.kicker, row.subtitle))
        result.append(replace(article, date=day, pages=pages, title=title, kicker=kicker, subtitle=subtitle))
    return result


def _bad(row: int, column: str, value: str, text: Translator) -> str:
    return text.say(
        "Row %(row)s: “%(value)s” does not do as %(column)s; please correct it and publish again.",
        row=row,
        value=value,
        column=column,
    )
