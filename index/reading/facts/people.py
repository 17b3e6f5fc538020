"""Bylines: who wrote, contributed or photographed, and how much of a line says so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...text.surnames import SURNAMES

_WORD = r"\u4e00-\u9fff"
_NAME = rf"[{_WORD}]{{1,4}}(?:[·•][{_WORD}]{{1,6}})*"
_SHORT_NAME = rf"[{_WORD}·•]{{2,4}}"
_NAMES = rf"{_NAME}(?:[\s、，,]+(?![记記]者|通[讯訊][员員]|[摄攝]影|实习生){_NAME})*"
_MARK = r"[□■◎●◆◇▲△▼★☆○►▶※◢◤]"
_AGENCY = rf"(?:本[报報刊社网台]|[{_WORD}]{{1,8}}?(?:社|报|報|网|網|台))"
_RANK = (
    rf"(?:(?:首席|实习|見習|见习|特约|特約|特派|全媒体|全媒體|融媒体|融媒|新媒体|文字|体育|高级|"
    rf"资深|随军|青年|驻[{_WORD}]{{1,4}}))*"
)
_REPORTER = (
    r"[记記]\s?者|特派[员員]|[评評][论論][员員]|主[笔筆]|撰稿人?|[实實][习習]生|采\s?写|"
    r"[撰作]文|作\s?者|文字|编译|整理|采访"
)
_CORRESPONDENT = r"通\s?[讯訊]\s?[员員]"
_PHOTOGRAPHER = r"[摄攝]\s?影(?:[记記]者)?|供图|图片|制图|漫画|航拍"
_BOTH = r"文\s*[/／、]?\s*[图圖摄攝]|[图圖摄攝]\s*[/／、]?\s*文"
_ROLE = (
    rf"(?:{_AGENCY}\s?)?{_RANK}(?:{_BOTH}|{_REPORTER}|{_CORRESPONDENT}|{_PHOTOGRAPHER}"
    r"|[文图圖摄攝](?=\s*[/／:：｜|]))"
)
_PEOPLE = rf"{_ROLE}\s*[:：/／｜|]?\s*{_NAMES}"
_DAY = r"(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?"
_SENDER = rf"(?:据)?{_AGENCY}[{_WORD}·\-]{{0,10}}"
_AFTER_SENT = "讯訊视視台臺话話影力子器动動报報告召邀问問贺賀，、的"  # 8月1日电告, 7月5日讯问: words, not datelines
_DATELINE = rf"{_SENDER}{_DAY}(?:讯|訊|电|電|消息|专电|專電|综合报道)"

# 本报讯（记者 甲 通讯员 乙） · 【新华社北京7月28日电】（记者 甲）
_DATELINE_BRACKETS = re.compile(
    rf"^{_MARK}?\s*(?P<dateline>(?:[【\[［〔]\s*{_DATELINE}\s*[】\]］〕])|{_DATELINE})"
    r"\s*[（(](?P<people>[^）)]{2,80})[）)]\s*[:：]?\s*"
)
# 本报讯 记者 甲 乙报道
_DATELINE_REPORTS = re.compile(
    rf"^{_MARK}?\s*(?P<dateline>{_DATELINE})\s*(?P<people>{_PEOPLE}(?:\s+{_PEOPLE})*)\s*[报報][道導导]\s*[:：，,]?\s*"
)
# 本报讯 · 新华社北京7月28日电 · 【本报讯】 · （本报北京5日讯）; with a day also directly before the text
_DATELINE_ONLY = re.compile(
    rf"^{_MARK}?\s*(?:[【\[［〔（(]\s*(?P<set>{_DATELINE})\s*[】\]］〕）)]\s*[:：]?\s*"
    rf"|(?P<plain>{_SENDER}{_DAY}(?:讯|訊|电|電))(?:\s+|[:：]\s*|(?<=[\d一二三四五六七八九十]日.)(?![{_AFTER_SENT}])))"
)
# □本报记者 甲 通讯员 乙 · 文/图 甲 · 記者甲／某地報導
_LINE = re.compile(
    rf"^{_MARK}?\s*(?P<people>{_PEOPLE}(?:[\s；;，,、/／■]+{_PEOPLE})*)\s*"
    rf"(?:(?:[/／\s]\s*(?:发自)?[{_WORD}]{{0,8}})?(?:[报報][道導导]|采写|[摄攝]影报道|文))?$"
)
# 本报记者 甲 文/图 · 甲/文 乙/图
_NAMES_FIRST = re.compile(
    rf"^{_MARK}?\s*(?:{_ROLE}\s*[:：]?\s*)?{_SHORT_NAME}(?:[\s、，,]+{_SHORT_NAME})*\s*"
    rf"(?:[/／]?\s*(?:{_BOTH})|"
    rf"[/／\s]\s*[文图圖摄攝](?:\s+{_SHORT_NAME}(?:[\s、，,]+{_SHORT_NAME})*\s*[/／\s]\s*[文图圖摄攝])?)$"
)
_NAMED_ROLE = re.compile(
    rf"(?P<names>(?:{_ROLE}\s*[:：]?\s*)?{_SHORT_NAME}(?:[\s、，,]+{_SHORT_NAME})*?)"
    rf"\s*[/／]?\s*(?P<role>{_BOTH}|(?<=[/／\s])[文图圖摄攝](?=\s|$))"
)
# ■ 甲 乙: only a mark and names
_MARKED = re.compile(rf"^{_MARK}\s*(?P<names>{_SHORT_NAME}(?:[\s、]+{_SHORT_NAME}){{0,3}})$")
_ONLY_NAMES = re.compile(rf"\s*{_SHORT_NAME}(?:[\s、，,]+{_SHORT_NAME})*[\s、，,]*")
# （记者 甲 通讯员 乙）
_SIGNATURE = re.compile(rf"\s*[（(](?P<people>{_ROLE}\s*[:：]?\s*[^（()）。]{{2,60}})[)）]\s*$")
# 本报记者 甲 摄 · 甲 供图 · 通讯员 乙 摄影报道, possibly after a caption
_CREDITED = (
    rf"(?:(?:{_AGENCY})?{_RANK}(?:[记記]者|通[讯訊][员員])\s*{_NAMES}|"
    rf"{_SHORT_NAME}(?:[\s、]+{_SHORT_NAME})*(?=[\s/／])|"
    # sites and recognised text omit the space: 渡口现场。林砚秋摄 · 新华社发（林砚秋摄）
    rf"(?=[{SURNAMES}])[{_WORD}]{{2,3}}(?<!拍)(?=[摄攝]))"
)
_PHOTO = re.compile(
    rf"(?:^|(?<=[。！？\s（(]))(?P<people>{_CREDITED})\s*[/／]?\s*(?:[摄攝]影[报報]道|[摄攝]影|[摄攝]|"
    rf"供[图圖])\s*[/。）)]*$"
)

# A caption that recognition has glued to a neighbouring paragraph
_GLUED = rf"(?:图为|图片为|题图|[上下左右]图)[^。！？]{{2,80}}[。！]?\s*(?:{_CREDITED}|{_SHORT_NAME})\s*[/／]?\s*[摄攝]"
_GLUED_AFTER = re.compile(rf"(?<=[。！？”])\s*(?P<caption>{_GLUED})[。）)]?$")
_GLUED_BEFORE = re.compile(rf"^(?P<caption>{_GLUED})[\s。]+(?=\S{{20}})")

_ROLE_START = re.compile(rf"{_ROLE}\s*[:：/／｜|]?\s*")
_SENT = re.compile(r"[讯訊电電]|消息|综合")  # what every dateline contains
_LONGEST_DATELINE = 60
_LONGEST_BYLINE = 60
_LONGEST_CREDIT = 120
# Words that follow 记者 in running text and in the names of columns.
_NO_NAMES = re.compile(
    r"^(?:手[记記]|观察|觀察|调查|調查|来信|[节節協协站][会會]?|见面会|招待会|[报報][道導导]|看到|"
    r"[说說]|了解|[获獲]悉|从|從)"
)
_NO_NAME = re.compile(
    r"[报報][道導导]|采[写訪访]|[摄攝][影制]|供[图圖]|文[图圖]|[图圖]文|整理|责编|編輯|编辑|校对|美编"
)
_NO_PEOPLE = re.compile(r"佚名|匿名|编辑部|編輯部|通讯社|评论员|本[报報刊]|管理员|未知|网络|[社报網网台]$")


@dataclass
class People:
    """Names by role, in printed order."""

    reporters: list[str] = field(default_factory=list)
    correspondents: list[str] = field(default_factory=list)
    photographers: list[str] = field(default_factory=list)

    def add(self, other: People) -> None:
        """Add the names of ``other`` that are missing here."""
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
    """People, place and day of the dispatch, and the rest of the text without the byline."""

    people: People
    rest: str
    dateline: str = ""


def opening(text: str) -> Byline | None:
    """The byline or dateline at the start of ``text``."""
    head = text[:200]
    if not _SENT.search(head, 0, _LONGEST_DATELINE):
        return None
    for pattern in (_DATELINE_BRACKETS, _DATELINE_REPORTS):
        if (match := pattern.match(head)) and (people := _after_dateline(match["people"])):
            return Byline(people, text[match.end() :], match["dateline"].strip("【】[]［］〔〕 "))
    if match := _DATELINE_ONLY.match(head):
        return Byline(People(), text[match.end() :], match["set"] or match["plain"])
    return None


def _after_dateline(text: str) -> People:
    """The people named directly after a dateline, where names need no role: (张煜欢), (寇雅楠、实习生刘佳宝)."""
    role = _ROLE_START.search(text)
    before = text[: role.start()] if role else text
    named = _ONLY_NAMES.fullmatch(before) and not _NO_PEOPLE.search(before)
    names = _names(before) if named else []
    people = People(reporters=names if any(name[0] in SURNAMES for name in names) else [])
    people.add(parse_people(text))
    return people


def byline_line(text: str) -> People | None:
    """The people of a line that consists only of a byline."""
    if len(text) > _LONGEST_BYLINE or text[-1:] in "。！？，；：":
        return None
    text = text.strip("（）() ") if text[:1] in "（(" and text[-1:] in "）)" else text
    if _NAMES_FIRST.match(text) and (people := _names_first(text)):
        return people
    if (marked := _MARKED.match(text)) and _are_names(marked["names"]):
        return People(reporters=_names(marked["names"]))
    match = _LINE.match(text)
    return (parse_people(match["people"]) or None) if match else None


def bare_names(text: str) -> People | None:
    """The people of a line with only names; for use where the context shows that names must follow."""
    if people := byline_line(text):
        return people
    names = re.fullmatch(rf"{_MARK}?\s*(?P<names>{_SHORT_NAME}(?:[\s、]+{_SHORT_NAME}){{0,3}})", text.strip())
    return People(reporters=_names(names["names"])) if names and _are_names(names["names"]) else None


def _are_names(text: str) -> bool:
    """Whether every word begins with a surname; a line without a role may be something else."""
    return not _NO_PEOPLE.search(text) and bool(names := _names(text)) and all(name[0] in SURNAMES for name in names)


def signature(text: str) -> Byline | None:
    """The signature in brackets at the end of ``text``."""
    match = _SIGNATURE.search(text, max(0, len(text) - 80))
    if match and (people := parse_people(match["people"])):
        return Byline(people, text[: match.start()])
    return None


def photo_credit(text: str) -> Byline | None:
    """The photographers in a credit, and the caption before the credit."""
    if len(text) > _LONGEST_CREDIT:
        return None
    match = _PHOTO.search(text)
    if match is None:
        return None
    names = _names(_ROLE_START.sub(" ", match["people"]))
    return Byline(People(photographers=names), text[: match.start()].rstrip("（( ").strip()) if names else None


def glued_caption(text: str) -> tuple[str, str] | None:
    """A caption with its credit that is glued to a paragraph, and the paragraph without it."""
    if match := _GLUED_AFTER.search(text, max(0, len(text) - _LONGEST_CREDIT)):
        return match["caption"], text[: match.start()]
    if match := _GLUED_BEFORE.match(text[: 2 * _LONGEST_CREDIT]):
        return match["caption"], text[match.end() :]
    return None


def parse_people(text: str) -> People:
    """Names by role from ``记者 甲 乙 通讯员 丙``; interns count as reporters."""
    people = People()
    starts = list(_ROLE_START.finditer(text))
    for index, match in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        after = text[match.end() : end]
        names = [] if _NO_NAMES.match(after) else _names(after)
        _credit(people, match[0], names)
    return people


def from_field(value: str) -> People:
    """The people in an author field: names only, or names by role."""
    text = re.sub(r"[（(][^）)]*[）)]", " ", value).strip()
    if (people := byline_line(text)) or (people := parse_people(text)):
        return people
    names = [name.strip() for name in re.split(r"[、，,;；/／|]|\s{2,}", text)]
    if all(re.fullmatch(r"[\u4e00-\u9fff ]*", name) for name in names):
        names = _names(text)
    return People(reporters=[name for name in names if 1 < len(name) <= 30 and not _NO_PEOPLE.search(name)])


def _names_first(text: str) -> People:
    people = People()
    for match in _NAMED_ROLE.finditer(text):
        if "文" in match["role"] and re.search(r"[图圖摄攝]", match["role"]):
            _credit(people, "文图", _names(_ROLE_START.sub(" ", match["names"])))
        else:
            role = "图" if re.search(r"[图圖摄攝]", match["role"]) else "文"
            _credit(people, role, _names(_ROLE_START.sub(" ", match["names"])))
    return people


def _credit(people: People, role: str, names: list[str]) -> None:
    pictures = re.search(r"[图圖摄攝]|航拍|漫画", role)
    if re.search(_CORRESPONDENT, role):
        people.correspondents.extend(names)
    elif pictures and not re.search(r"文", role):
        people.photographers.extend(names)
    else:
        people.reporters.extend(names)
        if pictures:
            people.photographers.extend(names)


def _names(text: str) -> list[str]:
    """Split at spaces and commas; two adjacent single characters are one padded name (``王 波``)."""
    pieces = [piece for piece in re.split(r"[\s、，,；;/／]+", text.strip()) if re.fullmatch(_NAME, piece)]
    names: list[str] = []
    for piece in pieces:
        if names and len(piece) == 1 and len(names[-1]) == 1:
            names[-1] += piece
        else:
            names.append(piece)
    return [name for name in names if len(name) > 1 and not _NO_NAME.fullmatch(name)]
