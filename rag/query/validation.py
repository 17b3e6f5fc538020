"""Validates questions, filters and options before anything is searched."""

from __future__ import annotations

import datetime
import operator
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import SupportsIndex, TypedDict, Unpack

from index.errors import BaowenError
from index.reading.facts.furniture import page_number
from index.storage.store import Filter
from index.text.words import harmless

_PAGE = re.compile(r"第?\s*(\d{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])\s*版?")
_HISTORY = "要是（问题、回答）一对一对的，或带 role、content 的消息 (pairs, or messages with role and content)"

DayGiven = str | datetime.date


class Conditions(TypedDict, total=False):
    """The conditions of a ``Filter`` as keyword arguments; ``page`` may also be ``"2"`` or ``"第2版"``."""

    paper: str | None
    page: int | str | None
    section: str | None
    reporter: str | None


def check_question(question: str, longest: int) -> str:
    """Return the question without surrounding spaces and control characters.

    Raises:
        BaowenError: it is not a string, is empty, or is longer than ``longest`` characters.
    """
    text = check_text("问题", question)
    cleaned = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).strip()
    if not cleaned:
        raise BaowenError("问题是空的 (the question is empty)；请写下想问的事")
    if len(cleaned) > longest:
        raise BaowenError(f"问题太长 (too long): {len(cleaned)} 字，最多 {longest} 字；请只写要问的那一句")
    return cleaned


def check_text(name: str, value: object) -> str:
    """Return ``value``.

    Raises:
        BaowenError: it is not a string.
    """
    if not isinstance(value, str):
        raise BaowenError(f"{name}要是一段文字，不是 {_kind(value)} (must be a text)")
    return value


def check_date(name: str, value: DayGiven | None) -> str | None:
    """Return ``value`` as an ISO date.

    Raises:
        BaowenError: it is not a date.
    """
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise BaowenError(f"{name}={value!r} 不是日期 (not a date)；请写成 2024-07-30") from None


def check_count(k: int) -> int:
    """Return ``k`` as an int.

    Raises:
        BaowenError: it is not a whole number, or it is less than 1.
    """
    k = check_whole("k", k)
    if k < 1:
        raise BaowenError(f"k={k}：至少要取 1 条 (k must be at least 1)")
    return k


def check_whole(name: str, value: object) -> int:
    """Return ``value`` as an int.

    Raises:
        BaowenError: it is not a whole number.
    """
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise BaowenError(f"{name}={value!r}：要是整数 (must be a whole number)")
    return operator.index(value)


def check_filter(
    since: DayGiven | None = None,
    until: DayGiven | None = None,
    where: Filter | None = None,
    **conditions: Unpack[Conditions],
) -> Filter:
    """Return ``where`` with the dates and conditions that are also given.

    Args:
        since: first date.
        until: last date, included.
        where: a complete filter.
        **conditions: single conditions.

    Raises:
        BaowenError: a date, page or name is invalid, or the range ends before it begins.
    """
    for name in conditions:
        if name not in Conditions.__annotations__:
            known = "、".join(Conditions.__annotations__)
            raise BaowenError(f"没有 {name} 这个条件 (no such filter)；可用 {known}")
    if where is not None and not isinstance(where, Filter):
        raise BaowenError(f"where 是 {_kind(where)}，要是 Filter (must be a Filter)")
    base = where or Filter()
    first = check_date("since", base.since if since is None else since)
    last = check_date("until", base.until if until is None else until)
    if first and last and first > last:
        raise BaowenError(f"since={first} 晚于 until={last} (the range ends before it begins)；请对调")
    page = conditions.get("page")
    return Filter(
        first,
        last,
        _name("paper", conditions.get("paper"), base.paper),
        _page(base.page if page is None else page),
        _name("section", conditions.get("section"), base.section),
        _name("reporter", conditions.get("reporter"), base.reporter),
    )


def _name(condition: str, given: object, otherwise: object) -> str | None:
    """The given name, or the filter's own if none is given."""
    value = otherwise if given is None else given
    if value is not None and not isinstance(value, str):
        raise BaowenError(f"{condition}={value!r} 要是一段文字 (must be a text)")
    return value


def check_questions(questions: Iterable[str]) -> list[str]:
    """Return several questions as a list.

    Raises:
        BaowenError: it is a single string, whose characters would be taken for questions.
    """
    if isinstance(questions, str) or not isinstance(questions, Iterable):
        raise BaowenError("要给一列问题 (a list of questions)；一个问题请用 retrieve")
    return list(questions)


def check_history(history: Iterable[object] | None) -> list[tuple[str, str]]:
    """Return a conversation as (question, answer) pairs, combining messages with ``role`` and ``content``.

    A question without an answer gets an empty one. Only the roles ``user`` and ``assistant`` are used.

    Raises:
        BaowenError: it is not a list of pairs or messages.
    """
    if isinstance(history, (str, Mapping)) or not isinstance(history or (), Iterable):
        raise BaowenError(f"history 是 {_kind(history)}；{_HISTORY}")
    pairs: list[tuple[str, str]] = []
    for turn in history or ():
        if isinstance(turn, Mapping):
            role, content = turn.get("role"), _text(turn.get("content"))
            if role is None or content is None:
                raise BaowenError(f"history 里有 {harmless(repr(turn))[:60]}；{_HISTORY}")
            if role == "user":
                pairs.append((content, ""))
            elif role == "assistant" and pairs:
                pairs[-1] = (pairs[-1][0], pairs[-1][1] + content)
        elif isinstance(turn, (list, tuple)) and len(turn) == 2 and all(isinstance(part, str) for part in turn):
            pairs.append((turn[0], turn[1]))
        else:
            raise BaowenError(f"history 里有 {harmless(repr(turn))[:60]}；{_HISTORY}")
    return pairs


def _text(content: object) -> str | None:
    """The text of a message whose content is a string or a list of parts, some of them text."""
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else None


def _page(page: object) -> int | None:
    if page is None or (isinstance(page, int) and not isinstance(page, bool)):
        return page
    match = _PAGE.fullmatch(page.strip()) if isinstance(page, str) else None
    if match:
        return page_number(match[1])
    raise BaowenError(f"page={page!r} 不是版次 (not a page)；请写成 2 或 第2版")


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__
