"""The words of the house: an article as it was printed, and a passage cut from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields

from index.types import JsonObject

from .regions import Region


@dataclass(frozen=True, slots=True)
class Corrected:
    """A place of an article that somebody corrected: ``part[start:end]``, where ``original`` was read.

    ``part``: body, kicker, title or subtitle; ``number``: of the correction in the archive's log; ``who`` made it, and
    when (``time``, UTC).
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
    """One article of an issue (篇). Unknown parts are empty or None, never guessed.

    ``date`` is ISO (``2024-07-30``); ``pages`` are all the pages it was printed on, in order; ``body`` is its
    paragraphs joined by line ends; ``source`` is the file it was read from, below the folder that was given;
    ``dateline`` is where and when it was sent from, as printed (本报柳河7月10日电);
    ``reprints`` are the ids of near-identical texts in the same issue, which are not kept; ``origins`` says of paper,
    date, page and section where each was found; ``regions``: where its parts stand on the pages' pictures, empty where
    the source has no places, and on articles from an archive, which keeps them apart; ``corrections``: the places that
    were corrected by hand, part by part, in order.
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
        """The page it begins on."""
        return self.pages[0] if self.pages else None

    @property
    def paragraphs(self) -> list[str]:
        """The body's paragraphs."""
        return self.body.split("\n") if self.body else []

    @property
    def heading(self) -> str:
        """Kicker, headline and subtitle in one line, as they are embedded and searched with each passage."""
        return " ".join(part for part in (self.kicker, self.title, self.subtitle) if part)

    def corrected(self, part: str) -> list[Corrected]:
        """The places of the body, the kicker, the title or the subtitle that were corrected by hand, in order."""
        return [place for place in self.corrections if place.part == part]

    @property
    def signature(self) -> str:
        """Who reported it, as newspapers print it: 记者王芳、李敏 通讯员赵志刚; empty where it is not signed."""
        signed = (("记者", self.reporters), ("通讯员", self.correspondents))
        return " ".join(role + "、".join(names) for role, names in signed if names)

    def as_dict(self) -> JsonObject:
        """The fields as JSON values: with ``page`` beside ``pages``, without ``regions``, ``corrections`` if any."""
        apart = ("regions", "corrections")
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in apart}
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        corrected = {"corrections": [asdict(place) for place in self.corrections]} if self.corrections else {}
        return values | {"page": self.page, "origins": dict(self.origins)} | corrected


@dataclass(frozen=True)
class Span:
    """Where a passage lies in its article's body: ``body[start:end]``, in characters."""

    start: int
    end: int


def date_number(date: str | None) -> int:
    """An ISO date as a number that sorts alike, 20240730; 0 for None."""
    return int(date.replace("-", "")) if date else 0


def dump_article(article: Article) -> str:
    """The article's fields as JSON, without its id and body, which have columns of their own."""
    fields = article.as_dict()
    for name in ("id", "body", "page"):
        del fields[name]
    return json.dumps(fields, ensure_ascii=False)


def load_article(identity: str, fields: str, body: str) -> Article:
    """An article as it was stored."""
    return article_of(json.loads(fields) | {"id": identity, "body": body})


def article_of(values: JsonObject) -> Article:
    """The article whose ``as_dict`` this is; what this version does not know of it is left out."""
    known = Article.__dataclass_fields__
    held: JsonObject = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items() if name in known}
    held["origins"] = tuple(dict(held.get("origins", ())).items())
    held["corrections"] = tuple(Corrected(**place) for place in held.get("corrections", ()))
    return Article(**held)
