"""The kind of answer that a question asks for, as far as this changes how it is answered."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

AnswerType = Literal["several", "reason", "list", "other"]

# The comments give questions that the patterns match or, in parentheses, do not match.
_REPORTER = re.compile(
    r"谁(?:采写|报道)|哪[位个名几些]{1,2}记者(?:采写|报道|写)"  # 哪位记者采写了这篇报道？ (not 谁写了那封信)
    r"|谁写了?[这那该]+[篇条则]"
    r"|(?:报道|文章|新闻|消息|稿件?)(?:是|由)(?:谁|哪[位个名几些]{1,2}记者)(?:采写|报道|撰写|写)"
    r"|(?:报道|文章|新闻|消息|稿件?)的?(?:记者|通讯员|作者)(?:是|叫|有|[?？]?$)"  # 这篇文章的作者是谁？
)
# Question words, each asking for a part of the answer: 谁…？多少…？
_ASKING = re.compile(
    r"什么时候|为什么|怎么样?|如何|多[少大高长远重深久]|什么|哪|谁|何时|何处|吗"
    r"|(?<=[有是共第了])几|几(?=[岁月号点日比时届])"
)
_APART = 5  # more characters than this separate two questions: 哪年哪月 and 几比几 are one
_NAMED = re.compile(r"《[^》]*》|“[^”]*”")  # 《什么是权力？》 is not a question
_REASON = re.compile(
    r"为什么(?![？?]?$)|(?:是|^)为什么|为何|为啥|何以|干嘛"  # 为什么停运？ (not 称之为什么)
    r"|原因|缘由|理由|凭什么|图(?:的是|个)?(?:什么|啥)"
    r"|怎么(?=会|还|就|又|不|没|全|都|突然|反而|偏|敢|肯)"  # 无人机怎么全掉下来了？ (not 怎么产生)
)
_ONE_BY_ONE = re.compile(
    r"哪些|列出|列举|都有(?:谁|什么|哪)|有谁"  # 哪些企业上榜？ 获奖的都有谁？
    r"|(?:哪|那)?[几两二三四五六七八九十](?:个|位|名|家|所|类|种|项|座|条|款|部|件|站|镇|村|县|市|国)[^，。？?]{0,12}(?:是|有)?哪"
    r"|哪[几两二三四五六七八九十]"  # 是哪三类？
)
_LIST = re.compile(r"哪些|列出|列举|分别|各(?:是|有|获|为|涨|降|多少)|相比|对比|比较")


def asks_for_reporter(question: str) -> bool:
    """Return whether a question asks who reported something; the answer is in the byline, not in the text."""
    return bool(_REPORTER.search(question))


def answer_type(question: str) -> AnswerType:
    """Return the answer type, which selects the model's instruction."""
    if asks_for_several(question) and not _ONE_BY_ONE.search(question):
        return "several"
    if _REASON.search(question):
        return "reason"
    return "list" if _ONE_BY_ONE.search(question) else "other"


def asks_for_several(question: str) -> bool:
    """Return whether a question asks for several things, which may be in several articles."""
    question = _NAMED.sub("", question)
    places = [match.start() for match in _ASKING.finditer(question)]
    apart = sum(later - earlier > _APART for earlier, later in pairwise(places))
    return apart > 0 or bool(_LIST.search(question))
