"""What a turn of a conversation is: small talk, a call for a summary, a question, or one that leans on the last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.words import names, question_words

from .results import CITATION_MARK

_GREETING = re.compile(
    r"^(?:(?:你|您|大家)好|早上好|晚上好|嗨|哈喽|谢谢(?:你|您|了)?|多谢|感谢|再见|拜拜|在吗"
    r"|hi|hello|hey|thanks?|thank you|bye)"
    r"[啊呀吗呢的。！!？?～~\s]*$",
    re.IGNORECASE,
)
_ABOUT_TOOL = re.compile(
    r"^(?:请问)?(?:你|您|报问)(?:是谁|是什么|叫什么(?:名字)?|能(?:做|干|回答)(?:些)?什么|会(?:做|干)?什么|有什么(?:功能|用)|怎么用|如何使用)[呢啊吗。？?\s]*$"
    r"|^(?:怎么用|如何使用|帮助|使用说明|help|what can you do|who are you)[。？?\s]*$",
    re.IGNORECASE,
)
HELP = (
    "我是报问，只根据馆藏的报纸回答，每句话都注明出处；报纸没有写到的，我会说没有。"
    "可以直接问事情（“技能大赛第一名是谁？”），问某一天的报纸（“7月30日第2版讲了什么？”），"
    "或者请我总结（“总结一下关于职工之家的报道”）。"
)

_SUMMARY = re.compile(
    r"(?:有什么|有哪些|有何|讲了?什么|讲了?哪些|说了?什么|写了?什么|登了?什么|主要内容|概括|总结|摘要|综述|梳理|盘点)"
)
_OF_ISSUE = re.compile(
    r"(?:这|本|最新(?:的)?(?:一)?|最近(?:的)?(?:一)?)期|今天的报|版(?:面)?(?:都)?(?:有|讲|说|写|登|主要)|头版|要闻|报纸"
)
_TOPIC = re.compile(
    r"(?:总结|概括|梳理|综述|盘点|介绍)(?:一下|下)?(?:馆藏(?:里)?)?(?:有关|关于|对)?(?P<topic>.{2,40}?)的(?:相关|有关|所有|全部)?(?:报道|新闻|文章|消息|内容)"
)

_PRONOUN = re.compile(
    r"他们|她们|它们|他|她|它(?!们)|(?:这|那|该)(?:个|位|家|项|件|次|场|名|座|条)?(?:人|单位|公司|活动|比赛|会议|事|学校|项目)?(?=的|是|在|有|被|为|叫|获|由|什|怎|哪|多|几|，|？|\?)"
)
_ELLIPTIC = re.compile(
    r"^(?:那|那么|还有)?(?:是)?(?:什么时候|何时|几时|哪(?:一)?天|哪里|在哪(?:里|儿)?|为什么|为何|怎么(?:样|办)?|谁|多少(?:钱|人)?|还有(?:吗|呢|谁|什么|哪些)|然后呢|结果(?:呢|如何|怎么样)?|具体(?:呢|说说)?)[呢啊吗的？?。\s]*$"
)
_AND_WHAT_OF = re.compile(r"^(?:那么?|然后)?(?P<what>[^，。？?]{1,16}?)呢[？?。\s]*$")
_SLOTS = (
    re.compile(r"第[一二三四五六七八九十\d]+(?:名|位|届|版|期|次|个|天|季度)?"),
    re.compile(r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|\d{1,2}月(?:\d{1,2}[日号])?|今年|去年|前年|昨天|今天"),
    re.compile(r"[冠亚季]军|[金银铜](?:牌|奖)|[一二三]等奖"),
)
_ASKING = re.compile(
    r"(?:是|有|在|叫|为)?(?:谁|什么(?:时候|地方)?|哪[\u4e00-\u9fff]{0,2}|多少[\u4e00-\u9fff]?|几[\u4e00-\u9fff]|何时|怎么样?|如何|为什么)[的了吗呢]*"
)


def small_talk(question: str) -> bool:
    """Whether it is a greeting, or about the tool itself."""
    return bool(_GREETING.match(question.strip()) or _ABOUT_TOOL.match(question.strip()))


def summary_topic(question: str) -> str | None:
    """What a summary is wanted of: a topic; empty for whole pages or issues; None where it is no such question."""
    topic = _TOPIC.search(question)
    if topic and not re.search(r"[这本]期|第.{1,3}版|头版", topic["topic"]):
        return topic["topic"]
    if _SUMMARY.search(question) and _OF_ISSUE.search(question) and not _named_topic(question):
        return ""
    return None


def _named_topic(question: str) -> bool:
    """Whether a question about an issue asks about something in it, and not for all of it."""
    return bool(re.search(r"关于|有关|涉及|提到", question))


def standalone(question: str, history: Sequence[tuple[str, str]]) -> str:
    """The question with what it leaves to the history put into it; unchanged where it stands by itself.

    Args:
        question: the new one.
        history: earlier (question, answer) pairs, oldest first; a question as it was understood then.
    """
    if not history:
        return question
    last, answer = history[-1]
    last = last.strip().rstrip("？?。")
    what = _AND_WHAT_OF.match(question.strip())
    if what and not _ELLIPTIC.match(question.strip()):
        return _exchanged(last, what["what"])
    if _ELLIPTIC.match(question.strip()):
        asked = re.sub(r"^(?:那么?|还有)(?!吗|呢|谁|什么|哪些)|[呢啊？?。\s]+$", "", question.strip())
        return f"{_ASKING.sub('', last)}{asked}？"
    pronoun = _PRONOUN.search(question)
    if pronoun:
        subject = _subject(last, answer, of_person=pronoun.group()[0] in "他她")
        if subject:
            return question[: pronoun.start()] + subject + question[pronoun.end() :]
    if len(question_words(question)) <= 1 and last:
        return f"{_ASKING.sub('', last)}{question}"
    return question


def _exchanged(last: str, what: str) -> str:
    """The last question asked of something else: 「第一名是谁」,「第二名」→「第二名是谁？」."""
    for slot in _SLOTS:
        if slot.fullmatch(what) and slot.search(last):
            return slot.sub(what, last, count=1) + "？"
    asked_of = names(last)
    if asked_of:
        return last.replace(asked_of[0], what, 1) + "？"
    asking = _ASKING.search(last)
    return f"{what}{asking.group() if asking else last}？"


def _subject(last: str, answer: str, *, of_person: bool) -> str | None:
    """What 他 or 这 stands for: who the answer names where it is a person, else what the last question was about."""
    told = [name for name in names(CITATION_MARK.sub("", answer)) if name not in last]
    asked = names(last)
    if of_person and told:
        return told[0]
    if asked:
        return asked[0]
    stem = _ASKING.sub("", last).strip("的，, ")
    return stem or (told[0] if told else None)
