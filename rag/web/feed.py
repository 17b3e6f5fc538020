"""Add an issue from the page: read the files, show what was recognised, take corrections, publish."""

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
from typing import Any

from index.article import Article
from index.build import build
from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import Embedder
from index.reading import SUFFIXES, read_issue
from index.reading.facts import iso_date
from index.report import Report
from index.search.names import tagger_of
from index.sources import find_sources
from rag.audit import Audit

from .caller import caller

LIMIT_MB = 32
_OPENING = 40


@dataclass(frozen=True)
class Recognised:
    """The articles of some uploaded files, and a sentence for each file or part that could not be read."""

    articles: tuple[Article, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """Where new issues go: their articles, as they were confirmed, become a JSONL file in ``folder``."""

    folder: Path
    archive: Path
    embedder: Embedder
    settings: Settings
    allowed: Callable[[], bool] = lambda: True  # whether whoever calls may add

    def recognise(self, files: Sequence[Path], text: dict[str, str]) -> Recognised:
        """Read uploaded files as the pages of issues, without keeping them.

        Args:
            files: as they were received; only the last part of a name is looked at.
            text: the page's words, for what is said of files that are not read.
        """
        if not self.allowed():
            return Recognised((), (text["not_yours_to_add"],))
        problems = []
        with tempfile.TemporaryDirectory(prefix="baowen-feed-") as temporary:
            folder = Path(temporary, "added")
            folder.mkdir()
            for file in files:
                name = Path(file.name).name
                if file.suffix.lower() not in SUFFIXES:
                    problems.append(text["refused_kind"].format(name=name, suffixes=" ".join(SUFFIXES)))
                elif file.stat().st_size > LIMIT_MB << 20:
                    problems.append(text["too_large"].format(name=name, limit=LIMIT_MB))
                else:
                    shutil.copyfile(file, folder / name.lstrip("."))  # hidden files are passed over
            articles: list[Article] = []
            found = find_sources([folder]) if any(folder.iterdir()) else None
            for source in found.sources if found else ():
                issue = read_issue((file.path, file.source) for file in source.files)
                articles += issue.articles
                problems += [problem.replace(f"{folder}{os.sep}", "") for problem in issue.failed + issue.warnings]
        return Recognised(tuple(articles), tuple(problems))

    def publish(self, articles: Sequence[Article]) -> Report:
        """Keep the articles and index them; the archive is published in one step.

        Raises:
            BaowenError: they cannot be kept or indexed; the archive is as before, and nothing is kept.
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
            )
        except BaowenError:
            path.unlink(missing_ok=True)
            raise
        by = caller()
        titles = [article.title for article in articles]
        Audit(self.settings.audit).note("added", by.who, by.address, file=path.name, articles=titles)
        return report


def _record(article: Article, identity: str) -> dict[str, Any]:
    values = article.as_dict()
    names = ("title", "kicker", "subtitle", "date", "paper", "page", "section")
    people = ("reporters", "correspondents", "photographers")
    return {"id": identity, **{name: values[name] for name in (*names, *people)}, "text": article.body}


def as_rows(articles: Sequence[Article]) -> list[list[Any]]:
    """Articles as rows of a table: keep, headline, kicker, subtitle, date, page, length, opening."""
    return [
        [True, a.title, a.kicker, a.subtitle, a.date or "", str(a.page or ""), len(a.body), a.body[:_OPENING]]
        for a in articles
    ]


def corrected(articles: Sequence[Article], rows: Sequence[Sequence[Any]], text: dict[str, str]) -> list[Article]:
    """The articles that were kept, with the table's corrections.

    Raises:
        BaowenError: a date or page that is none; the message names the row.
    """
    columns = text["columns"].split("|")
    result = []
    for number, (article, row) in enumerate(zip(articles, rows, strict=True), 1):
        keep, title, kicker, subtitle, date, page, *_ = row
        if keep in (False, "false", "False", ""):
            continue
        day = iso_date(str(date).strip()) if str(date).strip() else None
        if str(date).strip() and day is None:
            raise BaowenError(text["bad_row"].format(row=number, column=columns[4], value=date))
        if str(page).strip() and not str(page).strip().isdigit():
            raise BaowenError(text["bad_row"].format(row=number, column=columns[5], value=page))
        pages = article.pages if str(page).strip() == str(article.page or "") else (int(str(page)),)
        title, kicker, subtitle = (" ".join(str(value).split()) for value in (title, kicker, subtitle))
        placed = replace(article, date=day, pages=pages if str(page).strip() else ())
        result.append(replace(placed, title=title, kicker=kicker, subtitle=subtitle))
    return result
