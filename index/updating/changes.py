"""The steps of an update: delete files, insert articles, remove the earlier of two texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from index.article import Article, dump_article
from index.overlay.places import as_read
from index.sources import Source
from index.storage.catalogue import keep_regions
from index.storage.writer import SnapshotWriter

from .ledger import Problem, forget
from .plan import Plan
from .versions import Group, Versions, drop_aliases


class Intake:
    """The articles of a plan's issues while they are inserted, and the problems found in reading them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.versions = Versions()
        self.groups: set[Group] = set()
        self.problems: dict[str, list[Problem]] = {}
        self.warnings: list[str] = []

    def insert(self, database: sqlite3.Connection, article: Article, source: Source) -> int | None:
        """The number given to the article; 0 if a later text of it exists; None if another article has its id."""
        if database.execute("SELECT 1 FROM articles WHERE id = ?", (article.id,)).fetchone():
            file = next(file for file in source.files if file.source == article.source)
            when = self.plan.when(file)
            settled = self.versions.settle(database, article, (when.added, when.modified, file.source))
            if not settled:
                return settled if settled is None else 0
        if article.date is not None:
            self.groups.add((article.date, article.page, article.paper))
        row = database.execute(
            "INSERT INTO articles (id, source_key, date, paper, page, heading, fields, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                source.key,
                article.date,
                article.paper,
                article.page,
                as_read(article).heading,  # used to match corrections, whether the headline is corrected or not
                dump_article(article),
                article.body,
            ),
        )
        keep_regions(database, row.lastrowid or 0, article.regions)
        return row.lastrowid


def delete_files(writer: SnapshotWriter, plan: Plan, key: str, paths: Sequence[str]) -> None:
    """Delete the articles of some files of the issue ``key``, and the records of these files."""
    whole = len(paths) == len(plan.held.by_source.get(key, ()))
    if whole:
        writer.delete("source_key = ?", key)
    for path in paths:
        if not whole:
            writer.delete_file(path, key)
        forget(writer.database, path)
    if whole or any(source.key == key for source in plan.stale):
        writer.database.execute("DELETE FROM sources WHERE key = ?", (key,))
        writer.database.execute("DELETE FROM problems WHERE source = ?", (key,))
    else:
        writer.database.execute("UPDATE sources SET hash = 'changed' WHERE key = ?", (key,))


def keep_later(writer: SnapshotWriter, plan: Plan, intake: Intake) -> None:
    """Remove the archive's articles from the same files under other names, and the earlier of two texts."""
    drop_aliases(writer.database, plan.aliases, intake.versions)
    intake.versions.compare(writer.database, intake.groups)
    writer.drop(sorted(intake.versions.dropped))
    writer.database.executemany("INSERT OR IGNORE INTO superseded VALUES (?, ?)", sorted(intake.versions.files))
