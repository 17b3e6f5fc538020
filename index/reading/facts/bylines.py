"""Lines that consist only of a byline: words for roles, names, and what separates them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...text.surnames import ALL_SURNAMES, SURNAMES, TRANSCRIBED
from .roles import AGENCY, BOTH, CORRESPONDENT, HAN, MARK, PHOTOGRAPHER, RANK, REPORTER, SHORT_NAME, People, names_in

# Who made the page is not credited: 记者｜甲 编辑｜乙.
_EDITOR = (
    r"[责責]任[编編][辑輯]|[责責][编編]|[编編][辑輯]|美[编編]|校[对對]|[统統][筹籌]|策[划劃]|剪[辑輯]|[审審][核校]"
)
_CERTAIN = rf"(?:{AGENCY}\s?)?{RANK}(?:{BOTH}|[图圖]文|{REPORTER}|{CORRESPONDENT}|{PHOTOGRAPHER})"
_LOOSE = rf"[{HAN}]{{1,10}}[记記]者"
# Words of a line, each of one kind. 文 and 图 are roles only as words of their own: 文/甲 图/乙, 甲 文 乙 图.
_WORD = re.compile(
    rf"(?P<role>{_CERTAIN})|(?P<editor>{_EDITOR})|(?P<loose>{_LOOSE})|(?P<short>(?<![{HAN}·•])[文图圖摄攝](?![{HAN}]))"
    rf"|(?P<name>(?:(?!{_CERTAIN}|{_EDITOR}|{_LOOSE})[{HAN}]){{1,4}}(?:[·•][{HAN}]{{1,8}})*(?![{HAN}·•]))|(?P<space>[\s、，,；;:：/／|｜丨·•■]+)"
)
# What may follow the names; the first that leaves names applies: 甲 芦湾报道, but 记者 甲报道.
_TAILS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<pictures>[\s/／]*[摄攝]影[报報][道導])$",
        rf"[\s/／]+(?:发自|發自)[{HAN}]{{2,8}}$",
        rf"[/／\s]\s*(?:发自|發自)?[{HAN}]{{0,8}}[报報][道導导]$",
        r"\s*(?:[报報][道導导]|采写|採寫|整理)$",
        rf"(?<=[{HAN}]{{2}})\s+文$",
    )
)
# 甲摄 · 甲文 乙摄
_GLUED_CREDIT = re.compile(rf"(?<=[{HAN}])(?=[摄攝](?:$|[\s、，,/／]))|(?<=[{HAN}]{{3}})(?=文\s.*[摄攝图圖]$)")
_BRACKETS = dict(zip("（([【〔［《", "）)]】〕］》", strict=True))
_LONGEST = 60
_LONGEST_NAME = 3
_LONG_SURNAMES = (
    "欧阳",
    "歐陽",
    "司马",
    "司馬",
    "上官",
    "诸葛",
    "諸葛",
    "公孙",
    "东方",
    "皇甫",
    "尉迟",
    "夏侯",
    "令狐",
)
_NO_PEOPLE = re.compile(r"佚名|匿名|编辑部|編輯部|通讯社|评论员|本[报報刊]|管理员|未知|网络|[社报網网台]$")
_NO_NAME_END = re.compile(r"(?:[摄攝部委局厅廳院]|[广廣]告)$")
_NO_NAME = re.compile(
    r"[的了是在我这那]|单位|[报報][道導]|手记|[获獲]悉|[看见見]到|来信|來信|观察|觀察|调查|調查|见面会"
)


def byline_line(text: str) -> People | None:
    """The people of a line that consists only of a byline: 本报记者 甲 通讯员 乙, 甲/文 乙/图, ■ 丙."""
    if len(text) > _LONGEST or text[-1:] in "。！？，；：":
        return None
    text = text.replace("丨", "｜")  # a radical that looks like the line
    bare = re.sub(rf"^{MARK}\s*", "", _unbracketed(text.strip()))
    marked = bare != _unbracketed(text.strip())
    for tail in (tail for pattern in _TAILS if (tail := pattern.search(bare))):
        if people := _people(bare[: tail.start()], marked=marked):
            if "pictures" in tail.re.groupindex:
                people.add(People(photographers=[*people.reporters, *people.correspondents]))
            return people
    return _people(bare, marked=marked)


def _people(text: str, *, marked: bool) -> People | None:
    words = _words(_GLUED_CREDIT.sub(" ", text))
    if words is None:
        return None
    if not any(word.kind in ("role", "loose", "short") for word in words):
        names = [word.text for word in words if word.kind == "name"]
        return People(reporters=_joined(names)) if marked and _are_names(" ".join(names)) and names else None
    return _Reading(words).people() or None


def bare_names(text: str) -> People | None:
    """The people of a line with only names; for use where the context shows that names must follow."""
    if people := byline_line(text):
        return people
    bare = re.sub(rf"^{MARK}\s*", "", _unbracketed(text.strip()))
    names = re.fullmatch(rf"{SHORT_NAME}(?:[\s、]+{SHORT_NAME}){{0,3}}|[{HAN}]{{2,5}}[·•][{HAN}]{{2,6}}", bare)
    return People(reporters=names_in(bare)) if names and _are_names(bare) else None


def bracketed_names(text: str) -> People | None:
    """The people of a text in brackets that consists only of one to three names: （甲 乙）."""
    bare = _unbracketed(text.strip())
    named = bare != text.strip() and re.fullmatch(rf"{SHORT_NAME}(?:[\s、]+{SHORT_NAME}){{0,2}}", bare)
    return People(reporters=names_in(bare)) if named and _are_names(bare, rare=True) else None


def is_no_person(name: str) -> bool:
    """Whether a word in the place of a name names nobody: 本报评论员, 佚名, 云泽网."""
    return _NO_PEOPLE.search(name) is not None


def _are_names(text: str, *, rare: bool = False) -> bool:
    names = names_in(text)
    return not is_no_person(text) and bool(names) and all(is_name(name, rare=rare) for name in names)


def is_name(name: str, *, rare: bool = False) -> bool:
    """Whether a word looks like a person's name: a surname and one or two characters, or a transcribed name.

    Args:
        rare: one character may follow a rare surname too, although common words begin with them (广西, 智慧).
    """
    if "·" in name:
        return sum(character in TRANSCRIBED for character in name) * 2 >= len(name) - name.count("·")
    if name[:2] in _LONG_SURNAMES:
        return True
    if len(name) > _LONGEST_NAME or _NO_NAME_END.search(name):
        return False
    return name[0] in (ALL_SURNAMES if rare or len(name) == _LONGEST_NAME else SURNAMES)


def _unbracketed(text: str) -> str:
    return text[1:-1].strip() if len(text) > 2 and _BRACKETS.get(text[0]) == text[-1] else text


@dataclass(frozen=True)
class _Word:
    kind: str
    text: str


def _words(text: str) -> list[_Word] | None:
    """The line's words without spaces; None if anything else is in it."""
    words: list[_Word] = []
    at = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            return None
        kind = next(kind for kind in ("editor", "loose", "role", "short", "name", "space") if match[kind])
        apart = at > 0 and text[at - 1].isspace() and is_name(match[0])  # 记者 程是颉
        if kind == "name" and _NO_NAME.search(match[0]) and not apart:
            return None
        if kind != "space":
            words.append(_Word(kind, match[0]))
        at = match.end()
    return words


