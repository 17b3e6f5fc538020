"""Rewrites follow-up questions to stand alone: the language model rewrites, and code checks the result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.folding import folded
from index.text.words import QUESTION_WORDS, names, rarity, tagged
from rag.llm import ChatMessage, Generator
from rag.llm.prompts import without_chat_marks
from rag.llm.replies import short_reply, with_examples

from ..results import CITATION_MARK
from .conversation import summary_topic

History = Sequence[tuple[str, str]]

_TURNS = 2  # turns that the model reads, in addition to the first question
_LONGEST = 60  # characters of each question or answer that it reads, so that a prompt has fewer than 400 tokens
_SEARCHED = 100  # characters of an earlier question that are added to a search
_MAX_TOKENS = 80
REWRITTEN = "改写："  # how the replies of the prompt file's examples begin
_SHORT = 6  # characters of a question that another may contain by chance
_ADDED = 60  # characters by which the rewritten question may be longer

# The least total rarity of the words of a question that stands alone: in general, if it names something new, and if
# it refers back. 222 of 228 unrelated newsroom questions reach it, and none of 37 follow-ups.
_SAID, _SAID_WITH_NAME, _SAID_THOUGH_BACK = 70.0, 45.0, 110.0
_SAID_IF_LEFT = 20.0  # if the model does not change it
_OPENS = 85.0  # if it opens a new subject in the middle of a conversation

_NEW_TOPIC = re.compile(r"^(?:换一?个话题|[说问聊]点儿?别的|另外?一件事|题外话)[，,：:。\s]*")
_LEAD_IN = re.compile(r"^(?:好的?|对了|(?:另外|顺便|再|还)?我?[想要]?再?[问说](?:一?[下句个])?)[，,：:\s]+")
_ELLIPTIC = re.compile(r"呢[？?。！\s]*$")
_AS_FOR = re.compile(r"呢[，,]")  # 「东岭林场呢，栽了多少？」
# Question words by what they ask for: who, what, where and when; how many; how and why; whether.
_ASKED_FOR = ("谁|(?<!为)什么|哪|何时", "几|多少|多[大长高远久重宽深快]", "怎|如何|为什么|为何", "吗|没有|是否|是不是")
_ASKS = re.compile("|".join(_ASKED_FOR))
_ASKED = re.compile(f"(?:{_ASKS.pattern})+[些个位家种年天月条里儿岁次座]?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|第[一二三四五六七八九十]+|[〇零一二两三四五六七八九十百千万亿]{2,}")
_TITLE = re.compile(r"《[^》]+》")
_QUOTED = re.compile(r"“([^”]+)”|《([^》]+)》")
_YEAR = re.compile(r"\d{4}")
_MARKS = re.compile(r"[\W_]+")

# The first always refer to an earlier turn; the others may refer to something earlier in the same question.
_ALWAYS_BACK = frozenset(("它", "它们", "其", "其中", "此", "此人", "此事", "该", "前者", "后者"))
_BACK = frozenset(("后来", "随后", "当时", "当天", "当年", "那时", "双方", "对方"))
_NO_PRONOUN = frozenset(("那么", "这么", "这样", "那样", "其他", "他人"))
_PROPER = frozenset(("nr", "nrt", "nrfg", "ns", "nt", "nz", "eng"))
_SAYS_NOTHING = "rumpcdyf"  # first letters of the tags of pronouns, particles, numerals …


@dataclass(frozen=True)
class _Content:
    """What a question says alone: the total rarity of its words, whether it has a new name, and refers back."""

    said: float
    named: bool
    back: bool


def rewritten(model: Generator | None, question: str, history: History) -> str:
    """Return the question rewritten to stand alone, or unchanged if it already does.

    The model is asked only if the question depends on the history. If its text fails the check, the subject of the
    conversation is put before the question.

    Args:
        model: the language model; None if the question does not depend on the history.
        question: the new question.
        history: earlier (question, answer) pairs, oldest first.
    """
    if model is None or not leans(question, history):
        return _NEW_TOPIC.sub("", question.strip()) or question
    alone = _rewriting(model, question, history)
    if faithful(alone, question, history):
        return alone
    return question if _may_stay(question, alone) else with_subject(question, history)


def _may_stay(question: str, reply: str) -> bool:
    """Whether the question stands alone after all: it says enough, or says less but the model left it unchanged."""
    content = _content(question, "")
    left = _bare(reply) == _bare(question) and not content.back and not _elliptic(question)
    return content.said >= (_SAID_IF_LEFT if left else _SAID)


def leans(question: str, history: History) -> bool:
    """Return whether the question needs the conversation: it refers back, or says too little of its subject."""
    if not history or _NEW_TOPIC.match(question.strip()):
        return False
    if _elliptic(question):
        return True
    content = _content(question, _spoken_of(history))
    if summary_topic(question) is not None and not content.back:  # 「第2版有什么新闻？」
        return False
    return content.said < (_SAID_THOUGH_BACK if content.back else _SAID_WITH_NAME if content.named else _SAID)


def follow_up_context(question: str, history: History) -> str:
    """Return the text to search for together with a follow-up question; empty for other questions.

    It consists of the question that opened the subject and the last question, since a follow-up is nearly always about
    the same article.
    """
    if not leans(question, history):
        return ""
    return " ".join(dict.fromkeys(asked[:_SEARCHED] for asked in (_opening(history), history[-1][0])))


def with_subject(question: str, history: History) -> str:
    """Return the question with the conversation's subject before it: 「县里的夜校，什么时候开学？」."""
    about = _subject(_opening(history))
    return question if not about or about in question else f"{about}，{question}"


