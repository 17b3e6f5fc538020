"""Find and update articles in the archive whose corrections have changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article, dump_article
from index.overlay.log import Overlay
from index.overlay.places import CORRECTED, Correction, Corrections, as_read
from index.overlay.texts import concerned_articles
from index.regions import carried
from index.storage.catalogue import Catalogue, held_regions, keep_regions
from index.storage.writer import SnapshotWriter


@dataclass(frozen=True)
class Revision:
    """An article, by number, as it is in the archive and as it should be."""

    number: int
    before: Article
    after: Article


def revisions(database: Path | None, overlay: Overlay, corrections: Corrections) -> list[Revision]:
    """The articles of a snapshot that differ from the corrections in force; empty without a snapshot."""
    edits = overlay.edits(CORRECTED)
    if database is None or not edits:
        return []
    with closing(sqlite3.connect(database)) as opened:
        return list(_differing(opened, map(Correction.of, edits), corrections))


def _differing(
    database: sqlite3.Connection, made: Iterator[Correction], corrections: Corrections
) -> Iterator[Revision]:
    catalogue = Catalogue(database)
    articles = {article.id: article for correction in made for article in concerned_articles(catalogue, correction)}
    for identity, before in articles.items():
        after = corrections.apply(as_read(before))
        if after != before:
            (number,) = database.execute("SELECT number FROM articles WHERE id = ?", (identity,)).fetchone()
            yield Revision(number, before, after)


def clear_revised(writer: SnapshotWriter, found: Sequence[Revision]) -> list[Revision]:
    """Replace the text of the given articles that still exist, and clear their passages; returns these articles."""
    kept = []
    database = writer.database
    for revision in found:
        if not database.execute("SELECT 1 FROM articles WHERE number = ?", (revision.number,)).fetchone():
            continue
        writer.clear("number = ?", revision.number)
        regions = carried(held_regions(database, revision.number), revision.before.body, revision.after.body)
        after = replace(revision.after, regions=regions)
        database.execute(
            "UPDATE articles SET fields = ?, body = ? WHERE number = ?",
            (dump_article(after), after.body, revision.number),
        )
        keep_regions(database, revision.number, regions)
        kept.append(replace(revision, after=after))
    return kept
