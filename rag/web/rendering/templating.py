"""The page's templates in one language: they escape external text, and get their URLs from here."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

import jinja2

from index.article import Article
from index.types import JsonObject

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

    def render(self, template: str, **values: object) -> str:
        """Render a template with values."""
        return self._environment.get_template(template).render(home=self.home, **values)

    @property
    def home(self) -> str:
        """The URL of the chat."""
        return f"{prefix()}/en/" if self.language == "en" else f"{prefix()}/"

    def article_url(self, identity: str, start: int | None = None, end: int | None = None) -> str:
        """Return the URL of an article, with the words between two offsets marked."""
        query = self._query(start, end)
        return f"{prefix()}/articles/{quote(identity, safe='/')}?{urlencode(query)}#cited"

    def page_url(
        self, identity: str, start: int | None = None, end: int | None = None, number: int | None = None
    ) -> str:
        """Return the URL of the printed page with an article, or of page ``number`` of its issue, from 0."""
        query = self._query(start, end) | ({} if number is None else {"number": number})
        return f"{prefix()}/pages/{quote(identity, safe='/')}?{urlencode(query)}"

    def _query(self, start: int | None, end: int | None) -> dict[str, str | int | None]:
        return {"lang": self.language} | ({} if start is None else {"start": start, "end": end})

    def issue_url(self, date: str) -> str:
        """Return the URL of an issue."""
        return self.view_url(f"issues/{date or 'undated'}")

    def issue_page_url(self, date: str, number: int) -> str:
        """Return the URL of the printed page ``number`` of an issue, from 0."""
        return self.view_url(f"issues/{date or 'undated'}/pages/{number}")

    def view_url(self, view: str, /, **query: object) -> str:
        """Return the URL of a view, for example ``issues``, ``overview``, ``search``, ``names`` or ``compare``."""
        return f"{prefix()}/{view}?{urlencode({'lang': self.language, **query})}"

    def story_url(self, view: str, identity: str, /, **query: object) -> str:
        """Return the URL of an article's ``threads`` or ``reprints``."""
        return self.view_url(f"{view}/{quote(identity, safe='/')}", **query)

    def ask_url(self, **query: object) -> str:
        """Return the URL of the chat with a question or filters filled in."""
        return f"{self.home}?{urlencode({name: value for name, value in query.items() if value})}"

    def byline(self, article: Article) -> list[str]:
        """Return the authors and photographers of an article."""
        named = (
            (self.say("By"), article.reporters),
            (self.say("Correspondent"), article.correspondents),
            (self.say("Photo"), article.photographers),
        )
        return [f"{role} {' '.join(names)}" for role, names in named if names]

    def place(self, article: Article | JsonObject) -> list[str]:
        """Return where an article was printed: paper, date, pages, section."""
        held = article.as_dict() if isinstance(article, Article) else article
        pages = "、".join(self.say("page %(page)s", page=page) for page in held["pages"])
        return [part for part in (held["paper"], held["date"] or "", pages, held["section"]) if part]
