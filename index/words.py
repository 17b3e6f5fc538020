"""Chinese text as words, for the lexical leg: the same function cuts what is indexed and what is asked."""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jieba as jieba_module

_WORD = re.compile(r"[\w%]+")

# Words that ask rather than name: they are dropped from a question, never from an article.
QUESTION_WORDS = frozenset(
    [
        "什么",
        "哪",
        "哪个",
        "哪些",
        "哪里",
        "哪儿",
        "哪年",
        "哪月",
        "哪天",
        "哪位",
        "哪家",
        "哪种",
        "哪项",
        "谁",
        "谁的",
        "何时",
        "何地",
        "何",
        "为何",
        "为什么",
        "怎么",
        "怎样",
        "怎么样",
        "如何",
        "多少",
        "几",
        "几个",
        "几位",
        "几次",
        "吗",
        "呢",
        "吧",
        "啊",
        "是否",
        "是不是",
        "有没有",
        "请问",
        "请",
        "问",
        "告诉",
        "我",
        "你",
        "您",
        "一下",
        "介绍",
        "的",
        "了",
        "是",
        "在",
        "有",
        "和",
        "与",
        "及",
        "或",
        "被",
        "把",
        "将",
        "对",
        "从",
        "到",
        "由",
        "于",
        "为",
        "以",
        "之",
        "其",
        "这",
        "那",
        "该",
        "此",
        "这个",
        "那个",
        "一共",
        "共有",
        "总共",
        "共",
        "都",
        "也",
        "就",
        "还",
        "而",
        "上",
        "下",
        "中",
        "里",
        "内",
        "时候",
        "时间",
        "地方",
        "哪一年",
        "哪一天",
        "多大",
        "多长",
        "多久",
        "多高",
        "多远",
        "叫",
        "做",
        "名字",
        "一个",
        "什么样",
        "what",
        "who",
        "when",
        "where",
        "which",
        "how",
        "why",
        "is",
        "are",
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "to",
    ]
)


@cache
def _jieba() -> jieba_module:
    import tempfile

    import jieba

    jieba.setLogLevel(logging.WARNING)
    folder = Path(tempfile.gettempdir()) / f"baowen-jieba-{_user()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    jieba.dt.tmp_dir = str(folder)
    jieba.initialize()
    return jieba


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "user"


def folded(text: str) -> str:
    """Full-width forms as half-width ones, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def words(text: str) -> list[str]:
    """Words of ``text`` in order, long words also as the shorter words inside them; no punctuation."""
    return [word for word in _jieba().cut_for_search(folded(text)) if _WORD.fullmatch(word)]


@lru_cache(maxsize=4096)
def question_words(question: str) -> tuple[str, ...]:
    """The distinct words of a question that name something, in order."""
    return tuple(dict.fromkeys(word for word in words(question) if word not in QUESTION_WORDS))
