"""What is asked for must make sense before anything is searched."""

from __future__ import annotations

import datetime
import unicodedata

from index.errors import BaowenError


def check_question(question: str, longest: int) -> str:
    """The question without surrounding space and control characters.

    Raises:
        BaowenError: it is empty or longer than ``longest`` characters.
    """
    cleaned = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in question).strip()
    if not cleaned:
        raise BaowenError("问题是空的 (the question is empty)；请写下想问的事")
    if len(cleaned) > longest:
        raise BaowenError(f"问题太长 (too long): {len(cleaned)} 字，最多 {longest} 字；请只写要问的那一句")
    return cleaned


def check_date(name: str, value: str | datetime.date | None) -> str | None:
    """``value`` as an ISO date.

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
    """``k`` itself.

    Raises:
        BaowenError: it is less than 1.
    """
    if k < 1:
        raise BaowenError(f"k={k}：至少要取 1 条 (k must be at least 1)")
    return k
