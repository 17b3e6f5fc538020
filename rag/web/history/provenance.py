"""Whether what an earlier answer cites is still what the archive has."""

from __future__ import annotations

from typing import Any

from index.article import Article, article_of
from index.storage.catalogue import Catalogue


def since_changed(answer: dict[str, Any], catalogue: Catalogue) -> dict[int, str]:
    """For each citation (by number) that is no longer there as it was cited: ``changed`` or ``gone``.

    Args:
        answer: as it was kept (``Answer.as_dict``), with the articles as they were then.
        catalogue: what the archive has now.
    """
    found = {}
    for citation in answer["citations"]:
        held = catalogue.article(citation["passage"]["article"]["id"])
        if held is None:
            found[citation["number"]] = "gone"
        elif held.body[citation["start"] : citation["end"]] != citation["quote"]:
            found[citation["number"]] = "changed"
    return found


def cited_articles(answer: dict[str, Any], catalogue: Catalogue) -> list[Article]:
    """The articles that an answer cites, each once, as they are now; of one that is gone what a reference needs."""
    kept = {article["id"]: article for article in (c["passage"]["article"] for c in answer["citations"])}
    return [catalogue.article(identity) or article_of(held | {"body": ""}) for identity, held in kept.items()]
