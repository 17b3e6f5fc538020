"""Join a tagger's words into names as newspapers write them; taggers split long names and miss some kinds.

An organisation gets its longest name (粤开证券, 湖南省财政厅), a place one name per level (吉林省, 长春市). People
called only 张某, 蒋女士 or 小唐 have no name, and a place in the name of a prize or war (南昌起义) does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from .name_forms import (
    ADVERB,
    AFTER_POST,
    COMMITTEE,
    DIRECTION,
    EVENT,
    FULL_NAME,
    GENERIC,
    HEAD,
    INSIDE,
    LATIN,
    LEVELS,
    MASKED,
    MAYOR,
    MEDIA,
    NAMED_HEAD,
    NICKNAME,
    NO_COUNTRY,
    NOMINAL,
    PAIR,
    POST,
    PROVINCE,
    RELIGION,
    REPORTS,
    SENT,
    SITE,
    SPEAKS,
    TITLE,
)
from .names import Name, NameKind, Word, WordTagger

_LONGEST = 10  # maximum words of a joined name


class NewsNames:
    """Finds names by joining, correcting and dropping a tagger's words."""

    def __init__(self, tagger: WordTagger) -> None:
        self._tagger = tagger

    def names(self, text: str) -> list[Name]:
        """The names in ``text`` in order, with at least two characters and without overlaps."""
        words = [_retagged(text, word) for word in self._tagger.words(text)]
        found: list[Name] = []
        position = 0
        while position < len(words):
            used, names = _at(text, words, position)
            found += names
            position += used
        return _merged([*_latin(text), *_signed(text)], found)


def _retagged(text: str, word: Word) -> Word:
    """A word with a corrected tag: names of countries are places, whoever states or announces is an organisation."""
    if text[word.start : word.end] in _countries():
        return word._replace(tag="LOC")
    return word._replace(tag="ORG") if word.tag == "nz" and SPEAKS.match(text, word.end) else word


def _at(text: str, words: Sequence[Word], position: int) -> tuple[int, list[Name]]:
    """The number of words read at a position where a name may begin, and the names in them."""
    word = words[position]
    if position == 0 and (used := _dateline(text, words)):
        return used, [_name(text, word.start, words[used - 1].end, "organisation")]
    if used := _sender(text, words, position):
        return used, [_name(text, word.start, words[position + used - 1].end, "organisation")]
    if used := _dotted(text, words, position):
        return used, [_name(text, word.start, words[position + used - 1].end, "person")]
    if word.tag == "PER":
        return 1, _person(text, word)
    if word.tag not in ("LOC", "ORG", "nz"):
        return 1, []
    if used := _joined(text, words, position, HEAD):
        return used, _organisation(text, word.start, words[position + used - 1].end)
    if word.tag == "LOC":
        return _place(text, words, position)
    printed = text[word.start : word.end]
    if word.tag == "ORG" or NAMED_HEAD.search(printed):
        return 1, _organisation(text, word.start, word.end)
    return 1, []


def _dateline(text: str, words: Sequence[Word]) -> int:
    """The number of words that name the sender of the report: 人民网 before 北京7月22日电."""
    for used in range(1, min(len(words), 4)):
        after = words[used:]
        if after[0].tag == "LOC":
            after = after[1:]
        if after and after[0].tag == "TIME" and SENT.match(text, after[0].end):
            return used if MEDIA.search(text[: words[used - 1].end]) else 0
    return 0


def _sender(text: str, words: Sequence[Word], position: int) -> int:
    """The number of words that name a newsroom, judged by what follows: 江桥新闻记者, 从江桥新闻获悉."""
    start = words[position].start
    for used, word in enumerate(words[position : position + 2], 1):
        if word.tag not in INSIDE:
            return 0
        if word.end - start > 2 and MEDIA.search(text[start : word.end]) and REPORTS.match(text, word.end):
            return used
    return 0


def _dotted(text: str, words: Sequence[Word], position: int) -> int:
    """The number of words in a foreign name with dots between its parts, if one of them is a person's."""
    used, person = 1, words[position].tag == "PER"
    while (
        position + used + 1 < len(words) and text[words[position + used].start : words[position + used].end] in "·•・"
    ):
        used += 2
        person |= words[position + used - 1].tag == "PER"
    foreign = used > 1 or "·" in text[words[position].start : words[position].end]
    while foreign and person and position + used < len(words) and words[position + used].tag == "PER":
        used += 1
    return used if used > 1 and person and words[position].tag in ("PER", "LOC", "nz", "ORG") else 0


