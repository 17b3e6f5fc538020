"""Lines that belong to the page, not to an article, and the marks that send a reader to another page.

Each rule is data: a role, a pattern, and the words that ``--explain`` shows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .blocks import Block, Form

_NUMERALS = {character: number for number, character in enumerate("零一二三四五六七八九")}
_LONGEST_LINE = 80
_PAGE_NUMBER = r"[A-Z]?(?P<page>\d{1,3}|[一二三四五六七八九十]{1,3})"

MASTHEAD = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*[年\-/.]\s*(?P<month>\d{1,2})\s*[月\-/.]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*星期[一二三四五六日天])?"
    rf"(?:\s*第?\s*{_PAGE_NUMBER}\s*版)?"
)
JUMP_TO = re.compile(rf"^[（(【\[]?\s*(?:下转|转)\s*(?:本报)?第?\s*{_PAGE_NUMBER}\s*版\s*[)）】\]]?$")
JUMP_TO_TAIL = re.compile(rf"[（(【\[]\s*下转\s*第?\s*{_PAGE_NUMBER}\s*版\s*[)）】\]]\s*$")
JUMP_FROM = re.compile(rf"^[（(【\[]?\s*(?:上接|紧接|接)\s*(?:本报)?第?\s*{_PAGE_NUMBER}\s*版\s*[)）】\]]?\s*")
_GUIDE = re.compile(r"^(?:今日)?(?:导读|要闻导读|本期导读|今日看点)$")
_GUIDE_ITEM = re.compile(rf"^[-*·●▲]?\s*.{{2,60}}[\s…·.]*(?:第?{_PAGE_NUMBER}\s*版|[A-Z]?\d{{1,2}}\s*版)$")
_EDITOR = (
    r"(?:本版|本期|值班)?(?:责任编辑|责编|编辑|主编|美编|版式设计|版式|校对|制图|统筹)(?:\s*[:：]\s*|\s+)"
    r"[\u4e00-\u9fff·]{2,6}(?:[\s、]+[\u4e00-\u9fff·]{2,6}(?![\u4e00-\u9fff]*[:：]))*"
)


@dataclass(frozen=True)
class Rule:
    """Lines matching ``pattern`` are ``role``."""

    role: str
    pattern: re.Pattern[str]
    why: str


RULES = (
    Rule("editors", re.compile(rf"^[□■◎]?\s*{_EDITOR}(?:[\s；;]+{_EDITOR})*$"), "names who made the page"),
    Rule(
        "hotline",
        re.compile(r"^(?:本报)?(?:新闻|读者|报料|服务|投稿|发行|广告)?(?:热线|邮箱|电话)\s*[:：]?\s*[\w@.\-—－ ]+$"),
        "a telephone line",
    ),
    Rule("weather", re.compile(r"^(?:今日|今天|明日|明天|本市)?天气(?:预报)?\s*[:：].{0,60}$"), "today's weather"),
    Rule(
        "imprint",
        re.compile(r"^.{0,12}(?:国内统一刊号|国内统一连续出版物号|邮发代号|CN\s*\d{2}-\d{4}).{0,60}$"),
        "the paper's imprint",
    ),
)


def is_masthead(text: str) -> re.Match[str] | None:
    """A short line that is little more than a date, and perhaps the page and its section."""
    if len(text) > _LONGEST_LINE or text[-1:] in "。！？，；":
        return None
    match = MASTHEAD.search(text)
    if match is None:
        return None
    rest = text[: match.start()] + text[match.end() :]
    is_whole = not rest.strip() or rest.strip().endswith("报")
    return match if match["page"] is not None or "星期" in match[0] or is_whole else None


def mark(blocks: Sequence[Block]) -> None:
    """Give every block of page furniture its role."""
    in_guide = False
    for block in blocks:
        if block.role:
            continue
        if block.form is Form.IMAGE:
            block.take("image", "an image")
            continue
        text = block.text if len(block.text) <= _LONGEST_LINE else ""
        in_guide = (in_guide and bool(_GUIDE_ITEM.match(text))) or bool(_GUIDE.match(text))
        if in_guide:
            block.take("guide", "the page's guide to other pages")
        elif is_masthead(text):
            block.take("masthead", "the masthead: date and page")
        elif JUMP_TO.match(text):
            block.take("jump to", "sends the reader to a later page")
        else:
            for rule in RULES:
                if rule.pattern.match(text):
                    block.take(rule.role, rule.why)
                    break


def page_number(text: str) -> int:
    """``3``, ``三`` or ``十二`` as a number."""
    if text.isdigit():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _NUMERALS[text]
    return (_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0)
