"""Articles as JSON Lines records, which ``baowen build`` can read again."""

from __future__ import annotations

from index.types import JsonObject

from ..article import Article

_INNER = ("body", "pages", "origins", "reprints", "corrections")


def record(article: Article) -> JsonObject:
    """An article with the field names of this project's JSONL; ``regions`` is included if it has places."""
    values = {name: value for name, value in article.as_dict().items() if name not in _INNER and value}
    placed = {"regions": [region.as_dict() for region in article.regions]} if article.regions else {}
    pages = {"pages": list(article.pages)} if len(article.pages) > 1 else {}
    return values | pages | {"text": article.body} | placed
