"""Follow-ups as questions that stand alone: the language model rewrites, code checks what it wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.folding import folded
from index.text.words import QUESTION_WORDS, names, rarity, tagged
from rag.llm import ChatMessage, Generator
from rag.llm.prompts import prompt, without_chat_marks

from ..results import CITATION_MARK

History = Sequence[tuple[str, str]]

_TURNS = 2  # that the model reads, besides the first question
_LONGEST = 60  # characters of a question or an answer that it reads: a prompt stays below 400 tokens
_SEARCHED = 100  # characters of a question that are searched for along with the next
_MAX_TOKENS = 80
_SHORT = 6  # characters of a question that others may contain by chance
_ADDED = 60  # characters that a rewriting may be longer than the question

# How rare the words of a question are together, at least, where it says what it is about: alone, where it names
# something new, and where it points back. Of 228 newsroom questions after another's 222 reach it, of 37 follow-ups 0.
_SAID, _SAID_WITH_NAME, _SAID_THOUGH_BACK = 70.0, 45.0, 110.0
_SAID_IF_LEFT = 20.0  # where the model leaves it as it is
_OPENS = 85.0  # and where it opens a new subject in the middle of a conversation

_NEW_TOPIC = re.compile(r"^(?:换一?个话题|[说问聊]点儿?别的|另外?一件事|题外话)[，,：:。\s]*")
_LEAD_IN = re.compile(r"^(?:好的?|对了|(?:另外|顺便|再|还)?我?[想要]?再?[问说](?:一?[下句个])?)[，,：:\s]+")
_ELLIPTIC = re.compile(r"呢[？?。！\s]*$")
_AS_FOR = re.compile(r"呢[，,]")  # 「东岭林场呢，栽了多少？」
# Words that ask, by what they ask for: who, what, where and when; how many; how and why; whether.
_ASKED_FOR = ("谁|(?<!为)什么|哪|何时", "几|多少|多[大长高远久重宽深快]", "怎|如何|为什么|为何", "吗|没有|是否|是不是")
_ASKS = re.compile("|".join(_ASKED_FOR))
_ASKED = re.compile(f"(?:{_ASKS.pattern})+[些个位家种年天月条里儿岁次座]?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|第[一二三四五六七八九十]+|[〇零一二两三四五六七八九十百千万亿]{2,}")
_TITLE = re.compile(r"《[^》]+》")
_YEAR = re.compile(r"\d{4}")
_MARKS = re.compile(r"[\W_]+")

# What the first stand for was said before; the others may stand for what the question has named by then.
_ALWAYS_BACK = frozenset(("它", "它们", "其", "其中", "此", "此人", "此事", "该", "前者", "后者"))
_BACK = frozenset(("后来", "随后", "当时", "当天", "当年", "那时", "双方", "对方"))
_NO_PRONOUN = frozenset(("那么", "这么", "这样", "那样", "其他", "他人"))
_PROPER = frozenset(("nr", "nrt", "nrfg", "ns", "nt", "nz", "eng"))
_SAYS_NOTHING = "rumpcdyf"  # first letters of the tags of pronouns, particles, numerals …


@dataclass(frozen=True)
class _Content:
    """What a question says alone: how rare its words are together, a name of its own, a word that points back."""

    said: float
    named: bool
    back: bool


def rewritten(model: Generator | None, question: str, history: History) -> str:
    """The question made to stand alone; unchanged where it already does.

    The model is asked only where the question leans on the history. Where what it writes fails the check, the
    question is put after what the conversation is about.

    Args:
        model: the language model; None where the question does not lean.
        question: the new one.
        history: earlier (question, answer) pairs, oldest first.
    """
    if model is None or not leans(question, history):
        return _NEW_TOPIC.sub("", question.strip()) or question
    reply = _reply(model, _messages(question, history))
    if faithful(reply, question, history):
        return reply
    return question if _may_stay(question, reply) else joined(question, history)


def _may_stay(question: str, reply: str) -> bool:
    """Whether it stands alone after all: it says enough, or the model thinks so of one that only says little."""
    content = _content(question, "")
    left = _bare(reply) == _bare(question) and not content.back and not _elliptic(question)
    return content.said >= (_SAID_IF_LEFT if left else _SAID)


def leans(question: str, history: History) -> bool:
    """Whether the question needs the conversation: it points back, or says too little of what it is about."""
    if not history or _NEW_TOPIC.match(question.strip()):
        return False
    if _elliptic(question):
        return True
    content = _content(question, _text_of(history))
    return content.said < (_SAID_THOUGH_BACK if content.back else _SAID_WITH_NAME if content.named else _SAID)


def context(question: str, history: History) -> str:
    """What to search for along with a question that leans; empty where it does not.

    The question with which the subject came up, and the last one: a follow-up is nearly always about the same article.
    """
    if not leans(question, history):
        return ""
    return " ".join(dict.fromkeys(asked[:_SEARCHED] for asked in (_opening(history), history[-1][0])))


def joined(question: str, history: History) -> str:
    """The question after what the conversation is about: 「县里的夜校，什么时候开学？」."""
    about = _subject(_opening(history))
    return question if not about or about in question else f"{about}，{question}"


def faithful(reply: str, question: str, history: History) -> bool:
    """Whether ``reply`` asks what ``question`` asks, of what the history tells, and points back no more."""
    plain, source = folded(reply), folded(question) + " " + _text_of(history)
    asks = _asked_for(question)
    return (
        0 < len(reply) <= len(question) + _ADDED
        and plain.count("?") <= max(1, folded(question).count("?"))
        and (bool(asks & _asked_for(reply)) if asks else bool(_ASKS.search(reply)) or plain.endswith("?"))
        and _bare(plain) != _bare(folded(question))
        and not any(_repeats(_bare(plain), _bare(folded(asked))) for asked, _ in history)
        and not _content(reply, "").back
        and set(_NUMBER.findall(plain)) <= set(_NUMBER.findall(source))
        and all(name in source for name in (*names(reply), *_TITLE.findall(plain)))
        and _keeps(plain, question)
    )


def _repeats(reply: str, asked: str) -> bool:
    """Whether an earlier question appears in a rewriting; 「为什么」 may."""
    return reply == asked or (len(asked) > _SHORT and asked in reply)


def _asked_for(question: str) -> set[str]:
    return {words for words in _ASKED_FOR if re.search(words, question)}


def _keeps(plain: str, question: str) -> bool:
    """Whether the numbers, the names and half of the other nouns of a question are in ``plain``."""
    named, nouns, pointed = set(_NUMBER.findall(folded(question))), set(), False
    for word, tag in tagged(_without_lead_in(question)):
        if len(word) > 1 and word not in QUESTION_WORDS and not pointed:  # not 公司 in 这家公司, which is replaced
            named |= {word} if tag in _PROPER else set()
            nouns |= {word} if tag[0] == "n" else set()
        pointed = _points_back(word, tag) or word in _ALWAYS_BACK or (pointed and tag[0] in "qm")
    return all(word in plain for word in named) and 2 * sum(word in plain for word in nouns) >= len(nouns)


def _content(question: str, before: str) -> _Content:
    """What a question says without its history; a name that ``before`` has is none of its own."""
    asked = _without_lead_in(question)
    named = any(title not in before for title in _TITLE.findall(folded(asked)))
    said, back = _SAID_WITH_NAME if named else 0.0, bool(_AS_FOR.search(asked))
    after_name, after_year = asked.startswith("《"), False
    for word, tag in tagged(asked):
        resolved = after_name or (after_year and word[0] not in "他她")
        back = back or word in _ALWAYS_BACK or (not resolved and _points_back(word, tag))
        after_name, after_year = after_name or tag in _PROPER, after_year or bool(_YEAR.fullmatch(word))
        named = named or ((tag in _PROPER or bool(_YEAR.fullmatch(word))) and word not in before)
        if tag[0] not in _SAYS_NOTHING:
            said += rarity(word)
    return _Content(said, named, back)


def _elliptic(question: str) -> bool:
    """「西岭林场呢？」: of what is asked, only what it is asked of."""
    return bool(_ELLIPTIC.search(question) and not _ASKS.search(question))


def _points_back(word: str, tag: str) -> bool:
    """他 and 这家, not 其他 or 那么: words that stand for what was said before."""
    return word in _BACK or (tag[0] == "r" and word[0] in "他她这那" and word not in _NO_PRONOUN)


def _without_lead_in(question: str) -> str:
    """The question without 「另外想问，」 and without a 那 that only connects: 「那李师傅呢」, not 「那座桥」."""
    asked = _LEAD_IN.sub("", question.strip())
    if not asked.startswith("那"):
        return asked
    (word, tag), (after, of_after) = (*tagged(asked), ("", "x"), ("", "x"))[:2]
    connects = word == "那" and after not in ("", "是") and of_after[0] not in "qm"
    return asked[1:] if connects or tag[0] != "r" else asked


def _opening(history: History) -> str:
    """The question with which the subject of the conversation came up."""
    for turn in range(len(history) - 1, 0, -1):
        asked = history[turn][0]
        content = _content(asked, _text_of(history[:turn]))
        if _NEW_TOPIC.match(asked) or (content.named and not content.back and content.said >= _OPENS):
            return asked
    return history[0][0]


def _subject(question: str) -> str:
    """The part of a question, between the words that ask, that says most: 「津贴从多少涨到多少」→「津贴」."""
    parts = [part.strip("，,、：: ？?。") for part in _ASKED.split(_NEW_TOPIC.sub("", _without_lead_in(question)))]
    best = max(parts, key=lambda part: _content(part, "").said)
    while (found := tagged(best)) and (found[-1][0] in QUESTION_WORDS or found[-1][1][0] in "puc"):
        best = best[: -len(found[-1][0])].rstrip("，,、：: ")
    return best


def _text_of(history: History) -> str:
    return folded(" ".join(text for turn in history for text in turn))


def _bare(text: str) -> str:
    return _MARKS.sub("", text)


def _messages(question: str, history: History) -> list[ChatMessage]:
    """The examples of the prompt file as turns of a chat, then the conversation."""
    told, *examples = prompt("rewrite").split("\n\n")
    chat: list[ChatMessage] = [{"role": "system", "content": told}]
    for example in examples:
        asked, _, written = example.rpartition("\n")
        chat += [{"role": "user", "content": asked}, {"role": "assistant", "content": written}]
    turns = [line for turn in history[-_TURNS:] for line in zip("问答", turn, strict=True)]
    if len(history) > _TURNS:
        turns.insert(0, ("问", history[0][0]))
    lines = [f"{who}：{_short(text)}" for who, text in turns]
    chat.append(
        {"role": "user", "content": "\n".join([*lines, f"追问：{without_chat_marks(' '.join(question.split()))}"])}
    )
    return chat


def _short(text: str) -> str:
    return without_chat_marks(" ".join(CITATION_MARK.sub("", text).split()))[:_LONGEST]


def _reply(model: Generator, messages: list[ChatMessage]) -> str:
    """The first line that the model writes."""
    written = ""
    pieces = model.stream(messages, _MAX_TOKENS)
    try:
        for piece in pieces:
            written += piece
            if "\n" in written.lstrip():
                break
    finally:
        if close := getattr(pieces, "close", None):
            close()
    return next(iter(written.strip().splitlines()), "").removeprefix("改写：").strip()
