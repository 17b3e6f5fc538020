"""Finds what a person said, as printed in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.article import Article, Span
from index.text.folding import FoldedText
from index.types import JsonObject

_SAID = r"(?:说|称|道|表示|介绍|告诉|认为|指出|强调|坦言|透露|谈到|回忆|解释|补充|提醒|建议|直言|感叹|笑言)"
_LEAST = 4  # characters; anything shorter is a quoted word, not speech
_OPEN, _CLOSE = '“"「', '”"」'
_INSIDE = rf"[^{_OPEN}{_CLOSE}\n]{{{_LEAST},400}}"


@dataclass(frozen=True)
class Quotation:
    """A quotation: ``article.body[start:end]`` without the marks; ``sentence`` also includes the speaker."""

    article: Article
    start: int
    end: int
    sentence: str

    @property
    def text(self) -> str:
        """The words that were said."""
        return self.article.body[self.start : self.end]

    def as_dict(self) -> JsonObject:
        """Return the quotation as JSON values."""
        a = self.article
        where = {"article": a.id, "title": a.title, "date": a.date, "paper": a.paper, "page": a.page}
        return where | {"start": self.start, "end": self.end, "quote": self.text, "sentence": self.sentence}


def quotations(article: Article, names: Sequence[str]) -> Iterator[Quotation]:
    """Yield the quotations in an article whose speaker has one of the (folded) names.

    They have the form 彭望舒说：“……” or “……”彭望舒说. A name that is only near a quotation, or a pronoun as the
    speaker, does not count.
    """
    folded = FoldedText.of(article.body)
    named = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    if not named:
        return
    before = (
        rf"(?:{named})(?P<between>[^。！？!?{_OPEN}{_CLOSE}，,]{{0,12}}){_SAID}[^。{_OPEN}{_CLOSE}]{{0,4}}[:：,，]?"
    )
    after = rf"[，,。]?(?:{named})[^。！？!?{_OPEN}{_CLOSE}，,]{{0,6}}{_SAID}"
    patterns = (rf"{before}[{_OPEN}](?P<said>{_INSIDE})[{_CLOSE}]", rf"[{_OPEN}](?P<said>{_INSIDE})[{_CLOSE}]{after}")
    found: dict[int, tuple[Span, Span]] = {}
    for pattern in patterns:
        for match in re.finditer(pattern, folded.text):
            said, whole = folded.span(*match.span("said")), folded.span(*match.span())
            found.setdefault(said.start, (said, whole))
    for _, (said, whole) in sorted(found.items()):
        yield _quotation(article, said, whole)


def _quotation(article: Article, said: Span, whole: Span) -> Quotation:
    return Quotation(article, said.start, said.end, article.body[whole.start : whole.end].strip())
