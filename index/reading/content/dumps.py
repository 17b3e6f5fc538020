"""Text dumps of a daily: several pages or articles in one file, with lines that separate and label them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..facts.dates import number
from ..facts.fields import our_name

_LABEL = re.compile(r"^[\s　*#【\[<]*(?P<label>[\u4e00-\u9fffA-Za-z_]{1,12})[】\]>*]*\s*[:：]\s*(?P<value>.*?)\s*\**$")
_BRACKET_LABEL = re.compile(r"^\s*[【\[<](?P<label>[\u4e00-\u9fffA-Za-z_]{1,12})[】\]>]\s*(?P<value>.*?)\s*$")
# The start of a page: 第3版() · Page 2 · {3}------ · a form feed. Printed lines are kept for the page's facts.
_PAGE_LINE = re.compile(
    r"^\s*(?:第\s*[\d一二三四五六七八九十]{1,3}\s*版\s*[（(][^（()）]*[)）]|Page\s+\d{1,3})\s*$", re.IGNORECASE
)
_BREAK = re.compile(r"^(?:\{\d{1,4}\}-{8,}|\f.*|<!--\s*PageBreak\s*-->|<---\s*Page Split\s*--->)$")
_RULE = re.compile(r"^\s*(?:={5,}|-{5,}|\*{5,}|#{5,}|～{5,}|~{5,}|＝{5,}|—{5,}|─{5,})\s*$")
# A quick test: most texts contain nothing that concerns this module.
_ANY = re.compile(r"^(?:[^\n:：]{1,16}[:：]|[ \t　]*(?:[【\[<{\f第P]|[=*#～~＝—─\-]{5}))", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)
_TAGGED = re.compile(r"^(?P<day>\d{8})-(?P<page>\d{2})-(?P<article>\d{3})-(?P<paragraph>\d{3})(?:/m)?\s+(?P<words>.*)$")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９．％", "0123456789.%")


@dataclass
class Chunk:
    """A part of a file that is read as a separate page; ``line`` is the number of lines before it."""

    text: str
    line: int = 0
    labels: dict[str, str] = field(default_factory=dict)


def chunks(text: str) -> list[Chunk]:
    """The parts of a text: pages, articles with labelled heads, or the whole text."""
    if _TAGGED.match(text.lstrip("\ufeff\n ").split("\n", 1)[0]):
        return list(_tagged(text))
    if not _ANY.search(text):
        return [Chunk(text)]
    lines = text.split("\n")
    labelled = _labelled_heads(lines)
    if labelled:
        return _by_labels(lines, labelled)
    starts = [index for index, line in enumerate(lines) if _BREAK.match(line)]
    if len(_HEADING.findall(text)) <= 1:
        starts += [index for index, line in enumerate(lines) if _PAGE_LINE.match(line)]
        rules = [index for index, line in enumerate(lines) if _RULE.match(line)]
        starts += rules if len(rules) > 1 and not _underlines(lines, rules) else []
    return _cut(lines, sorted({0, *starts})) if starts else [Chunk(text)]


def _cut(lines: Sequence[str], starts: Sequence[int]) -> list[Chunk]:
    parts = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        part = list(lines[start:end])
        if part and (_BREAK.match(part[0]) or _RULE.match(part[0])):
            part[0] = part[0].lstrip("\f") if part[0].startswith("\f") else ""
        if any(line.strip() for line in part):
            parts.append(Chunk("\n".join(part), start))
    return parts or [Chunk("")]


def _underlines(lines: Sequence[str], rules: Sequence[int]) -> bool:
    """Whether the rules underline headings (setext) instead of separating articles."""
    under = [
        rule
        for rule in rules
        if rule and 0 < len(lines[rule - 1].strip()) <= 60 and (rule < 2 or not lines[rule - 2].strip())
    ]
    return len(under) == len(rules)


def _labelled_heads(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The ranges of labelled lines that name an article's title, or three of its other fields."""
    runs: list[tuple[int, int]] = []
    start = 0
    while start < len(lines):
        end, names = start, []
        while end < len(lines) and (label := _label(lines[end])):
            names.append(label[0])
            end += 1
            if label[0] == "text":
                break
        known = {name for name in names if name}
        first = not any(line.strip() for line in lines[:start])
        if known and (("title" in known and len(known) > 1) or (first and len(known) > 2)):
            runs.append((start, end))
        start = max(end, start + 1)
    return runs


def _label(line: str) -> tuple[str, str, str] | None:
    """Our field name, the label and the value of a labelled line."""
    head = line[:20]
    if "：" not in head and ":" not in head and head.lstrip()[:1] not in "【[<":
        return None
    match = _BRACKET_LABEL.match(line) or _LABEL.match(line)
    if match is None:
        return None
    ours = our_name(match["label"])
    return (ours, match["label"], match["value"]) if ours and (match["value"] or ours == "text") else None


def _by_labels(lines: Sequence[str], runs: Sequence[tuple[int, int]]) -> list[Chunk]:
    parts = (
        _cut(lines[: runs[0][0]], [0])
        if any(line.strip() and not _RULE.match(line) for line in lines[: runs[0][0]])
        else []
    )
    for (start, end), (following, _) in zip(runs, [*runs[1:], (len(lines), 0)], strict=True):
        labels: dict[str, str] = {}
        body = ["" if _RULE.match(line) else line for line in lines[end:following]]
        for line in lines[start:end]:
            found = _label(line)
            if found and found[0] == "text":
                body.insert(0, found[2])
            elif found:
                labels.setdefault(found[1], found[2])
        parts.append(Chunk("\n".join(body), end, labels))
    return parts


def _tagged(text: str) -> Iterator[Chunk]:
    """Yield the articles of a word-segmented and tagged corpus with one paragraph per line."""
    articles: dict[tuple[str, str, str], list[str]] = {}
    for line in text.splitlines():
        if match := _TAGGED.match(line.strip()):
            words = (word.rsplit("/", 1)[0].lstrip("[") for word in match["words"].split())
            paragraph = re.sub(r"\{[^}]*\}", "", "".join(words)).translate(_WIDE_DIGITS)
            articles.setdefault((match["day"], match["page"], match["article"]), []).append(paragraph)
    for (day, page, _), paragraphs in articles.items():
        labels = {"date": f"{day[:4]}-{day[4:6]}-{day[6:]}", "page": str(number(page))}
        titled = len(paragraphs) > 1 and len(paragraphs[0]) <= 40 and paragraphs[0][-1:] not in "。！？；"
        if titled:
            labels["title"] = paragraphs.pop(0)
        yield Chunk("\n".join(paragraphs), 0, labels)