def faithful(reply: str, question: str, history: History) -> bool:
    """Return whether ``reply`` asks the same as ``question``, adds only facts from the history, and stands alone."""
    plain, source = folded(reply), folded(question) + " " + _text_of(history)
    asked_for = _asked_for(question)
    return (
        0 < len(reply) <= len(question) + _ADDED
        and plain.count("?") <= max(1, folded(question).count("?"))
        and (bool(asked_for & _asked_for(reply)) if asked_for else asks(reply))
        and _bare(plain) != _bare(folded(question))
        and not any(_repeats(_bare(plain), _bare(folded(asked))) for asked, _ in history)
        and not _content(reply, "").back
        and adds_nothing(reply, source)
        and _keeps(plain, question)
    )


def adds_nothing(text: str, source: str) -> bool:
    """Return whether all numbers, names and quoted words of ``text`` appear in ``source``, which is folded."""
    quoted = map("".join, _QUOTED.findall(folded(text)))
    return numbers(text) <= numbers(source) and all(name in source for name in (*names(text), *quoted))


def numbers(text: str) -> set[str]:
    """Return the numbers of a text, as they are written."""
    return set(_NUMBER.findall(folded(text)))


def asks(text: str) -> bool:
    """Return whether a text asks something."""
    return bool(_ASKS.search(text)) or folded(text).endswith("?")


def _repeats(reply: str, asked: str) -> bool:
    """Whether an earlier question appears in the rewritten one; short ones like 「为什么」 may."""
    return reply == asked or (len(asked) > _SHORT and asked in reply)


def _asked_for(question: str) -> set[str]:
    return {words for words in _ASKED_FOR if re.search(words, question)}


def _keeps(plain: str, question: str) -> bool:
    """Whether ``plain`` contains the numbers, the names and at least half of the other nouns of a question."""
    named, nouns, pointed = numbers(question), set(), False
    for word, tag in tagged(_without_lead_in(question)):
        if len(word) > 1 and word not in QUESTION_WORDS and not pointed:  # 公司 in 这家公司 is replaced
            named |= {word} if tag in _PROPER else set()
            nouns |= {word} if tag[0] == "n" else set()
        pointed = _points_back(word, tag) or word in _ALWAYS_BACK or (pointed and tag[0] in "qm")
    return all(word in plain for word in named) and 2 * sum(word in plain for word in nouns) >= len(nouns)


