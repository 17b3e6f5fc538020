"""The people, organisations and places in articles, as the tagger found them when the articles were indexed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from index.article import Article
from index.config import SearchSettings
from index.models.taggers import name_tagger
from index.text.aliases import Alias, aliases
from index.text.folding import fold
from index.text.joining import NewsNames
from index.text.names import NameTagger

from .texts import NAMED

Tagger = Callable[[], NameTagger]  # loads the tagger when the first article is read


def tagger_of(settings: SearchSettings) -> Tagger | None:
    """The configured function that loads the tagger; None if names are not recorded."""
    return news_names if settings.names else None


@cache
def news_names() -> NewsNames:
    """The available tagger, with its words joined as newspapers write names; loaded once."""
    return NewsNames(name_tagger())


# In separate tables, so that they can be added to archives of the previous format.
_TABLES = """
CREATE TABLE IF NOT EXISTS named (
    article INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (article, kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aliases (
    article INTEGER NOT NULL, kind TEXT NOT NULL, short TEXT NOT NULL, full TEXT NOT NULL,
    PRIMARY KEY (article, kind, short, full)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS aliases_full ON aliases (kind, full);
CREATE INDEX IF NOT EXISTS aliases_short ON aliases (kind, short);
"""


@dataclass(frozen=True)
class ArticleNames:
    """The names in an article by kind, folded and without duplicates, and the short forms it states for some."""

    by_kind: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aliases: Sequence[Alias] = ()


def prepare_names(database: sqlite3.Connection) -> None:
    """Create the tables if an archive does not have them."""
    database.executescript(_TABLES)


def names_in(article: Article, tagger: NameTagger) -> ArticleNames:
    """The names in an article's headline and body.

    A name that the tagger found as several kinds has the most frequent one.
    """
    seen: Counter[tuple[str, str]] = Counter()
    stated: dict[Alias, None] = {}
    for text in (article.heading, *article.paragraphs):
        names = tagger.names(text)
        seen.update((folded, name.kind) for name in names if len(folded := fold(name.text)) > 1)
        for alias in aliases(text, names):
            stated[Alias(fold(alias.short), fold(alias.full), alias.kind)] = None
    kinds: dict[str, str] = {}
    for (name, kind), _ in seen.most_common():
        if kind in NAMED:
            kinds.setdefault(name, kind)
    found = {kind: sorted(name for name, held in kinds.items() if held == kind) for kind in NAMED}
    return ArticleNames(found, tuple(alias for alias in stated if alias.kind in NAMED and len(alias.short) > 1))


def record_names(database: sqlite3.Connection, article: int, names: ArticleNames) -> None:
    """Record the names of an article, by its number."""
    rows = [(article, kind, name) for kind, held in names.by_kind.items() for name in held]
    database.executemany("INSERT OR IGNORE INTO named VALUES (?, ?, ?)", rows)
    stated = [(article, alias.kind, alias.short, alias.full) for alias in names.aliases]
    database.executemany("INSERT OR IGNORE INTO aliases VALUES (?, ?, ?, ?)", stated)


def forget_names(database: sqlite3.Connection, articles: Sequence[int]) -> None:
    """Delete the names of removed articles."""
    for table in ("named", "aliases"):
        database.executemany(f"DELETE FROM {table} WHERE article = ?", [(article,) for article in articles])
