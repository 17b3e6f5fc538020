"""Renders answers, sources and articles as HTML; all external text is escaped."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from index.article import Article
from index.overlay.texts import LONGEST
from index.search.query import FACET_FIELDS, narrowed
from index.types import JsonObject
from rag.results import CITATION_MARK, Passage
from rag.search.coins import coins
from rag.search.exports import FORMS

from ..history.conversations import Turn
from .narrowing import KINDS, Narrowed
from .pieces import Piece, marked_pieces
from .places import Nearby, SmallPage
from .templating import Templates

_COPIED = ("gbt", "txt")  # formats with their own buttons
_EXCERPT = 60  # characters of a passage on its card


@dataclass(frozen=True)
class Card:
    """A report on a card: where it was printed, an excerpt, and the numbers of the citations of it.

    ``page``: a thumbnail of its page; None if the page has no picture.
    """

    title: str
    place: list[str]
    pieces: list[Piece]
    url: str
    reprints: Sequence[str] = ()
    page: SmallPage | None = None
    numbers: list[int] = field(default_factory=list)


class Renderer(Templates):
    """Renders the contents of the chat and the reader; ``held``: what the archive adds to an answer, if anything."""

    def __init__(self, language: str, held: Nearby | None = None) -> None:
        super().__init__(language)
        self._held = held

    def said(self, question: str) -> str:
        """Return a question as a chat message."""
        return self.render("said.html", question=question)

    def answer(self, turn: Turn, *, own: bool = True, widen: Mapping[str, str] | None = None) -> str:
        """Return a checked answer, with citations as links and the sources below.

        ``own``: it can be asked again in other words; ``widen``: filters that it can be asked again without, by name.
        """
        answer = turn.answer
        citations = {citation["number"]: citation for citation in answer["citations"]}
        search = answer.get("search")
        said = answer["answer"].split("\n")[0] if search else answer["answer"]  # the other lines are shown as a table
        empty = _kind(answer) == "refused" or (search is not None and not search["total"])
        understood = answer["question"] if answer["question"] not in ("", turn.question) else ""
        return self.render(
            "answer.html",
            body=self._cited(said, citations),
            lines=self._lines(answer, citations),
            search=search,
            kind=_kind(answer),
            empty=empty,
            checks=_checks(answer),
            confidence=answer.get("confidence"),
            understood=understood,
            note=answer.get("note", ""),
            read=self.read_from(answer.get("narrowing")),
            turn=turn.id,
            forms={form: held.name for form, held in FORMS.items() if form not in _COPIED},
            own=own,
            widen=widen or {},
            near=self._near(answer) if empty else [],
            question=turn.question,
            cards=self._cited_cards(answer["citations"]),
            **(self._counted(search, answer["citations"]) if search else {}),
        )

    def _near(self, answer: JsonObject) -> list[str]:
        """The dates of the issues nearest to those asked for."""
        read = answer.get("narrowing")
        if self._held is None or not read:
            return []
        return self._held.issues_near(read.get("since"), read.get("until"))

    def report(self, asked: Mapping[str, str], answer: JsonObject | None, problem: str) -> str:
        """Return the dated lines of a report on a topic, with citations as links, and the form for requesting it."""
        citations = {citation["number"]: citation for citation in answer["citations"]} if answer else {}
        return self.render(
            "report.html",
            asked=asked,
            problem=problem,
            answer=answer,
            lines=self._lines(answer, citations) if answer else [],
            cards=self._cited_cards(answer["citations"]) if answer else [],
        )

    def _lines(self, answer: JsonObject, citations: Mapping[int, JsonObject]) -> list[tuple[str, Markup]]:
        """The parts of an answer or report, each with its label."""
        return [(part["label"], self._cited(part["text"], citations)) for part in answer.get("parts", ())]

    def _counted(self, search: JsonObject, citations: Sequence[JsonObject]) -> dict[str, object]:
        """The counted values, a row per cited report, and the URL of the list of the others."""
        field = FACET_FIELDS.get(search["facet"], "")
        more = search["listed_total"] - len(citations)
        return {
            "values": [
                (value, count, self.view_url("search", q=narrowed(search["query"], {field: value})))
                for value, count in search["counts"].items()
            ],
            "rows": [
                {
                    "number": citation["number"],
                    "title": citation["passage"]["article"]["title"],
                    "place": self.place(citation["passage"]["article"]),
                    "quote": citation["quote"],
                    "url": self.article_url(citation["passage"]["article"]["id"], citation["start"], citation["end"]),
                }
                for citation in citations
            ],
            "more": more,
            "rest": self.view_url("search", q=search["listed"], sort=search["sort"], each=True, offset=len(citations)),
        }

    def shared(self, turn: Turn, changed: Mapping[int, str]) -> str:
        """Return a question with its original answer for a shared link, with the quotations below.

        ``changed``: the citations that have changed since, from ``provenance.since_changed``.
        """
        return self.render(
            "shared.html",
            question=turn.question,
            answer=Markup(self.answer(turn, own=False)),
            citations=turn.answer["citations"],
            asked=turn.asked[:16].replace("T", " "),
            snapshot=turn.snapshot,
            changed=changed,
        )

    def working(self, status: str, passages: Sequence[Passage] = (), *, draft: str = "", over: bool = False) -> str:
        """Return the progress of an answer and the passages found; ``over``: it ended without an answer."""
        cards = [self._card(passage) for passage in passages]
        return self.render("working.html", status=status, cards=cards, draft=draft, over=over)

    def problem(self, error: str) -> str:
        """Return the message that an answer failed, with the reason."""
        return self.render("problem.html", error=error)

    def read_from(self, narrowing: JsonObject | None) -> str:
        """Return a sentence about the filters read from the question; empty if it names no dates and no page."""
        where = " ".join(self._read(narrowing).values())
        phrase = narrowing["phrase"] if narrowing else ""
        return self.say("Searching only %(where)s, from “%(phrase)s”", where=where, phrase=phrase) if where else ""

    def _read(self, narrowing: JsonObject | None) -> dict[str, str]:
        read = narrowing or {}
        page = self.say("page %(page)s", page=read["page"]) if read.get("page") is not None else ""
        held = {"dates": self._dates(read.get("since"), read.get("until")), "page": page}
        return {name: value for name, value in held.items() if value}

    def _own(self, narrowed: Narrowed) -> dict[str, str]:
        held = {"dates": self._dates((narrowed.since or "")[:10] or None, (narrowed.until or "")[:10] or None)}
        held |= {name: getattr(narrowed, name) or "" for name in KINDS}
        if held["page"]:
            held["page"] = self.say("page %(page)s", page=held["page"])
        return {name: value for name, value in held.items() if value}

    def filters(self, narrowing: JsonObject | None, narrowed: Narrowed) -> dict[str, str]:
        """Return the filters of an answer with their labels: the reader's own and those read from the question."""
        return self._own(narrowed) | self._read(narrowing)

    def _dates(self, since: str | None, until: str | None) -> str:
        if not (since or until):
            return ""
        return (
            (since or "")
            if since == until
            else self.say("%(first)s to %(last)s", first=since or "…", last=until or "…")
        )

    def read_chips(self, narrowing: JsonObject | None) -> str:
        """Return the filters read from the question, each with a button to remove it."""
        lead = self.say("From “%(phrase)s”:", phrase=narrowing["phrase"]) if narrowing else ""
        return self.render("chips.html", chips=self._read(narrowing), lead=lead)

    def own_chips(self, narrowed: Narrowed) -> str:
        """Return the reader's own filters, each with a button to remove it."""
        return self.render("chips.html", chips=self._own(narrowed), lead="")

    def article(
        self,
        article: Article,
        start: int | None = None,
        end: int | None = None,
        *,
        pictured: bool = False,
        may_correct: bool = False,
        names: Mapping[str, Sequence[str]] | None = None,
        doubtful: Collection[int] = (),
    ) -> str:
        """Return a complete article as text, with the words between two offsets marked.

        ``pictured``: there is a picture of its page; ``may_correct``: the reader may correct misread words;
        ``names``: the names in it, by kind; ``doubtful``: offsets of characters of the body that may be misread.
        """
        span = [(start, end)] if start is not None and end is not None else []
        paragraphs = []
        position = 0
        for paragraph in article.paragraphs:
            end_of_it = position + len(paragraph)
            corrected = article.corrected("body")
            paragraphs.append(marked_pieces(article.body, position, end_of_it, span, corrected, doubtful))
            position += len(paragraph) + 1
        heading = {
            part: marked_pieces(text, 0, len(text), (), article.corrected(part))
            for part, text in (("kicker", article.kicker), ("title", article.title), ("subtitle", article.subtitle))
        }
        token = secrets.token_hex(4)  # makes ids unique: two articles may be open at once
        question = f"《{article.title}》主要讲了什么？"  # questions are in the newspaper's language
        return self.render(
            "article.html",
            article=article,
            paragraphs=paragraphs,
            heading=heading,
            question=question,
            start=start,
            end=end,
            views=token if pictured else "",
            token=token,
            may_correct=may_correct,
            names=names or {},
            longest=LONGEST,
            coins=coins(article),
        )

    def _cited(self, said: str, citations: Mapping[int, JsonObject]) -> Markup:
        pieces = []
        end = 0
        for match in CITATION_MARK.finditer(said):
            citation = citations.get(int(match[1]))
            if citation is None:
                continue
            article = citation["passage"]["article"]
            url = self.article_url(article["id"], citation["start"], citation["end"])
            title = f"《{article['title'] or self.say('(untitled)')}》 {article['date'] or ''}".strip()
            label = self.say("Source %(number)s: %(title)s", number=citation["number"], title=title)
            pieces.append(escape(said[end : match.start()]))
            link = Markup('<a class="cite" href="{}" title="{}" aria-label="{}">{}</a>')
            pieces.append(link.format(url, title, label, citation["number"]))
            end = match.end()
        return Markup("").join([*pieces, escape(said[end:])])

    def _cited_cards(self, citations: Sequence[JsonObject]) -> list[Card]:
        """A card for each cited article, with the numbers of its citations and the first quotation."""
        cards: dict[str, Card] = {}
        for citation in citations:
            article = citation["passage"]["article"]
            identity = article["id"]
            if identity not in cards:
                words = (identity, citation["start"], citation["end"])
                cards[identity] = Card(
                    article["title"],
                    self.place(article),
                    [Piece(citation["quote"], True)],
                    self.article_url(*words),
                    article.get("reprints", ()),
                    self._held.page(*words) if self._held else None,
                )
            cards[identity].numbers.append(citation["number"])
        return list(cards.values())

    def _card(self, passage: Passage) -> Card:
        article = passage.article
        excerpt = marked_pieces(article.body, passage.start, min(passage.end, passage.start + _EXCERPT), ())
        url = self.article_url(article.id, passage.start, passage.end)
        return Card(article.title, self.place(article), excerpt, url)


def _kind(answer: JsonObject) -> str:
    """The kind of an answer; those stored by earlier versions only say whether they are refusals."""
    return str(answer.get("kind") or ("refused" if answer["refused"] else "answered"))


def _checks(answer: JsonObject) -> list[JsonObject]:
    """The verdict of each sentence, including the model's draft if it was not used as the answer."""
    said = [*answer["sentences"], answer.get("draft")]
    return [sentence["verdict"] for sentence in said if sentence and sentence.get("verdict")]