@dataclass
class _Reading:
    """Assigns a line's names to its roles.

    A role before names (记者 甲) applies to them. A short role (文, 图) does too if the line begins with one; otherwise
    it applies to the names before it: 甲/文 乙/图.
    """

    words: list[_Word]
    roles: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    found: People = field(default_factory=People)
    loose: bool = False

    def people(self) -> People | None:
        """The people; None if a line without certain roles has no surnames."""
        before = self.words[0].kind == "short"
        named_first = self.words[0].kind == "name"
        for number, word in enumerate(self.words):
            if word.kind == "name" or self._is_padded(number):
                self.names.append(word.text)
            elif self.names and ((word.kind == "short" and not before) or self._is_last(number, named_first)):
                self.roles = [word.text]
                self._settle()
            else:
                self._settle()
                self.roles.append("" if word.kind == "editor" else word.text)
                self.loose = self.loose or word.kind == "loose"
        self._settle()
        everyone = [*self.found.reporters, *self.found.correspondents, *self.found.photographers]
        certain = not self.loose and not named_first
        return self.found if certain or _are_names(" ".join(everyone)) else None

    def _is_padded(self, number: int) -> bool:
        """Whether 文 is one half of a name of two characters: 记者 文 强, 记者 付 文."""
        if self.words[number].kind != "short":
            return False
        if sum(len(name) == 1 for name in self.names) % 2:
            return len(self.names[-1]) == 1
        after = self.words[number + 1 : number + 2]
        return bool(after) and after[0].kind == "name" and len(after[0].text) == 1

    def _is_last(self, number: int, named_first: bool) -> bool:
        """Whether a role closes a group of names: 甲 文/图, 甲 本报记者."""
        kind, text = self.words[number].kind, self.words[number].text
        closing = bool(re.fullmatch(rf"{BOTH}|[图圖]文|供[图圖]", text)) or (
            named_first and number == len(self.words) - 1
        )
        return kind in ("role", "loose") and closing

    def _settle(self) -> None:
        if not self.names:
            return
        names = _joined(self.names)
        for role in self.roles or ["记者"]:
            if role:
                self.found.credit(role, names)
        self.roles, self.names = [], []


def _joined(names: list[str]) -> list[str]:
    return names_in(" ".join(names))
