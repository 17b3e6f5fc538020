"""The contents of an empty chat: questions about the newest issue, and its front page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Article
from index.storage.catalogue import Catalogue
from index.storage.pages import Leaf, PagePicture

from ..views.overview import quoted_names

_LONGEST_TITLE = 22  # characters, so that a card has at most two lines
_SHORTEST_BODY = 80  # characters; anything shorter is a caption or a notice
_HEADLINES = 6
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True)
class Example:
    """An example question; ``kind``: ``summary``, ``person``, ``number``, ``place``, ``time``, ``comparison``."""

    kind: str
    question: str


@dataclass(frozen=True)
class FrontPage:
    """The first page of an issue with its headlines, and its picture if one is stored."""

    paper: str
    date: str
    page: int | None
    articles: tuple[Article, ...]
    picture: PagePicture | None = None


def newest(catalogue: Catalogue) -> list[Article]:
    """Return the articles of the newest issue, by page."""
    issues = catalogue.issues()
    return catalogue.issue(issues[0].value if issues else "")


def front_page(articles: Sequence[Article], leaves: Sequence[Leaf] = ()) -> FrontPage | None:
    """Return the front page of an issue; None if no article has a title. ``leaves``: pages with pictures."""
    titled = [article for article in articles if article.title]
    if not titled:
        return None
    first = titled[0]
    page = [article for article in titled if (article.paper, article.page) == (first.paper, first.page)]
    shown = (leaf.picture for leaf in leaves if (leaf.paper, leaf.page) == (first.paper, first.page))
    return FrontPage(first.paper, first.date or "", first.page, tuple(page[:_HEADLINES]), next(shown, None))


def examples(articles: Sequence[Article]) -> list[Example]:
    """Return a question of each kind, each about a different article, as far as there are enough."""
    free = [a for a in articles if 4 <= len(a.title) <= _LONGEST_TITLE and len(a.body) >= _SHORTEST_BODY]
    chosen: list[Example] = []
    spoken = next(((article, name) for article in free for name in quoted_names(article.body)), None)
    if spoken is not None:
        chosen.append(Example("person", f"{spoken[1]}说了什么？"))
        free.remove(spoken[0])
    counted = next((article for article in free if len(_NUMBER.findall(article.body)) > 4), None)
    if counted is not None:
        chosen.append(Example("number", f"《{counted.title}》里提到了哪些数字？"))
        free.remove(counted)
    if free:
        chosen.insert(0, Example("summary", f"《{free.pop(0).title}》主要讲了什么？"))
    if free:
        chosen.append(Example("place", f"《{free.pop(0).title}》说的事发生在哪里？"))
    if free:
        chosen.append(Example("time", f"《{free.pop(0).title}》说的事发生在什么时候？"))
    if len(free) > 1:
        chosen.append(Example("comparison", f"《{free[0].title}》和《{free[1].title}》分别讲了什么？"))
    return chosen
