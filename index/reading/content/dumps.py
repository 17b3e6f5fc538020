"""Text dumps of a daily: several pages or articles in one file, with lines that separate and label them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..blocks import is_finished
from ..facts.dates import number
from ..facts.fields import our_name
from ..facts.imprint import read_imprint

_LABEL = re.compile(r"^[\s　*#【\[<]*(?P<label>[\u4e00-\u9fffA-Za-z_]{1,12})[】\]>*]*\s*[:：]\s*(?P<value>.*?)\s*\**$")
# Between two labels of one line.
_NEXT_LABEL = re.compile(r"[\s　|｜;；]+(?=[\u4e00-\u9fff]{2,6}[:：])")
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
_LEAST_TORN = 8  # characters
_NO_TEXT = "#|!<{*-[【《"  # what headings, tables and pictures begin with
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
    starts = []
    for index in [index for index, line in enumerate(lines) if _BREAK.match(line)]:
        if _continues(lines[:index], lines[index + 1 :]):
            lines[index] = ""
        else:
            starts.append(index)
    if len(_HEADING.findall(text)) <= 1:
        pages = [index for index, line in enumerate(lines) if _PAGE_LINE.match(line)]
        starts += [page for page, before in zip(pages, [0, *pages], strict=False) if _has_text(lines[before:page])]
        rules = [index for index, line in enumerate(lines) if _RULE.match(line)]
        starts += rules if len(rules) > 1 and not _underlines(lines, rules) else []
    return _cut(lines, sorted({0, *starts})) if starts else [Chunk(text)]


def _continues(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a page ends inside a paragraph that goes on at the top of the next one."""
    last = next((line.strip() for line in reversed(before) if line.strip()), "")
    first = next((line.strip() for line in after if line.strip()), "")
    torn = len(last) >= _LEAST_TORN and not is_finished(last) and last[0] not in _NO_TEXT
    return torn and first[:1] not in ("", *_NO_TEXT) and is_finished(first)


def _has_text(lines: Sequence[str]) -> bool:
    """Whether lines contain sentences or nothing; a headline alone belongs to the page line below it."""
    return any(line.rstrip()[-1:] in tuple("。！？”）") for line in lines) or not any(line.strip() for line in lines)


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
        while end < len(lines) and (found := _labels(lines[end])):
            names += [ours for ours, _, value in found if value or ours != "title"]
            end += 1
            if found[-1][0] == "text":
                break
        known = {name for name in names if name}
        first = not any(line.strip() for line in lines[:start])
        if known and (("title" in known and len(known) > 1) or (first and len(known) > 2)):
            runs.append((start, end))
        start = max(end, start + 1)
    return runs


def _labels(line: str) -> list[tuple[str, str, str]]:
    """Our field name, the label and the value of each label of a line: 日期：1962-03-14 作者：甲."""
    head = line[:20]
    if "：" not in head and ":" not in head and head.lstrip()[:1] not in "【[<":
        return []
    parts = [line] if _BRACKET_LABEL.match(line) else _NEXT_LABEL.split(line)
    found: list[tuple[str, str, str]] = []
    for part in parts:
        match = _BRACKET_LABEL.match(part) or _LABEL.match(part)
        if match and (ours := our_name(match["label"])):
            found.append((ours, match["label"], match["value"]))
        elif found:
            ours, label, value = found[-1]
            found[-1] = (ours, label, f"{value} {part}")
        else:
            return []
    return found


def _by_labels(lines: Sequence[str], runs: Sequence[tuple[int, int]]) -> list[Chunk]:
    """The articles below labelled heads, and the text before the first, if it is more than its page line."""
    parts: list[Chunk] = []
    before = _above(lines[: runs[0][0]], whole=True)
    if before is None:
        parts, before = _cut(lines[: runs[0][0]], [0]), []
    for (start, end), (following, _) in zip(runs, [*runs[1:], (len(lines), 0)], strict=True):
        labels: dict[str, str] = {}
        below = list(lines[end:following])
        above = _above(below) if following < len(lines) else []
        body = ["" if _RULE.match(line) else line for line in below[: len(below) - len(above or [])]]
        for ours, label, value in (found for line in lines[start:end] for found in _labels(line)):
            if ours == "text":
                body.insert(0, value)
            elif value:
                labels.setdefault(label, value)
        parts.append(Chunk("\n".join([*(before or []), *body]), end - len(before or []), labels))
        before = above
    return parts


def _above(lines: Sequence[str], *, whole: bool = False) -> list[str] | None:
    """The page line directly above a labelled head: the last lines after a rule, or all of ``lines`` if ``whole``.

    None if there is more than that.
    """
    rules = [index for index, line in enumerate(lines) if _RULE.match(line)]
    start = rules[-1] + 1 if rules else 0 if whole else len(lines)
    above = list(lines[start:])
    said = [line for line in (lines if whole else above) if line.strip() and not _RULE.match(line)]
    return above if len(said) <= 1 and all(read_imprint(line.strip()) for line in said) else None


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
