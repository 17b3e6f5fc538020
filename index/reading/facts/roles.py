"""Words for roles in bylines (本报记者, 通讯员, 文/图), and the names next to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HAN = r"\u4e00-\u9fff"
NAME = rf"[{HAN}]{{1,4}}(?:[·•][{HAN}]{{1,6}})*"
SHORT_NAME = rf"[{HAN}·•]{{2,4}}"
NAMES = rf"{NAME}(?:[\s、，,]+(?![记記]者|通[讯訊][员員]|[摄攝]影|实习生){NAME})*"
MARK = r"[□■◎●◆◇▲△▼★☆○►▶※◢◤]"
AGENCY = rf"(?:本[报報刊社网台]|[{HAN}]{{1,8}}?(?:社|报|報|网|網|台))"
RANK = (
    rf"(?:(?:首席|实习|見習|见习|特约|特約|特派|全媒体|全媒體|融媒体|融媒|新媒体|文字|体育|高级|"
    rf"资深|随军|青年|驻[{HAN}]{{1,4}}))*"
)
REPORTER = (
    r"[记記]\s?者|特派[员員]|[评評][论論][员員]|主[笔筆]|撰稿人?|[实實][习習]生|采\s?写|採\s?寫|"
    r"[撰作]文|作\s?者|文字|编译|編譯|整理|采访|採訪|口述|执笔|執筆"
)
CORRESPONDENT = r"通\s?[讯訊]\s?[员員]"
PHOTOGRAPHER = r"[摄攝]\s?影(?:[记記]者)?|供[图圖]|[图圖]片|制图|漫画|漫畫|航拍|[视視][频頻]"
BOTH = r"文\s*[/／、]?\s*[图圖摄攝]|[图圖摄攝]\s*[/／、]?\s*文"
ROLE = (
    rf"(?:{AGENCY}\s?)?{RANK}(?:{BOTH}|{REPORTER}|{CORRESPONDENT}|{PHOTOGRAPHER}"
    r"|[文图圖摄攝](?=\s*[/／:：｜|丨]))"
)
ROLE_START = re.compile(rf"{ROLE}\s*[:：/／｜|丨]?\s*")
# Who made the page: 责编 甲 · 版式设计：乙 · 一审/丙
_OFFICE = (
    r"(?:本版|本期|本[报報]|今日|值班|[执執]行|副|总|總|首席|视觉|視覺|版面|文字|图片|新媒体|责任)*"
    r"(?:[责責]任?[编編][辑輯]?|[编編][辑輯]|[总總][编編]|检校|(?:[一二三][审審校])+|主[编編]|美[编編]|"
    r"[组組]版|版式[设設]?[计計]?|"
    r"版面[设設]?[计計]?|版[设設]|[设設][计計]|[校检][对對检]|"
    r"制[图圖]|[图圖][编編]|[统統][筹籌]|[编編][审審]|[审審][读讀校核定]|[视視][觉覺]|"
    r"[终終复初][审審]|[策监監][划制]|"
    r"值班[编編]委|值班主任|[签簽][发發]|出品人?|[总總]监|美[术術]|E-?mail|排版|照排|电话|電話|邮箱|電郵)"
)
_STAFF = (
    r"[\u4e00-\u9fff·]{2,6}"
    rf"(?:[\s、]+(?!{_OFFICE}[\s:：/／|｜])[\u4e00-\u9fff·]{{1,6}}(?![\u4e00-\u9fff]*\s*[:：]))*"
)
MAKERS = rf"[□■◎●◆▲△▼▶►▷◀★※\->]*\s*{_OFFICE}(?:\s*[:：/／|｜]\s*|\s+)(?:{_STAFF}|[\w@.\-]+)"

# Words that follow 记者 in running text and in the names of columns.
_NO_NAMES = re.compile(
    r"^(?:手[记記]|观察|觀察|调查|調查|来信|[节節協协站][会會]?|见面会|招待会|[报報][道導导]|看到|"
    r"[说說]|了解|[获獲]悉|从|從)"
)
_NO_NAME = re.compile(
    r"[报報][道導导]|采[写訪访]|[摄攝][影制]|供[图圖]|文[图圖]|[图圖]文|整理|责编|編輯|编辑|校对|美编"
)


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

    def credit(self, role: str, names: list[str]) -> None:
        """Add ``names`` under the kind of ``role``: 文/图 means both text and pictures."""
        pictures = re.search(r"[图圖摄攝]|航拍|漫[画畫]|[视視][频頻]", role)
        if re.search(CORRESPONDENT, role):
            self.add(People(correspondents=names))
        elif pictures and not re.search(r"文", role):
            self.add(People(photographers=names))
        else:
            self.add(People(reporters=names, photographers=names if pictures else []))

    def __bool__(self) -> bool:
        return bool(self.reporters or self.correspondents or self.photographers)


def parse_people(text: str) -> People:
    """Names by role from ``记者 甲 乙 通讯员 丙``; interns count as reporters."""
    people = People()
    starts = list(ROLE_START.finditer(text))
    for index, match in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        after = text[match.end() : end]
        people.credit(match[0], [] if _NO_NAMES.match(after) else names_in(after))
    return people


def names_in(text: str) -> list[str]:
    """Split at spaces and commas; two adjacent single characters are one padded name (``王 波``)."""
    pieces = [piece for piece in re.split(r"[\s、，,；;/／]+", text.strip()) if re.fullmatch(NAME, piece)]
    names: list[str] = []
    for piece in pieces:
        if names and len(piece) == 1 and len(names[-1]) == 1:
            names[-1] += piece
        else:
            names.append(piece)
    return [name for name in names if len(name) > 1 and not _NO_NAME.fullmatch(name)]
