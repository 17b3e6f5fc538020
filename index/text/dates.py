"""Dates."""

import re

_D = re.compile(r"(?:1\d|20)\d\d年|\d{1,2}月(?:\d{1,2}[日号])?|(?<!\d)\d{1,2}日|\d{1,2}时(?:\d{1,2}分)?")


def date_spans(clean: str) -> list[tuple[int, int]]:
    return [m.span() for m in _D.finditer(clean)]