def _content(question: str, before: str) -> _Content:
    """What a question says without its history; names in ``before`` are not new."""
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
    """Whether a question gives only a new subject and leaves out what it asks: 「西岭林场呢？」."""
    return bool(_ELLIPTIC.search(question) and not _ASKS.search(question))


def _points_back(word: str, tag: str) -> bool:
    """Whether a word refers to something said before: 他 and 这家, not 其他 or 那么."""
    return word in _BACK or (tag[0] == "r" and word[0] in "他她这那" and word not in _NO_PRONOUN)


def _without_lead_in(question: str) -> str:
    """The question without 「另外想问，」 or a 那 that only connects, as in 「那李师傅呢」 but not 「那座桥」."""
    asked = _LEAD_IN.sub("", question.strip())
    if not asked.startswith("那"):
        return asked
    (word, tag), (after, of_after) = (*tagged(asked), ("", "x"), ("", "x"))[:2]
    connects = word == "那" and after not in ("", "是") and of_after[0] not in "qm"
    return asked[1:] if connects or tag[0] != "r" else asked


def _opening(history: History) -> str:
    """The question that opened the current subject of the conversation."""
    for turn in range(len(history) - 1, 0, -1):
        asked = history[turn][0]
        content = _content(asked, _spoken_of(history[:turn]))
        if _NEW_TOPIC.match(asked) or (content.named and not content.back and content.said >= _OPENS):
            return asked
    return history[0][0]


def _subject(question: str) -> str:
    """The most informative part of a question between its question words: 「津贴从多少涨到多少」→「津贴」."""
    first, *others = _ASKED.split(_NEW_TOPIC.sub("", _without_lead_in(question)))
    parts = [part.strip("，,、：: ？?。") for part in (first, *map(_without_measure, others))]
    best = max(parts, key=lambda part: _content(part, "").said)
    while (found := tagged(best)) and (found[-1][0] in QUESTION_WORDS or found[-1][1][0] in "puc"):
        best = best[: -len(found[-1][0])].rstrip("，,、：: ")
    return best


def _without_measure(part: str) -> str:
    """What follows a question word without its measure word: 「篇关于夜校的报道」→「关于夜校的报道」."""
    found = tagged(part)
    return part[len(found[0][0]) :] if found and found[0][1] == "q" else part


def _text_of(history: History) -> str:
    return folded(" ".join(text for turn in history for text in turn))


def _spoken_of(history: History) -> str:
    """What the conversation is about: its questions and answers, but not the reports that an answer lists."""
    return folded(" ".join(text.split("\n", 1)[0] for turn in history for text in turn))


def _bare(text: str) -> str:
    return _MARKS.sub("", text)


def messages(question: str, history: History) -> list[ChatMessage]:
    """Return the chat that the model continues: the prompt file's examples as turns, followed by the conversation."""
    turns = [line for turn in history[-_TURNS:] for line in zip("问答", turn, strict=True)]
    if len(history) > _TURNS:
        turns.insert(0, ("问", history[0][0]))
    lines = [f"{who}：{_short(text)}" for who, text in turns]
    lines.append(f"追问：{without_chat_marks(' '.join(question.split()))}")
    return with_examples("rewrite", -1, "\n".join(lines))


def _short(text: str) -> str:
    return without_chat_marks(" ".join(CITATION_MARK.sub("", text).split()))[:_LONGEST]


def _rewriting(model: Generator, question: str, history: History) -> str:
    """The first line of the model's reply."""
    said = short_reply(model, messages(question, history), _MAX_TOKENS, lambda written: "\n" in written.lstrip())
    return next(iter(said.splitlines()), "").removeprefix(REWRITTEN).strip()
