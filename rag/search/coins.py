"""Articles as COinS, by which Zotero takes them from a page.

Zotero asks its translator of COinS before the one of meta tags, reads all that a newspaper's article has from it (its
translator of meta tags knows no newspaper), and runs no script of the page's for it: unlike JSON-LD it needs no element
that our policy of content would have to allow.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from index.article import Article

from .exports import csl_item

_FORM = "info:ofi/fmt:kev:mtx:dc"  # the form whose type Zotero takes for its own, newspaperArticle among them


def coins(article: Article) -> str:
    """The title of a ``span`` of the class ``Z3988``: keys and values of OpenURL (ANSI/NISO Z39.88)."""
    item = csl_item(article)
    values: list[tuple[str, str | None]]
    values = [("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", _FORM), ("rft.type", "newspaperArticle")]
    values += [("rft.title", item["title"]), ("rft.source", item.get("container-title"))]
    values += [("rft.au", author["literal"]) for author in item.get("author", ())]
    values += [("rft.date", article.date), ("rft.pages", item.get("page")), ("rft.language", item["language"])]
    return urlencode([(key, value) for key, value in values if value], quote_via=quote, safe="")
