"""Cut an article's body into passages at sentence boundaries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.article import Span

# A sentence ends with its end mark and any closing quotes or brackets, or with the paragraph; a mark inside a title
# (《出发！》) does not end it.
_SENTENCE = re.compile(r"(?:《[^》\n]{1,40}》|[^。！？!?；;…\n])*(?:[。！？!?；;…]+[”’」』）)》\"']*|\n|$)")
_CLAUSE = re.compile(r"[^，,、：:\s]*[，,、：:\s]*")


def sentences(body: str) -> list[Span]:
    """Spans of the sentences in ``body``, without the surrounding white space; they cover all other text."""
    found = []
    for match in _SENTENCE.finditer(body):
        span = _stripped(body, match.start(), match.end())
        if span.start < span.end:
            found.append(span)
    return found


def cut_passages(body: str, length: int, longest_sentence: int) -> list[Span]:
    """Passages of ``body``: as many whole sentences as fit in ``length`` characters.

    A sentence longer than ``length`` is a passage of its own; one longer than ``longest_sentence`` is split at clauses,
    or within a clause that is itself too long.
    """
    pieces = [piece for sentence in sentences(body) for piece in _shortened(body, sentence, length, longest_sentence)]
    passages: list[Span] = []
    for piece in pieces:
        if passages and piece.end - passages[-1].start <= length:
            passages[-1] = Span(passages[-1].start, piece.end)
        else:
            passages.append(piece)
    return passages


def _shortened(body: str, sentence: Span, length: int, longest: int) -> Iterator[Span]:
    if sentence.end - sentence.start <= longest:
        yield sentence
        return
    start = sentence.start
    end = start
    for match in _CLAUSE.finditer(body, sentence.start, sentence.end):
        if match.end() - start > length and end > start:
            yield _stripped(body, start, end)
            start = end
        while match.end() - start > longest:
            yield Span(start, start + length)
            start += length
        end = match.end()
    if end > start:
        yield _stripped(body, start, end)


def _stripped(body: str, start: int, end: int) -> Span:
    while start < end and body[start].isspace():
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    return Span(start, end)
