"""Counting questions: what kind of answer is wanted, and of which reports.

A question is read piece by piece: the words that say what is wanted (``_WANTED``), those that say of which reports
(topic, author, newspaper, section or page, dates), in whatever order. What is left over must be words that add nothing,
or it is another question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from index.search.query import EVERYTHING, narrowed, quoted

Wanted = Literal[
    "number", "list", "first", "last",
    "by_month", "by_year", "by_paper", "by_section", "by_reporter",
    "most_person", "most_organisation", "most_place", "most_reporter",
]  # fmt: skip

_REPORTS = "(?:报道|文章|新闻|稿件|稿子|消息)"
_MENTIONED = "(?:被)?(?:提到|提及|出现|报道|写到|涉及)(?:得|的|过|了)*(?:次数|篇数)?"
_WHO: dict[Wanted, str] = {
    "most_person": "(?:人物|人名|人|谁)",
    "most_organisation": "(?:单位|机构|企业|公司|组织|部门)",
    "most_place": "(?:地方|地点|地名|城市|哪里|哪儿)",
}
_WHICH = "(?:哪一?些?几?[个位家座]?|谁)?"
_WRITER = "(?:记者|作者|通讯员)"
_COUNT = "(?:一共|总共|共|各|分别|刊登|刊发|登|收录|收)*[了过]*(?:一共|总共|共)?有?(?:多少|几)(?:[篇条则]|次(?!的)|回)"

# What is wanted, the first that is found; each takes its words out of the question.
_WANTED: tuple[tuple[Wanted, str], ...] = (
    # 提到最多的人物是谁？ 哪个单位被报道得最多？ 最常提到的地方是哪里？ 提到最多的是谁？
    *(
        (wanted, form)
        for wanted, who in _WHO.items()
        for form in (
            rf"{_MENTIONED}最[多频]繁?的(?:是|前?[\d一二三四五六七八九十几]+[个位家名]|哪?几?[个位家名])*{who}(?:是?{_WHICH}{who}?)?",
            rf"最常(?:被)?(?:提到|提及|出现|报道)的{who}(?:是?{_WHICH}{who}?)?",
            rf"{_WHICH}{who}{_MENTIONED}最[多频]繁?",
        )
    ),
    # 写得最多的记者是谁？ 哪位记者写的报道最多？
    ("most_reporter", rf"(?:写|采写|发表|发)(?:得|的|了)?{_REPORTS}?最多的{_WRITER}(?:是?{_WHICH}{_WRITER}?)?"),
    ("most_reporter", rf"(?:{_WHICH}{_WRITER}|谁)(?:写|采写|发表|发)(?:得|的|了)*{_REPORTS}?(?:数量)?最多"),
    ("by_month", "每个?月份?|各个?月份?|按月份?(?:统计)?|逐月|哪个?月份?(?=.*最多)"),
    ("by_year", "每一?年|各年|按年份?(?:统计)?|逐年|哪一?年(?=.*最多)"),
    ("by_paper", "(?:各|每)[家种份]?(?:报社|报纸?)|按报纸?(?:统计)?|哪[家份]?(?:报社|报纸?)(?=.*最多)"),
    ("by_section", "(?:各|每)个?版面?(?!本)|按版面?(?:统计)?"),
    ("by_reporter", rf"(?:各|每)[位个名]?{_WRITER}|按{_WRITER}(?:统计)?"),
    ("first", "最早(?:的?一篇)?|最先|第一[次篇]|首次|首篇"),
    ("last", "最[近后新]的?一[次篇]|最晚"),
    ("number", rf"{_COUNT}|(?:数量|篇数)是?多少"),
    ("list", rf"列出|列举|找出|列一下|有?哪[些几][篇条则]?(?={_REPORTS})"),
)
_OF_ALL = ("by_section", "by_reporter", "by_paper")  # 各版有多少篇？ of a month one would ask 每个月有几篇报道？

_MARK = "◇"  # where the words of what is wanted stood
_ABOUT = "(?:同时|都|曾经?|专门|主要)?(?:(?:提到|提及|谈到|写到|讲到|说到|涉及|关于|(?<!所)有关|出现)[了过]*)+"
_END = rf"(?=的?(?:全部|所有)?{_REPORTS}[里中]?(?:一共|总共|共)?{_MARK}|的(?:全部|所有)?{_REPORTS}|{_MARK}|[，,]|$)"
_PASSIVE = "(?:被(?:报道|提到|提及|写到)|见报|上报|登报|出现)[了过]*"
_TOPIC = (
    re.compile(rf"{_ABOUT}(?P<topic>[^，,{_MARK}]+?){_END}"),  # 关于夜校的报道 提到夜校
    # 夜校第一次见报 夜校一共被报道了几次
    re.compile(rf"^(?P<topic>[^，,{_MARK}]+?)(?:一共|总共|共|都)?{_MARK}?{_PASSIVE}(?={_MARK}|$|.?[什哪])"),
    re.compile(rf"^(?P<topic>[^，,{_MARK}]+?)[，,]?{_MARK}{_REPORTS}[里中]?{_ABOUT}$"),  # 夜校有几篇报道提到
    re.compile(rf"(?:报道[了过]*)(?P<topic>[^，,的是里中上{_MARK}][^，,{_MARK}]*?){_END}"),  # 第一次报道夜校
)
_START = rf"(?:(?<=^)|(?<=[{_MARK}，,的是由在上中里]))"
_AUTHOR = (
    re.compile(
        rf"{_START}(?:{_WRITER})?(?P<author>(?!谁|哪|分别|各|一共|总共)[^\W\d_◇的]{{2,4}}?)(?:都|还|一共|总共|共|{_MARK})*(?:采写|撰写|发表|写)(?!到)[了过的]*"
    ),
    re.compile(rf"(?:{_WRITER}(?:是|为)?)(?P<author>[^\W\d_◇]{{2,4}}?)(?=的|{_MARK})"),
)
_PAPER = re.compile(
    rf"《(?P<quoted>[^》]*报)》(?:[上里中]|刊登的?|刊发的?)?"
    rf"|{_START}(?P<paper>[^\W\d_◇的在]{{1,6}}(?:日|晚|早|晨|时|周|商|青年|劳动|工人|都市|经济|人民)报)(?!道)(?:[上里中]|刊登的?|刊发的?)?"
)
_PAGE = re.compile(r"第?(?P<page>\d{1,3}|头)版面?[上里中]?(?!本)")
_SECTION = re.compile(rf"{_START}(?P<section>(?!每|各|出|改|头)[^\W\d_◇的在]{{2,4}})版面?(?![本权式])[上里中]?")
_DAY = r"(?:19|20)\d{2}年(?:\d{1,2}月份?)?(?:\d{1,2}[日号])?"
_DATES = re.compile(rf"(?:从|自|在)?(?P<since>{_DAY})(?:[到至—~～-]+(?P<until>{_DAY}))?(?:以来|期间|之间|里|中|的|间)*")
_LEAD = re.compile(
    r"^(?:请问|请|帮我|麻烦|馆藏|报纸上|报上|报纸|本报|我们报|在|里|中|的|，|,|\s|统计|查一?下|一下|查|一共|总共|共)+"
)
_NOTHING = re.compile(
    rf"(?:{_MARK}|{_REPORTS}|什么时候|何时|哪一?[天年日篇月]|几月几日|时候|统计|数量|篇数|次数|分别|一共|总共|各自|各"
    r"|这件事|的事|这个词|情况|全部|所有|都|一篇|刊登|刊发|发表|采写|写|有|是|在|里|中|上|内|的|了|过|被|由|吗|呢|啊|最多|最少|[，,、\s])*"
)
_TAIL = re.compile(
    r"(?:的事|这件事|这个词|的情况)?(?:的|是|在)*(?:什么时候|哪一?天|何时|哪一?年|几月几日|哪一?篇)?(?:的|吗|呢|啊)?$"
)
_BETWEEN = re.compile(r"(?<=..)\s*(?:(?<!共)和(?![平谐睦解气美])|与|以及|或者?|、)\s*(?=..)")
_QUOTES = "“”\"'《》「」‘’ 　"


@dataclass(frozen=True)
class Counted:
    """A counting question, understood: what is wanted, and the query that says of what.

    ``topic``: whether it asks about something, or only by whom, where and when it was printed.
    """

    wanted: Wanted
    query: str
    topic: bool = True


class _Left:
    """What of a question is not read yet."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, form: re.Pattern[str], mark: str = "") -> re.Match[str] | None:
        """Take out what fits a form first."""
        match = form.search(self.text)
        if match:
            self.text = self.text[: match.start()] + mark + self.text[match.end() :]
        return match


