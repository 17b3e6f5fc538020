"""The templates of the page in one language: whatever comes from outside is escaped, addresses are made here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2

from index.article import Article

from ..requests.prefix import prefix, server_prefix
from .boxes import box_style, corners
from .text import Translator, translations

_TEMPLATES = Path(__file__).parent.parent / "templates"


class Templates:
    """Renders templates in one language (``zh`` or ``en``)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.text = Translator(language)
        self.say = self.text.say
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
        self._environment.globals |= {
            "article_url": self.article_url,
            "page_url": self.page_url,
            "issue_url": self.issue_url,
            "issue_page_url": self.issue_page_url,
            "ask_url": self.ask_url,
            "view_url": self.view_url,
            "story_url": self.story_url,
            "box_style": box_style,
            "corners": corners,
            "byline": self.byline,
            "place": self.place,
            "language": language,
            "prefix": prefix,
            "server_prefix": server_prefix,
        }

    def render(self, template: str, **values: Any) -> str:
        """A template with its values."""
        return self._environment.get_template(template).render(home=self.home, **values)

    @property
    def home(self) -> str:
        """Where the chat is."""
        return f"{prefix()}/en/" if self.language == "en" else f"{prefix()}/"

    def article_url(self, identity: str, start: int | None = None, end: int | None = None) -> str:
        """Where an article can be read, with the words between two offsets marked."""
        query = self._query(start, end)
        return f"{prefix()}/articles/{quote(identity, safe='/')}?{urlencode(query)}#cited"

    def page_url(
        self, identity: str, start: int | None = None, end: int | None = None, number: int | None = None
    ) -> str:
        """The page with an article as printed, or page ``number`` of its issue, from 0."""
        query = self._query(start, end) | ({} if number is None else {"number": number})
        return f"{prefix()}/pages/{quote(identity, safe='/')}?{urlencode(query)}"

    def _query(self, start: int | None, end: int | None) -> dict[str, Any]:
        return {"lang": self.language} | ({} if start is None else {"start": start, "end": end})

    def issue_url(self, date: str) -> str:
        """Where an issue can be read."""
        return self.view_url(f"issues/{date or 'undated'}")

    def issue_page_url(self, date: str, number: int) -> str:
        """Page ``number`` of an issue as printed, from 0."""
        return self.view_url(f"issues/{date or 'undated'}/pages/{number}")

    def view_url(self, view: str, /, **query: Any) -> str:
        """Where a view is: ``issues``, ``overview``, ``search``, ``names``, ``compare``, ``kept``, ``feed``."""
        return f"{prefix()}/{view}?{urlencode({'lang': self.language, **query})}"

    def story_url(self, view: str, identity: str, /, **query: Any) -> str:
        """Where an article's ``threads`` or ``reprints`` are."""
        return self.view_url(f"{view}/{quote(identity, safe='/')}", **query)

    def ask_url(self, **query: Any) -> str:
        """The chat with a question or a filter filled in."""
        return f"{self.home}?{urlencode({name: value for name, value in query.items() if value})}"

    def byline(self, article: Article) -> list[str]:
        """Who wrote and pictured an article."""
        named = (
            (self.say("By"), article.reporters),
            (self.say("Correspondent"), article.correspondents),
            (self.say("Photo"), article.photographers),
        )
        return [f"{role} {' '.join(names)}" for role, names in named if names]

    def place(self, article: Article | Mapping[str, Any]) -> list[str]:
        """Where an article was printed: paper, date, pages, section."""
        held = article.as_dict() if isinstance(article, Article) else article
        pages = "、".join(self.say("page %(page)s", page=page) for page in held["pages"])
        return [part for part in (held["paper"], held["date"] or "", pages, held["section"]) if part]
