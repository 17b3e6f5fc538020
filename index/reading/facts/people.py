"""People named in running text: datelines, signatures, photo credits, author fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...text.surnames import ALL_SURNAMES, SURNAMES
from .bylines import bracketed_names, byline_line, is_name, is_no_person
from .roles import AGENCY, HAN, MARK, NAMES, RANK, ROLE, ROLE_START, SHORT_NAME, People, names_in, parse_people

_PEOPLE = rf"{ROLE}\s*[:：/／｜|丨]?\s*{NAMES}"
_DAY = r"(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?"
_SENDER = rf"(?:据)?{AGENCY}[{HAN}·\-]{{0,10}}"
_ON_DAY = rf"[{HAN}]{{0,6}}?(?:\d{{1,2}}月)?(?:\d{{1,2}}|[一二三四五六七八九十廿卅]{{1,3}})日"  # 芦湾八日, 5月8日
_AFTER_SENT = "讯訊视視台臺话話影力子器动動报報告召邀问問贺賀，、的"  # 8月1日电告, 7月5日讯问: words, not datelines
_WORDS_SENT = r"(?:讯|訊|电|電|消息|[专專][电電]|综合报道)"
_DATELINE = rf"(?:{_SENDER}{_DAY}|{_ON_DAY}){_WORDS_SENT}"
_SET = rf"[【\[［〔（(]\s*(?P<set>{_DATELINE}|[{HAN}]{{2,8}}(?<![简簡快短通喜])[讯訊])\s*[】\]］〕）)]"

# 本报讯（记者 甲 通讯员 乙） · 【新华社北京7月28日电】（记者 甲）
_DATELINE_BRACKETS = re.compile(
    rf"^{MARK}?\s*(?P<dateline>(?:[【\[［〔]\s*{_DATELINE}\s*[】\]］〕])|{_DATELINE})"
    r"\s*[（(](?P<people>[^）)]{2,80})[）)]\s*[:：]?\s*"
)
# 本报讯 记者 甲 乙报道 · 【本报讯】记者甲报道： · 记者甲从某地报道：
_DATELINE_REPORTS = re.compile(
    rf"^{MARK}?\s*(?P<dateline>[【\[［〔]\s*{_DATELINE}\s*[】\]］〕]|{_DATELINE})?\s*"
    rf"(?P<people>{_PEOPLE}(?:\s+{_PEOPLE})*?)(?:从[{HAN}]{{2,6}})?\s*[报報][道導导]"
    r"(?(dateline)\s*[:：，,]?|\s*[:：])\s*"
)
# 本报讯  记者 甲  通讯员 乙　followed by the text after a wide space
_DATELINE_SPACED = re.compile(
    rf"^{MARK}?\s*(?P<dateline>{_DATELINE})\s+(?P<people>{_PEOPLE}(?:\s+{_PEOPLE})*)(?:\s{{2,}}|\u3000)"
)
# 本报讯 · 新华社北京7月28日电 · 【本报讯】 · （本报北京5日讯）; with a day also directly before the text
_DATELINE_ONLY = re.compile(
    rf"^{MARK}?\s*(?:{_SET}\s*[:：]?\s*"
    rf"|(?P<plain>(?:{_SENDER}{_DAY}|{_ON_DAY})(?:讯|訊|[专專]?[电電]))(?:\s+|[:：]\s*|(?<=[\d一二三四五六七八九十]日[电電讯訊])(?![{_AFTER_SENT}])))"
)
# （记者 甲） before the text
_NAMED_FIRST = re.compile(rf"^[（(【\[](?P<people>{_PEOPLE}(?:[\s、，,]+{_PEOPLE})*)[）)】\]]\s*(?=\S{{8}})")
_ONLY_NAMES = re.compile(rf"\s*{SHORT_NAME}(?:[\s、，,]+{SHORT_NAME})*[\s、，,]*")
# （记者 甲 通讯员 乙）
_SIGNATURE = re.compile(rf"\s*[（(](?P<people>{ROLE}\s*[:：]?\s*[^（()）。]{{2,60}})[)）]\s*$")
_NAMES_SIGNED = re.compile(r"(?:(?<=[。！？])|(?<=[。！？][”’]))\s*(?P<people>[（(][^（()）]{2,12}[)）])\s*$")
# 本报记者 甲 摄 · 甲 供图 · 通讯员 乙 摄影报道, possibly after a caption
_CREDITED = (
    rf"(?:(?:{AGENCY})?{RANK}(?:[记記]者|通[讯訊][员員])\s*{NAMES}|"
    rf"{SHORT_NAME}(?:[\s、]+{SHORT_NAME})*(?=[\s/／])|"
    # sites and recognised text omit the space: 渡口现场。林砚秋摄 · 新华社发（林砚秋摄）
    rf"(?:(?=[{SURNAMES}])[{HAN}]{{2}}|(?=[{ALL_SURNAMES}])[{HAN}]{{3}})(?<!拍)(?=[摄攝]))"
)
_PHOTO = re.compile(
    rf"(?:^|(?<=[。！？\s（(]))(?P<people>{_CREDITED})\s*[/／]?\s*(?:[摄攝]影[报報]道|[摄攝]影|[摄攝]|"
    rf"供[图圖])\s*[/。）)]*$"
)

# A caption that recognition has glued to a neighbouring paragraph
_GLUED = rf"(?:图为|图片为|题图|[上下左右]图)[^。！？]{{2,80}}[。！]?\s*(?:{_CREDITED}|{SHORT_NAME})\s*[/／]?\s*[摄攝]"
_GLUED_AFTER = re.compile(rf"(?<=[。！？”])\s*(?P<caption>{_GLUED})[。）)]?$")
_GLUED_BEFORE = re.compile(rf"^(?P<caption>{_GLUED})[\s。]+(?=\S{{20}})")

_SENT = re.compile(r"[讯訊电電]|消息|综合|[报報][道導导][:：]")  # what every dateline contains
_LONGEST_DATELINE = 60
_LONGEST_CREDIT = 120


@dataclass(frozen=True)
class Byline:
    """People, place and day of the dispatch, and the rest of the text without the byline."""

    people: People
    rest: str
    dateline: str = ""


def opening(text: str) -> Byline | None:
    """The byline or dateline at the start of ``text``."""
    head = text[:200]
    if (match := _NAMED_FIRST.match(head)) and (named := parse_people(match["people"])):
        return Byline(named, text[match.end() :])
    if not _SENT.search(head, 0, _LONGEST_DATELINE):
        return None
    for pattern in (_DATELINE_BRACKETS, _DATELINE_REPORTS, _DATELINE_SPACED):
        if (match := pattern.match(head)) and (people := _after_dateline(match["people"])):
            return Byline(people, text[match.end() :], (match["dateline"] or "").strip("【】[]［］〔〕 "))
    if match := _DATELINE_ONLY.match(head):
        return Byline(People(), text[match.end() :], match["set"] or match["plain"])
    return None


def _after_dateline(text: str) -> People:
    """The people named directly after a dateline, where names need no role: (张煜欢), (寇雅楠、实习生刘佳宝)."""
    role = ROLE_START.search(text)
    before = text[: role.start()] if role else text
    named = _ONLY_NAMES.fullmatch(before) and not is_no_person(before)
    names = names_in(before) if named else []
    people = People(reporters=names if any(name[0] in ALL_SURNAMES for name in names) else [])
    people.add(parse_people(text))
    return people


def signature(text: str) -> Byline | None:
    """The signature in brackets at the end of ``text``."""
    match = _SIGNATURE.search(text, max(0, len(text) - 80))
    if match and (people := parse_people(match["people"])):
        return Byline(people, text[: match.start()])
    # names alone, as older papers sign: ……完工。（甲）
    match = _NAMES_SIGNED.search(text, max(0, len(text) - 20))
    if match and (named := bracketed_names(match["people"])):
        return Byline(named, text[: match.start()])
    return None


def photo_credit(text: str) -> Byline | None:
    """The photographers in a credit, and the caption before the credit."""
    if len(text) > _LONGEST_CREDIT:
        return None
    match = _PHOTO.search(text)
    if match is None:
        return None
    start = match.start("people")
    if not ROLE_START.search(match["people"]):  # 泵站内景 甲 摄: only the last words are names
        words = list(re.finditer(r"[^\s、]+", match["people"]))
        first = next((word.start() for word in words if is_name(word[0])), 0)
        start += first
    names = names_in(ROLE_START.sub(" ", text[start : match.end("people")]))
    return Byline(People(photographers=names), text[:start].rstrip("（( ").strip()) if names else None


def glued_caption(text: str) -> tuple[str, str] | None:
    """A caption with its credit that is glued to a paragraph, and the paragraph without it."""
    if match := _GLUED_AFTER.search(text, max(0, len(text) - _LONGEST_CREDIT)):
        return match["caption"], text[: match.start()]
    if match := _GLUED_BEFORE.match(text[: 2 * _LONGEST_CREDIT]):
        return match["caption"], text[match.end() :]
    return None


def from_field(value: str) -> People:
    """The people in an author field: names only, or names by role."""
    text = re.sub(r"[（(][^）)]*[）)]", " ", value).strip()
    if (people := byline_line(text)) or (people := parse_people(text)):
        return people
    names = [name.strip() for name in re.split(r"[、，,;；/／|]|\s{2,}", text)]
    if all(re.fullmatch(r"[\u4e00-\u9fff ]*", name) for name in names):
        names = names_in(text)
    return People(reporters=[name for name in names if 1 < len(name) <= 30 and not is_no_person(name)])