def read_counting(question: str) -> Counted | None:
    """What a counting question asks for; None where it asks something else."""
    left = _Left(question.strip().rstrip("？?。！! "))
    dates = left.take(_DATES)
    if dates and _DATES.search(left.text):
        return None  # two dates that do not form a range
    left.text = _LEAD.sub("", left.text)
    wanted = _wanted(left)
    if wanted is None:
        return None
    topic = left.take(_TOPIC[0], _MARK)
    fields = _fields(left, _date(dates))
    topic = topic or left.take(_TOPIC[1], _MARK) or left.take(_TOPIC[2], _MARK) or left.take(_TOPIC[3], _MARK)
    words = _query(topic["topic"]) if topic else ""
    if bool(topic) != bool(words) or not _NOTHING.fullmatch(left.text):
        return None
    if wanted == "list" and not words and not any(fields.values()):
        return None
    if words or wanted.startswith("most") or _of_reports(question, wanted, fields):
        return Counted(wanted, narrowed(words or EVERYTHING, fields), bool(words))
    return None


def _of_reports(question: str, wanted: Wanted, fields: Mapping[str, object]) -> bool:
    """Whether a question without a topic asks about the reports themselves, not about facts stated in them."""
    if re.search(_REPORTS, question):
        return True
    return bool(re.search("[篇条则]", question)) and (wanted in _OF_ALL or any(fields.values()))


