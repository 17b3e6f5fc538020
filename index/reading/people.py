"""Bylines: who wrote, who sent it in, who took the picture, and how much of a line says so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = r"[\u4e00-\u9fff]{1,4}(?:·[\u4e00-\u9fff]{1,6})*"
_SHORT_NAME = r"[\u4e00-\u9fff·]{2,4}"
_NAMES = rf"{_NAME}(?:[\s、，,]+{_NAME})*"
_AGENCY = r"(?:本报|本刊|本社|本网|[\u4e00-\u9fff]{1,8}(?:社|报|网|台))"
_RANK = r"(?:首席|实习|见习|特约|特派|驻[\u4e00-\u9fff]{1,4})?"
_ROLE = rf"(?:{_AGENCY})?{_RANK}(?:记者|通讯员|实习生|摄影|文\s*/\s*图|图\s*/\s*文|[文图](?=\s*[/:：]))"
_PEOPLE = rf"{_ROLE}\s*[:：/]?\s*{_NAMES}"
_PLACE_AND_DAY = r"[\u4e00-\u9fff]{0,8}(?:\d{1,2}月)?(?:\d{1,2}日)?"
_DATELINE = rf"{_AGENCY}{_PLACE_AND_DAY}(?:讯|电|消息|专电)"

# 本报讯（记者 甲 通讯员 乙） · 新华社北京7月28日电（记者 甲）
_DATELINE_BRACKETS = re.compile(rf"^[□■◎]?\s*{_DATELINE}\s*[（(](?P<people>[^）)]{{2,80}})[）)]\s*[:：]?\s*")
# 本报讯 记者 甲 乙报道
_DATELINE_REPORTS = re.compile(rf"^[□■◎]?\s*{_DATELINE}\s*(?P<people>{_PEOPLE}(?:\s+{_PEOPLE})*)\s*报道\s*[:：，,]?\s*")
# 本报讯 · 新华社北京7月28日电
_DATELINE_ONLY = re.compile(rf"^{_AGENCY}{_PLACE_AND_DAY}(?:讯|电)(?:\s+|[:：]\s*)")
# □本报记者 甲 通讯员 乙 · 文/图 甲
_LINE = re.compile(rf"^[□■◎●]?\s*(?P<people>{_PEOPLE}(?:[\s；;/]+{_PEOPLE})*)\s*(?:报道)?$")
# 本报记者 甲 文/图
_BOTH = re.compile(
    rf"^[□■◎●]?\s*(?:{_ROLE}\s*)?(?P<names>{_SHORT_NAME}(?:[\s、]+{_SHORT_NAME})*)\s*(?:文\s*/\s*图|图\s*/\s*文)$"
)
# （记者 甲 通讯员 乙）
_SIGNATURE = re.compile(rf"\s*[（(](?P<people>{_ROLE}\s*[:：]?\s*[^（()）。]{{2,60}})[)）]\s*$")
# 本报记者 甲 摄 · 甲 供图 · 通讯员 乙 摄影报道, perhaps behind a caption
_CREDITED = rf"(?:(?:{_AGENCY})?{_RANK}(?:记者|通讯员)\s*{_NAMES}|{_SHORT_NAME}(?:[\s、]+{_SHORT_NAME})*(?=\s))"
_PHOTO = re.compile(rf"(?:^|(?<=[。！？\s]))(?P<people>{_CREDITED})\s*(?:摄影报道|摄影|摄|供图)\s*[/。]?$")

_ROLE_START = re.compile(rf"{_ROLE}\s*[:：/]?\s*")
_LONGEST_BYLINE = 60
_LONGEST_CREDIT = 120


@dataclass
class People:
    """Names by what they did, in the order printed."""

    reporters: list[str] = field(default_factory=list)
    correspondents: list[str] = field(default_factory=list)
    photographers: list[str] = field(default_factory=list)

    def add(self, other: People) -> None:
        """Take over the names of ``other`` that are not here yet."""
        for mine, theirs in (
            (self.reporters, other.reporters),
            (self.correspondents, other.correspondents),
            (self.photographers, other.photographers),
        ):
            mine.extend(name for name in theirs if name not in mine)

    def __bool__(self) -> bool:
        return bool(self.reporters or self.correspondents or self.photographers)


@dataclass(frozen=True)
class Byline:
    """People, and the text that is left when the byline is taken away."""

    people: People
    rest: str


def opening(text: str) -> Byline | None:
    """The byline or dateline that ``text`` opens with."""
    head = text[:200]
    for pattern in (_DATELINE_BRACKETS, _DATELINE_REPORTS):
        if (match := pattern.match(head)) and (people := parse_people(match["people"])):
            return Byline(people, text[match.end() :])
    if match := _DATELINE_ONLY.match(head):
        return Byline(People(), text[match.end() :])
    return None


def byline_line(text: str) -> People | None:
    """The people of a line that is nothing but a byline."""
    if len(text) > _LONGEST_BYLINE:
        return None
    if both := _BOTH.match(text):
        names = _names(both["names"])
        return People(reporters=names, photographers=list(names))
    match = _LINE.match(text)
    return (parse_people(match["people"]) or None) if match else None


def signature(text: str) -> Byline | None:
    """The signature in brackets that ``text`` ends with."""
    match = _SIGNATURE.search(text, max(0, len(text) - 80))
    if match and (people := parse_people(match["people"])):
        return Byline(people, text[: match.start()])
    return None


def photo_credit(text: str) -> Byline | None:
    """Who took the picture, and the caption before the credit."""
    if len(text) > _LONGEST_CREDIT:
        return None
    match = _PHOTO.search(text)
    if match is None:
        return None
    names = _names(_ROLE_START.sub(" ", match["people"]))
    return Byline(People(photographers=names), text[: match.start()].strip()) if names else None


def parse_people(text: str) -> People:
    """Names by role from ``记者 甲 乙 通讯员 丙``; interns count as reporters."""
    people = People()
    starts = list(_ROLE_START.finditer(text))
    for index, match in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        names = _names(text[match.end() : end])
        role = match[0]
        if "通讯员" in role:
            people.correspondents.extend(names)
        elif "摄影" in role or (role.strip().startswith("图") and "文" not in role):
            people.photographers.extend(names)
        else:
            people.reporters.extend(names)
            if "图" in role:
                people.photographers.extend(names)
    return people


def _names(text: str) -> list[str]:
    """Split at spaces and commas; two single characters side by side are one padded name (``王 波``)."""
    pieces = [piece for piece in re.split(r"[\s、，,；;/]+", text.strip()) if re.fullmatch(_NAME, piece)]
    names: list[str] = []
    for piece in pieces:
        if names and len(piece) == 1 and len(names[-1]) == 1:
            names[-1] += piece
        else:
            names.append(piece)
    return [name for name in names if len(name) > 1]