def _joined(text: str, words: Sequence[Word], position: int, head: re.Pattern[str]) -> int:
    """The number of words, at least two, that form one name ending with ``head``; 0 if there is none."""
    most = 0
    for used in range(2, min(_LONGEST, len(words) - position) + 1):
        word = words[position + used - 1]
        last = text[word.start : word.end]
        if word.tag not in INSIDE and not NOMINAL.search(last):
            break
        if head.search(last):
            most = used
    return most


def _person(text: str, word: Word) -> list[Name]:
    printed = text[word.start : word.end]
    bare = TITLE.sub("", printed) if len(printed) > 2 else printed
    if len(bare) < 2 or MASKED.search(bare) or NICKNAME.fullmatch(bare) or PAIR.fullmatch(bare):
        return []
    return [_name(text, word.start, word.start + len(bare), "person")]


def _organisation(text: str, start: int, end: int) -> list[Name]:
    printed = POST.sub("", ADVERB.sub("", text[start:end]))
    if len(printed) < 2 or GENERIC.fullmatch(printed) or PAIR.fullmatch(printed) or RELIGION.fullmatch(printed[-2:]):
        return []
    return [_name(text, start, start + len(printed), "organisation")]


def _place(text: str, words: Sequence[Word], position: int) -> tuple[int, list[Name]]:
    """A place with the rest of its name, or what the word really names."""
    word = words[position]
    printed = text[word.start : word.end]
    if HEAD.search(printed) and len(printed) > 3:  # 俄国防部
        return 1, _organisation(text, word.start, word.end)
    if _joined(text, words, position, EVENT) or PAIR.fullmatch(printed) or len(printed) < 2:
        return 1, []
    if used := _joined(text, words, position, SITE):
        return used, list(_levels(text, word.start, words[position + used - 1].end))
    if match := COMMITTEE.match(text, word.end):  # 山西省委书记
        return 1, [_name(text, word.start, match.end(), "organisation")]
    longer = MAYOR.match(text, word.end)  # 新北市长
    end = word.end + 1 if longer and longer[0] != printed[-1] else word.end
    return 1, list(_levels(text, word.start, end))


def _levels(text: str, start: int, end: int) -> Iterator[Name]:
    """Yield the places in a word, one per level: 武汉市 and 新洲区, 巴西 and 里约热内卢."""
    end -= len(match[0]) if (match := DIRECTION.search(text[start:end])) else 0
    printed = text[start:end]
    country = next((name for name in _countries() if printed.startswith(name) and len(printed) > len(name) + 1), "")
    levels = PROVINCE.fullmatch(printed) or LEVELS.fullmatch(printed)
    if country or levels:
        middle = start + len(country or (levels["upper"] if levels else ""))
        yield _name(text, start, middle, "place")
        yield from _levels(text, middle, end)
    elif len(printed) > 1:
        yield _name(text, start, end, "place")


@cache
def _countries() -> frozenset[str]:
    """The Chinese names of countries."""
    from babel import Locale

    territories = {code: name for code, name in Locale("zh").territories.items() if len(name) > 1}
    return frozenset(name for code, name in territories.items() if code.isalpha() and code not in NO_COUNTRY)


def _signed(text: str) -> Iterator[Name]:
    """Yield people named after their post, if surnames and punctuation show where the names end."""
    for match in AFTER_POST.finditer(text):
        for person in re.finditer(rf"{FULL_NAME}", match["names"]):
            start = match.start("names") + person.start()
            if not MASKED.search(person[0]):
                yield _name(text, start, start + len(person[0]), "person")


def _latin(text: str) -> Iterator[Name]:
    """Yield people with names in Latin letters, recognised because they say something."""
    return (_name(text, *match.span(), "person") for match in LATIN.finditer(text))


def _name(text: str, start: int, end: int, kind: NameKind) -> Name:
    return Name(text[start:end], start, end, kind)


def _merged(sure: Sequence[Name], found: Sequence[Name]) -> list[Name]:
    """Both lists in order, without those in ``found`` that overlap with a sure one."""
    taken = {place for name in sure for place in range(name.start, name.end)}
    free = [name for name in found if taken.isdisjoint(range(name.start, name.end))]
    return sorted([*sure, *free], key=lambda name: name.start)
