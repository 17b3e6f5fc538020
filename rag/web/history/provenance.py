"""Checks whether the archive still has what an earlier answer cites."""

from __future__ import annotations

from index.article import Article, article_of
from index.storage.catalogue import Catalogue
from index.types import JsonObject


def since_changed(answer: JsonObject, catalogue: Catalogue) -> dict[int, str]:
    """Return ``changed`` or ``gone`` for each citation, by number, whose article is no longer as it was.

    Args:
        answer: the stored answer (``Answer.as_dict``), with its articles at that time.
        catalogue: the archive's present catalogue.
    """
    found = {}
    for citation in answer["citations"]:
        then = citation["passage"]["article"]
        held = catalogue.article(then["id"])
        if held is None:
            found[citation["number"]] = "gone"
        elif held.body[citation["start"] : citation["end"]] != citation["quote"] or _is_other(held, then):
            found[citation["number"]] = "changed"
    return found


def _is_other(held: Article, then: JsonObject) -> bool:
    """Whether an article's headline or text differs anywhere, for example by a correction at its end."""
    return any(getattr(held, name) != then.get(name, getattr(held, name)) for name in ("title", "body"))


def cited_articles(answer: JsonObject, catalogue: Catalogue) -> list[Article]:
    """Return the articles that an answer cites in their present form; removed ones without their body."""
    kept = {article["id"]: article for article in (c["passage"]["article"] for c in answer["citations"])}
    return [catalogue.article(identity) or article_of(held | {"body": ""}) for identity, held in kept.items()]
