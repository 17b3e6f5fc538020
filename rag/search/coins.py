"""Articles as COinS, which Zotero reads from a page.

Zotero tries its COinS translator before the one for meta tags, and reads all fields of a newspaper article from COinS;
its translator for meta tags does not know newspapers. Unlike JSON-LD, COinS need no script element, which our content
security policy would have to allow.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from index.article import Article

from .exports import csl_item

_FORM = "info:ofi/fmt:kev:mtx:dc"  # the format whose types Zotero uses directly, such as newspaperArticle


def coins(article: Article) -> str:
    """Return the title of a ``span`` of class ``Z3988``: OpenURL keys and values (ANSI/NISO Z39.88)."""
    item = csl_item(article)
    values: list[tuple[str, str | None]]
    values = [("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", _FORM), ("rft.type", "newspaperArticle")]
    values += [("rft.title", item["title"]), ("rft.source", item.get("container-title"))]
    values += [("rft.au", author["literal"]) for author in item.get("author", ())]
    values += [("rft.date", article.date), ("rft.pages", item.get("page")), ("rft.language", item["language"])]
    return urlencode([(key, value) for key, value in values if value], quote_via=quote, safe="")
