"""What kind of thing a question asks for, and whether a sentence tells one that the question does not name."""

from __future__ import annotations

import re

from index.words import folded, names

from .ranking import asks_when, says_when

_ASKS_WHO = re.compile(
    r"谁|何人|哪位|哪些人|(?:创始人|作者|导演|主演|主持人|冠军|得主|院长|校长|主席)(?:是|叫|有|[?？]?$)"
)
_ASKS_NUMBER = re.compile(
    r"多少|多大|多高|多长|多远|多重|几[个名人次家项件年天岁位种条倍]|第几|比分|占比|百分之几|售价|票价"
)
_NUMBER = re.compile(
    r"\d+(?:\.\d+)?|[零一二两三四五六七八九十百千万亿]{2,}|[一二两三四五六七八九十](?=[个名人次家项件年天岁位种条倍])"
)
_DATE = re.compile(r"(\d{4}年)(?:(\d{1,2}月)(?:\d{1,2}[日号])?)?")


def tells(question: str, sentence: str) -> bool:
    """Whether ``sentence`` tells the kind of thing that is asked for: a time, a number, a person.

    True where the question asks for none of them.
    """
    asked, plain = folded(question), folded(sentence)
    if asks_when(asked):
        return says_when(asked, plain)
    if _ASKS_NUMBER.search(asked):
        return any(match.group() not in asked for match in _NUMBER.finditer(plain))
    if _ASKS_WHO.search(asked):
        return any(name not in asked for name in names(plain)) or bool(re.search(r"[a-z]{3,}|·", plain))
    return True


def with_whole_dates(sentence: str, quotes: str) -> str:
    """Make the dates of ``sentence`` as full as they are quoted: 2022年11月 for one becomes 2022年11月30日."""
    full = [match.group() for match in _DATE.finditer(quotes)]

    def whole(match: re.Match[str]) -> str:
        fuller = {date for date in full if date.startswith(match.group())}
        longest = max(fuller, key=len, default=match.group())
        return longest if all(longest.startswith(date) for date in fuller) else match.group()

    return _DATE.sub(whole, sentence)
