"""HTML of answers, sources, articles, issues and the overview; whatever comes from outside is escaped."""

from __future__ import annotations

import calendar
import html
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from markupsafe import Markup, escape

from index.article import Article
from index.storage.catalogue import Catalogue, FacetCount
from rag.results import CITATION_MARK, Answer, Citation, Passage

from .conversations import Turn
from .overview import Overview
from .prefix import prefix
from .text import TEXT

_TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """Renders in one language (``zh`` or ``en``)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.text = TEXT[language]
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.globals |= {
            "text": SimpleNamespace(**self.text),  # a dictionary would give its own methods first
            "article_url": self.article_url,
            "issue_url": self.issue_url,
            "ask_url": self.ask_url,
            "byline": self.byline,
            "prefix": prefix,
            "up": "../" if language == "en" else "",  # from where the chat is to where the site begins
            "language": language,
            "outcomes": {kind: self.text[kind] for kind in ("answered", "quoted", "refused")},
        }

    def render(self, template: str, **values: Any) -> str:
        """A template with values."""
        return self._environment.get_template(template).render(**values)

    @property
    def home(self) -> str:
        """Where the chat is."""
        return f"{prefix()}/en/" if self.language == "en" else f"{prefix()}/"

    def article_url(self, identity: str, start: int | None = None, end: int | None = None) -> str:
        """Where an article can be read, with the words between two offsets marked."""
        query: dict[str, Any] = {"lang": self.language}
        if start is not None:
            query |= {"start": start, "end": end}
        return f"{prefix()}/articles/{quote(identity, safe='/')}?{urlencode(query)}#cited"

    def issue_url(self, date: str) -> str:
        """Where an issue can be read."""
        return f"{prefix()}/issues/{date or 'undated'}?{urlencode({'lang': self.language})}"

    def ask_url(self, **query: Any) -> str:
        """The chat with a question or a narrowing filled in."""
        return f"{self.home}?{urlencode({name: value for name, value in query.items() if value})}"

    def byline(self, article: Article) -> list[str]:
        """Who wrote and pictured an article."""
        named = (
            ("reporter_by", article.reporters),
            ("correspondent", article.correspondents),
            ("photo", article.photographers),
        )
        return [f"{self.text[role]} {' '.join(names)}" for role, names in named if names]

    def answer(self, answer: dict[str, Any], turn: str, question: str) -> str:
        """A checked answer (``Answer.as_dict``) with its citations as links and what can be done with it."""
        citations = {citation["number"]: citation for citation in answer["citations"]}
        understood = answer["question"] if answer["question"] not in ("", question) else ""
        return self.render(
            "answer.html",
            body=self._cited(answer["answer"], citations),
            kind=_kind(answer),
            checks=_checks(answer),
            understood=understood,
            note=answer.get("note", ""),
            turn=turn,
            cited=bool(citations),
        )

    def shared(self, turn: Turn, changed: dict[int, str]) -> str:
        """A question and its answer as it was given, to be opened by a link: what is quoted stands below it.

        ``changed``: what of it has changed since, as ``provenance.since_changed`` gives it.
        """
        return self.render(
            "shared.html",
            question=turn.question,
            answer=Markup(self.answer(turn.answer, turn.id, turn.question)),
            citations=turn.answer["citations"],
            asked=turn.asked[:16].replace("T", " "),
            snapshot=turn.snapshot,
            changed=changed,
        )

    def _cited(self, told: str, citations: dict[int, dict[str, Any]]) -> Markup:
        pieces = []
        end = 0
        for match in CITATION_MARK.finditer(told):
            citation = citations.get(int(match[1]))
            if citation is None:
                continue
            article = citation["passage"]["article"]
            url = self.article_url(article["id"], citation["start"], citation["end"])
            title = f"《{article['title'] or self.text['untitled']}》 {article['date'] or ''}"
            pieces.append(escape(told[end : match.start()]))
            pieces.append(
                Markup('<a class="cite" href="{}" title="{}">{}</a>').format(url, title.strip(), citation["number"])
            )
            end = match.end()
        return Markup("").join([*pieces, escape(told[end:])])

    def said(self, text: str) -> str:
        """A person's words; the chat component renders HTML, so they are escaped."""
        return html.escape(text, quote=False)

    def note(self, text: str, *, draft: str = "") -> str:
        """How far an answer is: a note, and what has been written so far but not checked."""
        return self.render("note.html", note=text, draft=draft)

    def sources(self, passages: Sequence[Passage], citations: Sequence[Citation] = ()) -> str:
        """Passages with headline, date and page, the cited words marked."""
        cards = [self._card(p, [c for c in citations if c.passage == p]) for p in passages]
        return self.render("sources.html", cards=cards)

    def answer_sources(self, answer: Answer) -> str:
        """The sources beside a finished answer: those cited, in order; for a refusal those that were read."""
        cited = list(dict.fromkeys(citation.passage for citation in answer.citations))
        return self.sources(cited or answer.passages, answer.citations)

    def _card(self, passage: Passage, citations: Sequence[Citation]) -> dict[str, Any]:
        spans = [(citation.start, citation.end) for citation in citations]
        return {
            "article": passage.article,
            "numbers": [citation.number for citation in citations],
            "place": self.place(passage.article),
            "pieces": marked_pieces(passage.article.body, passage.start, passage.end, spans),
            "url": self.article_url(passage.article.id, *(spans[0] if spans else (passage.start, passage.end))),
            "reprints": [reprint.article for reprint in passage.reprints],
        }

    def place(self, article: Article) -> list[str]:
        """Where an article was printed."""
        pages = "、".join(self.text["page"].format(page=page) for page in article.pages)
        return [part for part in (article.paper, article.date or "", pages, article.section) if part]

    def article(self, article: Article, start: int | None, end: int | None) -> str:
        """A whole article as it was laid out, with the words between two offsets marked."""
        span = [(start, end)] if start is not None and end is not None else []
        paragraphs = []
        position = 0
        for paragraph in article.paragraphs:
            paragraphs.append(marked_pieces(article.body, position, position + len(paragraph), span))
            position += len(paragraph) + 1
        question = self.text["article_question"].format(title=article.title)
        return self.render(
            "article.html", article=article, place=self.place(article), paragraphs=paragraphs, question=question
        )

    def calendar(self, catalogue: Catalogue, year: str) -> str:
        """The issues of a year (empty: the latest) as a calendar, with links to the other years."""
        held = {issue.value: issue.articles for issue in catalogue.issues()}
        years = sorted({date[:4] for date in held}, reverse=True)
        chosen = year if year in years else (years[0] if years else "")
        months = [
            (month, calendar.Calendar().monthdayscalendar(int(chosen), month))
            for month in sorted({int(date[5:7]) for date in held if date[:4] == chosen})
        ]
        undated = catalogue.undated()
        return self.render("calendar.html", held=held, years=years, year=chosen, months=months, undated=undated)

    def issue(self, catalogue: Catalogue, date: str) -> str | None:
        """The articles of an issue by page; None where it is not held."""
        articles = catalogue.issue(date)
        if not articles:
            return None
        dates = [issue.value for issue in catalogue.issues()]
        place = dates.index(date) if date in dates else None
        later = dates[place - 1] if place else None
        earlier = dates[place + 1] if place is not None and place + 1 < len(dates) else None
        pages: dict[tuple[str, int | None], list[Article]] = {}
        for article in articles:
            pages.setdefault((article.paper, article.page), []).append(article)
        return self.render("issue.html", date=date, pages=pages, earlier=earlier, later=later)

    def overview(self, found: Overview) -> str:
        """How the archive's articles are spread."""

        def time(value: str, **query: str) -> str:
            year, month = int(value[:4]), int(value[5:] or 0)
            last = f"{value}-{calendar.monthrange(year, month)[1]}" if month else f"{value}-12-31"
            return self.ask_url(since=f"{value}-01" if month else f"{value}-01-01", until=last, **query)

        links = {
            "time": time,
            "term": lambda value: time(value, q=found.term),
            "section": lambda value: self.ask_url(section=value),
            "person": lambda value: self.ask_url(q=f"{value}说了什么？"),
        }
        return self.render("overview.html", found=found, bars=_bars, links=links)

    def masthead(self, holdings: str) -> str:
        """The head of the chat, with what the archive holds."""
        return self.render("masthead.html", holdings=holdings)

    def exports(self, conversation: str) -> str:
        """Links to take a conversation along; nothing for an empty one."""
        return self.render("exports.html", conversation=conversation)

    def area(self, name: str) -> str:
        """A place in the page that a view is loaded into."""
        return self.render("area.html", name=name)

    def page(self, body: str, title: str = "") -> str:
        """``body``, which is HTML made here, as a page of its own."""
        return self.render("page.html", body=Markup(body), title=title, home=self.home)

    def login(self, failed: bool, elsewhere: bool = False) -> str:
        """The page to log in on; ``elsewhere``: by OpenID Connect too."""
        form = self.render("login.html", failed=failed, elsewhere=elsewhere)
        return self.render("page.html", body=Markup(form), title="", home="")

    def admin(self, figures: dict[str, Any]) -> str:
        """The administrator's page."""
        body = self.render("admin.html", **figures)
        return self.render("page.html", body=Markup(body), title=self.text["admin"], home=self.home)

    def archives(self, held: Sequence[dict[str, Any]], administrator: bool = False) -> str:
        """The archives that somebody may read."""
        body = self.render("archives.html", held=held, administrator=administrator)
        return self.render("page.html", body=Markup(body), title="", home="")


def _kind(answer: dict[str, Any]) -> str:
    """The outcome; answers that were kept by an earlier version say only whether they are refusals."""
    return str(answer.get("kind") or ("refused" if answer["refused"] else "answered"))


def _checks(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """How each sentence was checked, and what the model said where that is not given as the answer."""
    said = [*answer["sentences"], answer.get("draft")]
    return [sentence["verdict"] for sentence in said if sentence and sentence.get("verdict")]


def _bars(held: Sequence[FacetCount]) -> list[tuple[FacetCount, float]]:
    """Each with its length in percent of the longest."""
    most = max((entry.articles for entry in held), default=1)
    return [(entry, round(100 * entry.articles / most, 1)) for entry in held]


def marked_pieces(body: str, first: int, last: int, spans: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """``body[first:last]`` in pieces, cited or not; ``spans`` are offsets in the body."""
    pieces = []
    position = first
    for start, end in sorted(spans):
        start, end = max(start, position), min(end, last)
        if start >= end:
            continue
        pieces.append({"text": body[position:start], "cited": False})
        pieces.append({"text": body[start:end], "cited": True})
        position = end
    pieces.append({"text": body[position:last], "cited": False})
    return [piece for piece in pieces if piece["text"]]
