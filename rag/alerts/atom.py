"""The Atom feed of a saved search."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

from index.article import Article
from index.text.words import visible

from .kept import SavedSearch

_ATOM = "http://www.w3.org/2005/Atom"
_LEAD = 300


def atom(search: SavedSearch, articles: Sequence[Article], link: Callable[[Article], str], updated: str) -> bytes:
    """Build the feed as XML.

    Args:
        search: the saved search.
        articles: its newest hits.
        link: returns the address of an article's page.
        updated: when the archive's snapshot was published, in ISO format with a time zone.
    """
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    _add(feed, "id", f"urn:baowen:search:{search.id}")
    _add(feed, "title", f"报问：{search.name}")
    _add(feed, "updated", updated)
    _add(_add(feed, "author"), "name", "报问 Baowen")
    for article in articles:
        entry = _add(feed, "entry")
        _add(entry, "id", f"urn:baowen:article:{search.id}:{article.id}")
        _add(entry, "title", article.title or article.id)
        _add(entry, "updated", f"{article.date}T00:00:00Z" if article.date else updated)
        _add(entry, "summary", article.body[:_LEAD])
        etree.SubElement(entry, f"{{{_ATOM}}}link", href=link(article))
    made: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return made


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    if text:
        element.text = visible(text)
    return element
