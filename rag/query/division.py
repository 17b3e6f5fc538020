"""Comparison and development questions, divided by code: the things, dates or sides that are compared, or the matter.

上海和杭州的GDP哪个增长快 → 上海的GDP增长多快 and 杭州的GDP增长多快. A development (…的经过) has no parts yet: they are
the reports on the matter (``rag.across``). No model divides anything; where a boundary is in doubt, nothing is divided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.text.dates import DateMention, dates
from index.text.names import Word, WordTagger

from .part_questions import DEGREE, EACH, WHICH, asked_of

_MOST = 4  # things compared in one question
_LONGEST = 16  # characters of one
_JOINS = frozenset(("和", "与", "跟", "同", "及", "以及", "、", "还是"))
_PROPER = frozenset(("LOC", "ORG", "PER", "nz", "nw"))
_NOMINAL = _PROPER | {"n", "s", "vn", "an", "nx", "xc"}
# What a question compares by: each has what is compared before it, except 比较 and 对比.
_CUE = re.compile(
    r"比较|对比|比一比|对照|相比|比起来|分别|相差|差多少|差多大|异同"
    r"|有(?:什么|何|哪些|啥|多大)?(?:大?的)?(?:不同|不一样|区别|差别|差异|变化|差距)|不同在"
    rf"|{EACH}|{WHICH}(?={DEGREE})|{WHICH}的(?={DEGREE})"
)
_SIDES = re.compile(  # 降价前和降价后 提高之前和之后 调整前后
    r"(?P<event>[^，,。、；;和与跟的\d年月日号]{2,8}?)(?:"
    r"(?P<before>之?以?前)(?:和|与|跟|同|、)(?P=event)?(?P<after>之?以?后)|(?P<both>前后)(?=[，,的]|各|分别|有|$))"
)
_MOMENT = r"(?:[^，,。、；;的各和与跟]{1,8}?(?:时|时候|之?初|之?后|之?前|当天|期间)|现在|目前|如今|最近|当时|最初|起初)"
_DAY = r"(?:[\d年月日号上下中半初底末旬]+|[去今前明]年[\d月日号上下半年]*)(?:凌晨|早上|上午|中午|下午|晚上|夜里)?"
_MOMENTS = re.compile(
    rf"(?:(?<=[，,])|^)(?P<first>{_MOMENT}|{_DAY})(?:和|与|跟|同|到)(?P<second>{_DAY}|{_MOMENT})(?=的|各|分别|有|相|，|,|是)"
)
_DATED_CLAUSE = re.compile(r"多少|几|什么|怎么|怎样|如何|哪")
_CHOICE = rf"{WHICH}|{EACH}|分别|有什么不同|有什么区别|相差"
_POLITE = r"^(?:请问|请|帮我|麻烦你?|试)*"
_MATTER = r"(?P<matter>[^。；;？?]{2,60}?)(?:这件事|这一事件|这事儿?|一事|事件)?(?:之后|以后|以来)?(?:事情)?"
_COURSE = r"(?:经过|始末|来龙去脉|前因后果|发展历程|历程|时间线|全过程|变化过程|发展过程|过程)"
_SPAN = r"(?:(?:这些|这几|近)年来?|一年来|历年来?|先后|一直|后来|至今)?"
# Each with questions that it must match; they are its tests.
_DEVELOPMENTS = (
    # 请梳理柳河大桥维修的经过 回顾一下夜校的发展历程
    rf"{_POLITE}(?:梳理|回顾|理一理|讲讲|说说|介绍|还原|讲述)(?:一下|下)?{_MATTER}的?(?:{_COURSE}|进展|变化|演变|发展)",
    # 高温津贴是怎么变化的 夜校这几年是如何一步步发展起来的
    rf"{_POLITE}{_MATTER}{_SPAN}(?:是|都)?(?:怎么|怎样|如何)(?:一步步|逐步)?(?:变化|演变|发展|变迁|推进|进展|演化)"
    r"(?:过来|起来|下来|至今)?的?",
    # 柳河大桥维修这件事的来龙去脉是什么 夜校停办一案的始末
    rf"{_POLITE}{_MATTER}的?{_COURSE}(?:是什么|是怎样的|是怎么样的|怎么样|如何|是怎么回事)?",
    # 高温津贴这几年有什么变化 柳河大桥后来有哪些进展
    rf"{_POLITE}{_MATTER}{_SPAN}(?:有|发生|经历)了?(?:什么|哪些|怎样的|何)新?(?:变化|进展|演变|发展)",
)


@dataclass(frozen=True)
class PartQuestion:
    """A part of a comparison: what is compared, as its line is headed, and the question about it alone."""

    label: str
    question: str


def compared(question: str, tagger: Callable[[], WordTagger]) -> tuple[PartQuestion, ...]:
    """A question for each thing, date or side that ``question`` compares; empty where it compares none.

    Args:
        question: as it is understood, standing by itself.
        tagger: returns what finds the words, by which the things compared are bounded; called only where it is needed.
    """
    if found := _dated(question):
        return found
    if not _CUE.search(question):
        return ()
    words = [
        word if question[word.start : word.end].strip() else word._replace(tag="xc")
        for word in tagger().words(question)
    ]
    ways = (_times, _moments, _sides, _things)
    return next((found for way in ways if (found := way(question, words))), ())


def matter(question: str) -> str:
    """What a question about a development or the course of an event is about; empty for any other question."""
    asked = re.sub(r"\s", "", question).strip("？?。！!")
    match = next((match for form in _DEVELOPMENTS if (match := re.fullmatch(form, asked))), None)
    return match["matter"].removesuffix("的") if match else ""


def _parts(question: str, start: int, end: int, items: Sequence[str]) -> tuple[PartQuestion, ...]:
    """The questions that ask of each item in place of ``question[start:end]``."""
    if not 2 <= len(set(items)) == len(items) <= _MOST or any(len(item) > _LONGEST for item in items):
        return ()
    return tuple(PartQuestion(item, asked_of(question[:start], item, question[end:])) for item in items)


def _times(question: str, words: Sequence[Word]) -> tuple[PartQuestion, ...]:
    """7月26日和8月9日 2022年和2023年上半年: dates joined to dates."""
    for first, last in _chains(question, words, "TIME"):
        start, end = words[first].start, words[last - 1].end
        pieces = re.split(r"以及|[和与跟同及、]", question[start:end])
        if len(pieces) > 1:
            return _parts(question, start, end, _completed(pieces))
    return ()


def _completed(pieces: Sequence[str]) -> list[str]:
    """Dates with what they share: the year of the first, the month of the first, the part of the year of the last."""
    held = [next(iter(dates(piece, short_years=True)), None) for piece in pieces]
    first, last = held[0], held[-1]
    if first is None or last is None:
        return list(pieces)
    found = []
    for piece, own in zip(pieces, held, strict=True):
        lead = _lead(pieces[0], first, own)
        bare_year = own and own.year and not (own.month or own.part) and own is not last
        rest = pieces[-1].partition("年")[2] if bare_year and (last.month or last.part) and "年" in pieces[-1] else ""
        found.append(lead + piece + rest)
    return found


def _lead(piece: str, first: DateMention, own: DateMention | None) -> str:
    """The year, or year and month, that the first date states and another leaves out; a day alone (6日) is no date."""
    year = f"{first.year}年" if first.year and re.match(r"(?:19|20)\d\d年", piece) else ""
    if own is None or (own.day and not own.month):
        return f"{year}{first.month}月" if first.month and first.day else ""
    if own is first or own.year or "年" in own.text:
        return ""
    return year if own.month or own.part else ""


def _moments(question: str, words: Sequence[Word]) -> tuple[PartQuestion, ...]:
    """刚发生时和8月6日 8月3日和最后收官时: a date joined to a moment in words."""
    match = _MOMENTS.search(question)
    if match is None or not any(dates(match[side], short_years=True) for side in ("first", "second")):
        return ()
    return _parts(question, match.start("first"), match.end("second"), [match["first"], match["second"]])


def _sides(question: str, words: Sequence[Word]) -> tuple[PartQuestion, ...]:
    """降价前和降价后 调整前后: before an event and after it."""
    match = _SIDES.search(question)
    if match is None:
        return ()
    event = match["event"]
    sides = [event + (match["before"] or "前"), event + (match["after"] or "后")]
    return _parts(question, match.start(), match.end(), sides)


def _dated(question: str) -> tuple[PartQuestion, ...]:
    """恒瑞的股价，7月31日收在多少，8月7日又收在多少: clauses that ask the same of two dates."""
    clauses = re.split(r"[，,；;]", question.strip("？?。"))
    asking = [clause for clause in clauses if _DATED_CLAUSE.search(clause)]
    if len(asking) < 2 or clauses[-len(asking) :] != asking or len(asking) == len(clauses):
        return ()
    mentions = [next(iter(dates(clause, short_years=True)), None) for clause in asking]
    if any(mention is None for mention in mentions):
        return ()
    labels = _completed([mention.text for mention in mentions if mention])
    if not 2 <= len(set(labels)) == len(labels) <= _MOST:
        return ()
    head = "，".join(clauses[: -len(asking)])
    found = []
    for clause, label, mention in zip(asking, labels, mentions, strict=True):
        said = clause[mention.end :].removeprefix("又") if mention else clause
        found.append(PartQuestion(label, f"{head}，{label}{said}？"))
    return tuple(found)


def _things(question: str, words: Sequence[Word]) -> tuple[PartQuestion, ...]:
    """上海和杭州 五指山隧道和杵坭隧道 网上的传言和当地媒体的说法: names, or things of one kind."""
    for place, word in enumerate(words):
        if question[word.start : word.end] not in _JOINS or not 0 < place < len(words) - 1:
            continue
        items = _possessed(question, words, place) or _whole(question, words[place]) or _named(question, words, place)
        if items:
            start, end = items[0][0], items[-1][1]
            if found := _parts(question, start, end, [question[a:b] for a, b in items]):
                return found
    return ()


def _whole(question: str, join: Word) -> list[tuple[int, int]]:
    """广物的文山和学院的曹子建，谁年纪大: a clause that names what is compared and nothing else."""
    start = max(question.rfind(sign, 0, join.start) for sign in "，,：") + 1
    end = next((place for place in range(join.end, len(question)) if question[place] in "，,"), 0)
    beside = re.search(r"(?:相比|比起来|比)?$", question[:end])
    last = beside.start() if beside else end
    sides = [(start, join.start), (join.end, last)]
    if not end or not re.match(_CHOICE, question[end + 1 :]) or any(b - a > _LONGEST for a, b in sides):
        return []
    told = question[start : join.start] + question[join.end : end]
    return [] if dates(told, short_years=True) or re.search(r"[、和与跟]|比较|对比", told) else sides


def _possessed(question: str, words: Sequence[Word], place: int) -> list[tuple[int, int]]:
    """网上的传言和当地媒体的说法有什么不同: what one has and what another has, right before what is asked."""
    first, last = _run(words, place, -1), _run(words, place, 1)
    of_first, of_last = first - 1, last + 1
    if min(of_first, place - first, last - place) < 1 or of_last >= len(words):
        return []
    if [question[words[n].start : words[n].end] for n in (of_first, last + 1)] != ["的", "的"]:
        return []
    owner, owned = _run(words, of_first, -1), _run(words, of_last, 1)
    asks = words[owned + 1].start if owned + 1 < len(words) else len(question)
    if owner == of_first or owned == of_last or not _CUE.match(question, asks):
        return []
    return [(words[owner].start, words[place - 1].end), (words[place + 1].start, words[owned].end)]


def _named(question: str, words: Sequence[Word], place: int) -> list[tuple[int, int]]:
    """The things joined at ``place`` and wherever the list goes on; empty where they are not of one kind."""
    first = _run(words, place, -1)
    if first == place:
        return []
    items = [(first, place)]
    while place < len(words) - 1 and question[words[place].start : words[place].end] in _JOINS:
        end = _end(question, words, place + 1, words[items[-1][1] - 1])
        if end == place + 1:
            return []
        items.append((place + 1, end))
        place = end
    kinds = [{word.tag for word in words[a:b]} & _PROPER for a, b in items]
    heads = {question[words[b - 1].start : words[b - 1].end] for _, b in items}
    alike = len(heads) == 1 or any(kinds[0])
    return [(words[a].start, words[b - 1].end) for a, b in items] if alike and len(items) > 1 else []


def _end(question: str, words: Sequence[Word], start: int, before: Word) -> int:
    """Where a thing ends that begins with word ``start``: ``before`` is the last word of the thing before it."""
    end = start
    while end < len(words) and words[start].tag == before.tag in _PROPER and words[end].tag == before.tag:
        end += 1
    if end > start:
        return end
    end = _run(words, start - 1, 1) + 1
    stop = next((n for n in range(start, len(words)) if _CUE.match(question, words[n].start)), start)
    inside = {words[n].tag for n in range(start, stop)}
    return stop if end < stop and not inside & {"TIME", "w", "u", "c"} else end


def _run(words: Sequence[Word], place: int, step: int) -> int:
    """The last word of the nominal run beside ``place``, to the left (-1) or right (1); ``place`` where there is none.

    To the left it is the first word of the run, and to the right the last one.
    """
    end = place
    while 0 <= end + step < len(words) and words[end + step].tag in _NOMINAL:
        end += step
    return end


def _chains(question: str, words: Sequence[Word], tag: str) -> Iterator[tuple[int, int]]:
    """Runs of words with a tag, joined by 和 and the like: first word and the one after the last."""
    place = 0
    while place < len(words):
        end, joined = place, False
        while end < len(words) and words[end].tag == tag:
            end += 1
            after = words[end + 1].tag if end + 1 < len(words) else ""
            if after == tag and question[words[end].start : words[end].end] in _JOINS:
                joined, end = True, end + 1
        if joined:
            yield place, end
        place = max(end, place + 1)