def _wanted(left: _Left) -> Wanted | None:
    """What is wanted; the words that ask for a number or a list besides are taken out too."""
    for wanted, form in _WANTED:
        if left.take(re.compile(form), _MARK):
            if wanted != "number":
                for also in (_COUNT, r"列出|列举|找出|列一下|有?哪[些几]?[篇条则]?(?=报道|文章|新闻)"):
                    left.take(re.compile(also), _MARK)
            return wanted
    return None


def _fields(left: _Left, date: str) -> dict[str, object]:
    """The conditions other than words, taken out."""
    paper, page = left.take(_PAPER, "，"), left.take(_PAGE, "，")
    author = left.take(_AUTHOR[0], "，") or left.take(_AUTHOR[1], "，")
    section = left.take(_SECTION, "，")
    return {
        "报名": (paper["quoted"] or paper["paper"]) if paper else None,
        "版名": section["section"] if section else None,
        "版": page["page"].replace("头", "1") if page else None,
        "作者": author["author"] if author else None,
        "日期": date,
    }


def _date(match: re.Match[str] | None) -> str:
    """2024年7月 as 2024-07, and from one date to another."""
    if match is None:
        return ""
    ends = [re.findall(r"\d+", end) for end in (match["since"], match["until"]) if end]
    return "..".join("-".join(part.zfill(2) for part in end) for end in ends)


def _query(topic: str) -> str:
    """The topic as a query: its characters as they stand; what is named in quotes or joined by 和 or 或 apart."""
    cleaned = _TAIL.sub("", topic.strip()).strip(_QUOTES)
    if not cleaned or len(cleaned) > 40:
        return ""
    if "“" in topic or "《" in topic or '"' in topic:
        return quoted(cleaned)
    signs = _BETWEEN.findall(cleaned)
    either = any(sign.strip().startswith("或") for sign in signs)
    return (" OR " if either else " AND ").join(quoted(word) for word in _BETWEEN.split(cleaned) if word)
