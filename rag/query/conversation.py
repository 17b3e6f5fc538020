"""Classifies a turn of a conversation: small talk, a request for a summary, or a question."""

from __future__ import annotations

import re

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


def small_talk(question: str) -> bool:
    """Return whether the turn is a greeting or about the tool itself."""
    return bool(_GREETING.match(question.strip()) or _ABOUT_TOOL.match(question.strip()))


def summary_topic(question: str) -> str | None:
    """Return the topic to summarise; empty for whole pages or issues; None if no summary is requested."""
    topic = _TOPIC.search(question)
    if topic and not re.search(r"[这本]期|第.{1,3}版|头版", topic["topic"]):
        return topic["topic"]
    if _SUMMARY.search(question) and _OF_ISSUE.search(question) and not _named_topic(question):
        return ""
    return None


def _named_topic(question: str) -> bool:
    """Whether a question about an issue names a topic, so that it does not ask for the whole issue."""
    return bool(re.search(r"关于|有关|涉及|提到", question))
