"""The context of the language model: the whole best article, or the part around the passages found."""

from __future__ import annotations

from collections.abc import Sequence

from index.article import Article, Span
from index.text.passages import sentences
from rag.llm.prompts import without_chat_marks
from rag.results import Passage

_LEAD = 160  # characters kept from the beginning of a long article, which says what it is about
_SECOND = 0.35  # of the characters go to other articles, if there are any


def context(passages: Sequence[Passage], characters: int) -> str:
    """Return the articles of ``passages``, best first, as the model's context; the first gets the largest share."""
    articles: dict[str, list[Passage]] = {}
    for passage in passages:
        articles.setdefault(passage.article.id, []).append(passage)
    groups = list(articles.values())
    rest = int(characters * _SECOND) // max(1, len(groups) - 1) if len(groups) > 1 else 0
    sizes = [characters - rest * (len(groups) - 1), *[rest] * (len(groups) - 1)]
    return without_chat_marks("\n\n".join(_article(own, size) for own, size in zip(groups, sizes, strict=True)))


def _article(passages: Sequence[Passage], characters: int) -> str:
    article = passages[0].article
    page = f"第{article.page}版" if article.page else ""
    place = " ".join(part for part in (article.date, page) if part)
    heading = f"《{article.heading}》" if article.heading else ""
    head = f"{heading}{f'（{place}）' if place else ''}"
    return f"{head}\n{excerpt(article, passages, characters)}".strip()


def excerpt(article: Article, passages: Sequence[Passage], characters: int) -> str:
    """Return the body if it fits, otherwise its beginning and the sentences nearest to the passages, in text order."""
    body = article.body
    if len(body) <= characters:
        return body
    spans = sentences(body)
    chosen = {place for place, span in enumerate(spans) if span.end <= _LEAD}
    left = characters - sum(spans[place].end - spans[place].start for place in chosen)
    for place in _nearest(spans, passages):
        size = spans[place].end - spans[place].start
        if place not in chosen and size <= left:
            chosen.add(place)
            left -= size
    return _joined(body, [spans[place] for place in sorted(chosen)])


def _nearest(spans: Sequence[Span], passages: Sequence[Passage]) -> list[int]:
    """The indices of sentences: those of the passages, best first, then by distance from the best passage."""
    inside = [
        place
        for passage in passages
        for place, span in enumerate(spans)
        if span.start < passage.end and passage.start < span.end
    ]
    best = (passages[0].start + passages[0].end) // 2
    return [
        *inside,
        *sorted(range(len(spans)), key=lambda place: abs((spans[place].start + spans[place].end) // 2 - best)),
    ]


def _joined(body: str, spans: Sequence[Span]) -> str:
    text = ""
    for before, span in zip((None, *spans), spans, strict=False):
        gap = (
            "……"
            if before and body[before.end : span.start].strip()
            else "\n"
            if before and before.end < span.start
            else ""
        )
        text += gap + body[span.start : span.end]
    return text
