"""The basic types: an article as it was printed, and the span of a passage cut from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields

from index.types import JsonObject

from .regions import Region


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected place of an article: ``part[start:end]``, where the source was read as ``original``.

    ``part`` is body, kicker, title or subtitle. ``number`` is the number of the correction in the archive's log.
    ``who`` made it, at ``time`` (UTC).
    """

    number: int
    start: int
    end: int
    original: str
    who: str
    time: str
    part: str = "body"


@dataclass(frozen=True)
class Article:
    """One article of an issue (篇). Unknown fields are empty or None, never guessed.

    ``date`` is an ISO date (``2024-07-30``). ``pages`` are all the pages it was printed on, in order. ``body`` is its
    paragraphs joined by newlines. ``source`` is the file it was read from, relative to the input folder. ``dateline``
    is where and when it was filed, as printed (本报柳河7月10日电). ``reprints`` are the ids of near-identical texts in
    the same issue, which are dropped. ``origins`` says where each of paper, date, page and section was found.
    ``regions`` are the places of its parts on the page images; they are empty if the source gives no places, and if the
    article comes from an archive, which stores them separately. ``corrections`` are the places that were corrected by
    hand, part by part, in order.
    """

    id: str
    title: str
    body: str
    kicker: str = ""
    subtitle: str = ""
    date: str | None = None
    paper: str = ""
    pages: tuple[int, ...] = ()
    section: str = ""
    reporters: tuple[str, ...] = ()
    correspondents: tuple[str, ...] = ()
    photographers: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    dateline: str = ""
    source: str = ""
    reprints: tuple[str, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()
    regions: tuple[Region, ...] = field(default=(), compare=False, repr=False)
    corrections: tuple[Corrected, ...] = ()

    @property
    def page(self) -> int | None:
        """The page on which it begins."""
        return self.pages[0] if self.pages else None

    @property
    def paragraphs(self) -> list[str]:
        """The body's paragraphs."""
        return self.body.split("\n") if self.body else []

    @property
    def heading(self) -> str:
        """Kicker, headline and subtitle in one line, as embedded and searched with each passage."""
        return " ".join(part for part in (self.kicker, self.title, self.subtitle) if part)

    def corrected(self, part: str) -> list[Corrected]:
        """The places of the body, the kicker, the title or the subtitle that were corrected by hand, in order."""
        return [place for place in self.corrections if place.part == part]

    @property
    def signature(self) -> str:
        """Who reported it, as newspapers print it: 记者王芳、李敏 通讯员赵志刚; empty if it is unsigned."""
        signed = (("记者", self.reporters), ("通讯员", self.correspondents))
        return " ".join(role + "、".join(names) for role, names in signed if names)

    def as_dict(self) -> JsonObject:
        """The fields as JSON values, with ``page``, without ``regions``, and ``corrections`` only if there are any."""
        apart = ("regions", "corrections")
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in apart}
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        corrected = {"corrections": [asdict(place) for place in self.corrections]} if self.corrections else {}
        return values | {"page": self.page, "origins": dict(self.origins)} | corrected


@dataclass(frozen=True)
class Span:
    """The position of a passage in its article's body: ``body[start:end]``, in characters."""

    start: int
    end: int


def date_number(date: str | None) -> int:
    """An ISO date as a number that sorts the same way, e.g. 20240730; 0 for None."""
    return int(date.replace("-", "")) if date else 0


def dump_article(article: Article) -> str:
    """The article's fields as JSON, without its id and body, which have their own columns."""
    fields = article.as_dict()
    for name in ("id", "body", "page"):
        del fields[name]
    return json.dumps(fields, ensure_ascii=False)


def load_article(identity: str, fields: str, body: str) -> Article:
    """Rebuild an article from its stored columns."""
    return article_of(json.loads(fields) | {"id": identity, "body": body})


def article_of(values: JsonObject) -> Article:
    """The article for which ``as_dict`` gave these values; fields unknown to this version are ignored."""
    known = Article.__dataclass_fields__
    held: JsonObject = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items() if name in known}
    held["origins"] = tuple(dict(held.get("origins", ())).items())
    held["corrections"] = tuple(Corrected(**place) for place in held.get("corrections", ()))
    return Article(**held)
