"""What kind of answer a question asks for, where that changes what is read."""

from __future__ import annotations

import re

# Each with questions that it must match; they are its tests.
_REPORTER = re.compile(
    r"(?:谁|哪[位个名几些]{1,2}记者)(?:采写|报道|写)"  # 这篇报道是谁写的？ 哪位记者采写了这篇报道？
    r"|(?:报道|文章|新闻|消息|稿件?)(?:是|由)(?:谁|哪[位个名几些]{1,2}记者)(?:采写|报道|撰写|写)"
    r"|(?:报道|文章|新闻|消息|稿件?)的?(?:记者|通讯员|作者)(?:是|叫|有|[?？]?$)"  # 这篇文章的作者是谁？
)
# What asks, each of which wants a part of the answer: 谁…？多少…？
_ASKING = re.compile(
    r"什么时候|为什么|怎么样?|如何|多[少大高长远重深久]|什么|哪|谁|几(?=[个名位岁年次天月层座届种点号比])|何时|何处|吗"
)
_LIST = re.compile(r"哪些|列出|列举|分别|各(?:是|有|获|为|涨|降|多少)|相比|对比|比较")


def asks_for_reporter(question: str) -> bool:
    """Whether it is asked who reported something, which an article's byline states and not its text."""
    return bool(_REPORTER.search(question))


def asks_for_several(question: str) -> bool:
    """Whether several things are asked for, which may be printed in several articles."""
    return len(_ASKING.findall(question)) > 1 or bool(_LIST.search(question))
