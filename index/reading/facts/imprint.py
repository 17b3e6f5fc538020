"""Lines that state source and date: mastheads, page headings, and the source line under a headline.

Such a line contains only a few kinds of words: a date, a weekday, a paper, a page and its section, an issue number,
labels with values, and the words of a site's tools. What remains without them decides whether the line is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import bylines, people
from .dates import find_date, number
from .fields import our_name
from .roles import MAKERS, People

_CHINESE = r"\u4e00-\u9fff"
_PAGE_NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_PAGE = (
    rf"(?:第\s*|[（(]\s*)?[A-Z]?(?P<page>{_PAGE_NUMBER})\s*版(?:面)?(?![本主面权權式税])"
    rf"(?:\s*[（(](?P<in_brackets>[{_CHINESE}]{{1,12}})[)）]|\s*[:：]\s*(?:第?\s*\d{{1,3}}\s*版\s*[:：]\s*)?"
    r"(?P<section>[^\s:：（(|《]{1,16}(?:\s[\u4e00-\u9fff](?=\s|$))?))?"
    r"|(?<![A-Za-z\d])(?:[A-Z]|第\s*[A-Z]?)0?(?P<page_only>\d{1,2})(?![\w.\-])(?!\s*[期号號])|"
    r"^Page\s+(?P<page_word>\d{1,3})$"
)
_PAPER_NAME = (
    rf"[{_CHINESE}]{{1,12}}?(?:日[报報]|晚[报報]|早[报報]|[时時][报報]|午[报報]|周[报報]|"
    rf"[导導][报報]|快[报報]|商[报報]|学[报報]|學[报報]|[报報])"
)
# Words that end in 报 but do not name a paper.
_NO_PAPER = re.compile(
    r"^(?:订阅|訂閱|关注|關注|加入|下载|下載)|(?:[预預情海警捷喜電电汇匯通举舉播上回填谎瞒呈墙板本該该各简簡公申战戰]|新闻|出版|发行|编辑|官方)[报報]$"
)
_REAL_PAPERS = {"申报", "申報", "大公报", "大公報"}
_TOKENS = re.compile(
    rf"(?P<weekday>[（(]?\s*(?:星期|周|礼拜)[一二三四五六日天](?![{_CHINESE}]{{2}}报)\s*[）)]?)"
    r"|(?P<clock>(?<!\d)\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?!\d))"
    r"|(?P<number>[（(]?(?:总|總)?第?\s*[\d一二三四五六七八九十百千〇零○]{1,6}\s*[期号號][）)]?\s*[:：]?|No\.?\s*\d+)"
    rf"|{_PAGE}"
    r"|(?P<lunar>[大清]{0,2}(?:同治|光[绪緒]|宣[统統]|民[国國])[元一二三四五六七八九十]{1,3}年(?:闰|閏)?"
    r"[正一二三四五六七八九十冬腊臘]{1,3}月(?:初|十|廿|卅|二十|三十)[一二三四五六七八九十]{0,2}日?|"
    r"(?:农历|農曆|夏历|旧历|阴历|陰曆)?[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年?(?:闰|閏)?"
    r"[正一二三四五六七八九十冬腊臘]{0,3}月?(?:初|十|廿|卅|二十|"
    r"三十)?[一二三四五六七八九十]{0,2}日?(?:[一-龥]{2}(?=$|\s))?"
    r"|(?:农历|農曆|夏历|夏曆|旧历|舊曆|阴历|陰曆|西历|西曆|公历|公曆|阳历|陽曆)(?:[一-龥]{2,8})?|"
    r"[一-龥]{0,6}年?[正一二三四五六七八九十冬腊]{1,3}月(?:初|廿)[一二三四五六七八九十])"
    rf"|(?P<quoted>《\s*[{_CHINESE}·]{{2,16}}\s*》)"
    r"|(?P<tool>电子版|電子版|数字[报報](?:首页)?|首页|按日期(?:查询|查阅)|返回(?:目录|首页)|"
    r"往期回[顾放]|上一[版期篇页]|下一[版期篇页]|"
    r"PDF版?(?:下载)?|放大|缩小|默认|打印|关闭|朗读|收藏|分享(?:到|至)?|报道摘要|摘要|目录|全文|"
    r"共\s*\d+\s*(?:个)?版(?:面)?|今日\d+版|"
    r"社址|原[载載]|稿件|[收存]藏|扫码|日历|农历)",
)
_LABEL = re.compile(
    rf"(?:^|(?<=[\s　|"
    rf"｜；;，,（(\[【）)]))(?P<label>[{_CHINESE}A-Za-z]{{1,8}})\s*[:：]\s*(?P<value>[^\s　|｜；;][^|｜；;]*?)"
    rf"(?=\s*(?:$|[|｜；;]|[\s　,，（(\[【]+[{_CHINESE}A-Za-z]{{1,8}}\s*[:：]|[\s　]{{2,}}|　))"
)
# What a page may be called, next to its number, if nothing else shows that the line names a page.
_SECTION = (
    rf"(?:(?![的了是在被把将和与])[{_CHINESE}]){{0,6}}(?:新闻|新聞|要闻|要聞|综合|時政|时政|国内|国际|國際|社会|经济|财经|民生|"
    rf"文化|体育|教育|科技|健康|法治|理论|评论|副刊|"
    r"专版|专题|特刊|周刊|广告|公告|头版|头条|天下|生活|娱乐|视点|关注|深度|地方|本地|都市|党建|农业|"
    r"工业|军事|读书|旅游|视觉|图片|摄影|文艺)"
)
# Any other name of a section, if a page's number with 版 is its only neighbour: 第03版：城事.
_SHORT_SECTION = re.compile(
    rf"(?![详詳]?[见見])(?:(?![的了是在被把将和与讯电至一二三四五六七八九十])[{_CHINESE}]){{2,4}}"
)
_MAKERS = re.compile(rf"(?<=[\s|｜]){MAKERS}")
_SPARE = re.compile(r"[\0\s　（）()\[\]【】<>《》|｜·•:：;；,，/／\-—－_+*#&=＝~～]+")
_LONGEST = 120
_DAY = " \0"  # replaces the date, so that its label still has a value
_LONGEST_SECTION = 12
_HINT = re.compile(r"[版期报報《:：]|\d{4}|年|Page|[A-Z]\d")
_LABELS = {
    "date",
    "paper",
    "page",
    "section",
    "reporters",
    "correspondents",
    "photographers",
    "editors",
    "counted",
    "url",
}


@dataclass
class Imprint:
    """The content of such a line. ``is_heading``: by its form, it opens a page; else it belongs to an article."""

    date: str | None = None
    paper: str = ""
    page: int | None = None
    section: str = ""
    people: People = field(default_factory=People)
    is_heading: bool = False


def read_imprint(text: str) -> Imprint | None:
    """Parse a line of page furniture; None if the line is something else."""
    if len(text) > _LONGEST or not _HINT.search(text) or text[-1:] in "。！？，；…":
        return None
    without = _MAKERS.sub(" ", text)
    if without != text and (found := _read(without)) and found.date:
        return found
    return _read(text)


def _read(text: str) -> Imprint | None:
    found = Imprint()
    seen: set[str] = set()
    rest = _take_labels(_take_date(text, found, seen), found, seen)
    rest = _take_tokens(rest, found, seen)
    rest = _take_paper(rest, found, seen)
    words = _take_bare_page([word for word in _SPARE.split(rest) if word], found, seen)
    if not words and (seen == {"lunar"} or (seen == {"number"} and re.search(r"[总總]|\d{3}", text))):
        found.is_heading = True
        return found
    if not seen - {"tool", "number", "clock", "lunar"}:
        return None
    return found if _is_whole(words, found, seen, short="版" in text) else None


def _is_whole(words: list[str], found: Imprint, seen: set[str], *, short: bool) -> bool:
    """Whether the line is entirely an imprint; the remaining words may name a section or people.

    Args:
        short: a section may have any short name.
    """
    left = " ".join(words)
    article = bool(seen & {"label", "quoted"})
    found.is_heading = not article and bool(seen & {"page", "weekday", "paper", "number", "date"})
    if seen == {"paper"} or (seen & {"page", "date", "weekday", "label"} == set()):
        return False
    if not words:
        return "page" in seen or "label" in seen or "date" in seen
    if article and (names := bylines.bare_names(left)):
        found.people.add(names)
        return True
    if article:
        return (len(left) <= 6 and bool(seen & {"quoted", "page"})) or bool(re.fullmatch(r"本[报報].{2,4}", left))
    if "page" in seen and "date" not in seen and "weekday" not in seen:
        named = len(words) == 1 and not found.section
        if named and (is_section(words[0]) or (short and _SHORT_SECTION.fullmatch(words[0]))):
            found.section = words[0]
            return True
        return False  # 第2版的读者说
    if "page" not in seen and "weekday" not in seen:
        return False
    if len(left) <= _LONGEST_SECTION + 8 and not re.search(r"[。！？，；]", left):
        found.section = found.section or _section(words)
        return True
    return False


def _section(words: list[str]) -> str:
    words = [word for word in words if re.search(r"[\u4e00-\u9fff]", word)]
    return words[0][:_LONGEST_SECTION] if len(words) == 1 else " ".join(words)[: _LONGEST_SECTION + 8] if words else ""


def _take_date(text: str, found: Imprint, seen: set[str]) -> str:
    if day := find_date(text):
        found.date = day.iso
        seen.add("date")
        return text[: day.start] + _DAY + text[day.end :]
    return text


def _take_labels(text: str, found: Imprint, seen: set[str]) -> str:
    def take(match: re.Match[str]) -> str:
        ours = our_name(match["label"])
        value = match["value"].strip()
        if ours not in _LABELS or (ours == "date" and "\0" not in value):
            return match[0]  # 时间：上午九点 refers to an event, not to the paper
        seen.add("label")
        if ours == "page":
            if digits := re.search(_PAGE_NUMBER, value):
                found.page = number(digits[0])
        elif ours == "paper":
            first, _, left = value.partition(" ")
            found.paper = found.paper or paper_name(first)
            return f" {left}"
        elif ours == "section":
            found.section = found.section or value[:_LONGEST_SECTION]
        elif ours in ("reporters", "correspondents", "photographers"):
            quoted = value.find("《")
            value, left = (value[:quoted], value[quoted:]) if quoted >= 0 else (value, "")
            _add_people(found, ours, value)
            return " " + left
        return " "

    return _LABEL.sub(take, text)


def _add_people(found: Imprint, ours: str, value: str) -> None:
    named = people.from_field(value)
    if ours != "reporters" and named.reporters and not (named.correspondents or named.photographers):
        named = People(**{ours: named.reporters})
    found.people.add(named)


def _take_tokens(text: str, found: Imprint, seen: set[str]) -> str:
    def take(match: re.Match[str]) -> str:
        kind = str(match.lastgroup)
        page = match["page"] or match["page_only"] or match["page_word"]
        if page:
            seen.add("page")
            if found.page is None:
                found.page = number(page)
            section = (match["section"] or match["in_brackets"] or "").strip("-—·. ")
            if section and not re.fullmatch(r"第?\w{1,3}版|[)）(（]+", section):
                found.section = found.section or re.sub(r"\s", "", section)
            return " "
        if kind == "quoted":
            name = match["quoted"].strip("《》 　")
            if not re.search(r"[报報刊社]|新闻|消息|周末|参考", name):
                return match[0]
            found.paper = found.paper or name
        seen.add(kind)
        return " "

    return _TOKENS.sub(take, text)


def _take_paper(text: str, found: Imprint, seen: set[str]) -> str:
    for word in re.split(r"[\0\s/／|｜]+", text):
        bare = word.strip("（）()[]【】·|：:-—")
        if bare and bare[-1] in "报報" and paper_name(bare) == bare:
            found.paper = found.paper or bare
            seen.add("paper")
            return text.replace(word, " ", 1)
    return text


def _take_bare_page(words: list[str], found: Imprint, seen: set[str]) -> list[str]:
    """Take a page number without 版, next to a date with its weekday."""
    numbers = [word for word in words if re.fullmatch(r"0?\d{1,2}", word)]
    if len(numbers) != 1 or found.page is not None or "weekday" not in seen:
        return words
    found.page = number(numbers[0])
    seen.add("page")
    return [word for word in words if word not in numbers]


def is_section(text: str) -> bool:
    """Whether a few words are a usual name for a newspaper section: 要闻, 国际新闻."""
    return re.fullmatch(_SECTION, text.strip()) is not None


def paper_name(text: str) -> str:
    """The paper named in ``text``, or an empty string."""
    bare = text.strip("《》 　")
    if match := re.match(rf"{_PAPER_NAME}(?![{_CHINESE}])", bare):
        return match[0] if is_paper(match[0]) else ""
    return bare if re.fullmatch(rf"[{_CHINESE}]{{2,8}}(?:社|网|網|消息|周刊|杂志|新闻|周末|客户端)", bare) else ""


def is_paper(name: str) -> bool:
    """Whether a word that ends in 报 is a paper's name; 本报, 预报 and 汇报 are not."""
    return name in _REAL_PAPERS or not _NO_PAPER.search(name)
