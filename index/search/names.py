"""The people, organisations and places named in articles, as the tagger saw them when the articles were indexed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence

from index.article import Article
from index.config import SearchSettings
from index.text.folding import fold
from index.text.names import NameTagger, name_tagger

from .texts import NAMED

Tagger = Callable[[], NameTagger]  # loads it, when the first article is read


def tagger_of(settings: SearchSettings) -> Tagger | None:
    """What finds names, as configured."""
    return name_tagger if settings.names else None


# In a table of its own, so that archives of the format before can be added to.
_TABLE = """
CREATE TABLE IF NOT EXISTS named (
    article INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (article, kind, name)
) WITHOUT ROWID;
"""


def prepare_names(database: sqlite3.Connection) -> None:
    """Make the table where an archive has none."""
    database.executescript(_TABLE)


def names_in(article: Article, tagger: NameTagger) -> dict[str, list[str]]:
    """The names in an article's headline and body by kind, folded, each once."""
    found: dict[str, dict[str, None]] = {kind: {} for kind in NAMED}
    for text in (article.heading, *article.paragraphs):
        for name in tagger.names(text):
            folded = fold(name.text)
            if name.kind in found and len(folded) > 1:
                found[name.kind][folded] = None
    return {kind: sorted(names) for kind, names in found.items()}


def record_names(database: sqlite3.Connection, article: int, names: Mapping[str, Sequence[str]]) -> None:
    """Record the names of an article, by its number."""
    rows = [(article, kind, name) for kind, held in names.items() for name in held]
    database.executemany("INSERT OR IGNORE INTO named VALUES (?, ?, ?)", rows)


def forget_names(database: sqlite3.Connection, articles: Sequence[int]) -> None:
    """Forget the names of articles that go."""
    database.executemany("DELETE FROM named WHERE article = ?", [(article,) for article in articles])
