"""Edits of a sentence: some keep its meaning, others make it false with regard to its text.

Every false edit returns the sentence and the spans of the characters that are now wrong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from importlib import resources

from .text import Typed, tagged, typed

Flags = list[tuple[int, int]]
Edited = tuple[str, Flags] | None


def _pairs(name: str) -> list[list[str]]:
    """The pairs of words in a file of this folder, one pair per line: 增长/下降."""
    lines = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8").split()
    return [line.split("/") for line in lines]


# Pairs with opposite or different meanings.
_OPPOSITES = _pairs("opposites")
_SYNONYMS = _pairs("synonyms")
_OPENING = re.compile(
    r"^(?:【[^】]{2,20}】|(?:据|根据)[^，。]{2,18}(?:报道|消息|介绍|通报|数据)[显示称，,]*|.{0,8}记者[^，。]{0,12}(?:获悉|了解到)，?|"
    r"[^，。]{2,12}\d+[日]电|数据显示，|报道称，|通报称，|值得一提的是，|此外，|同时，|另外，|目前，|据悉，|据了解，|其中，)+"
)
_PLAN = re.compile(r"将(?:于|会|在)?|拟|计划|预计|有望|打算|或将|即将|可能|力争|争取")
_NEGATED = re.compile(r"没有|并未|尚未|未能|从未|不再|不会|不能|不得|未|不")
_LIST = re.compile(r"[^，。；：、\s]{2,10}(?:、[^，。；：、\s]{2,10}){1,}(?:[和及与以]{1,2}[^，。；：、\s]{2,8})?")


def compress(sentence: str, rng: random.Random) -> str:
    """Return a shorter sentence that states less: without opening, brackets, and some clauses."""
    text = _OPENING.sub("", sentence)
    text = re.sub(r"[（(][^）)]{0,30}[）)]", "", text).strip("。；;，, ")
    clauses = [c for c in re.split(r"[，,]", text) if c]
    if len(clauses) > 2 and rng.random() < 0.7:
        keep = rng.randint(1, min(3, len(clauses) - 1))
        start = rng.choice((0, 0, rng.randint(0, len(clauses) - keep)))
        clauses = clauses[start : start + keep]
    elif len(clauses) == 2 and rng.random() < 0.3:
        clauses = clauses[:1]
    return "，".join(clauses)


def reword(text: str, rng: random.Random, year: str = "") -> str:
    """Return the same statement in other words, using a table of synonyms and part-of-speech tags."""
    for old, new in rng.sample(_SYNONYMS, len(_SYNONYMS)):
        if old in text and rng.random() < 0.5:
            text = text.replace(old, new, 1)
    text = re.sub(r"(\d)日", r"\1号", text) if rng.random() < 0.25 else text
    if rng.random() < 0.25:
        text = re.sub(r"(\d+(?:\.\d+)?)[%％]", r"百分之\1", text)
    if year and rng.random() < 0.4:
        text = re.sub(r"今年|(?<!\d)(?=\d{1,2}月\d)", f"{year}年", text, count=1)
    if rng.random() < 0.4:
        text = _without_modifiers(text, rng)
    if rng.random() < 0.3:
        text = _moved_time(text)
    return text


def _without_modifiers(text: str, rng: random.Random) -> str:
    kept = []
    for word, tag in tagged(text):
        plain = tag in ("a", "ad", "d", "u") and word not in (
            "不",
            "没",
            "未",
            "没有",
            "都",
            "仅",
            "只",
            "的",
            "已",
            "将",
            "最",
        )
        if not (plain and rng.random() < 0.5):
            kept.append(word)
    return "".join(kept)


def _moved_time(text: str) -> str:
    """The text with a date moved behind the first name: 「张三8月7日…」 for 「8月7日，张三…」."""
    match = re.match(r"((?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?)[，,]?(.{2,60})", text)
    if not match:
        return text
    names = typed(match[2])
    if names and names[0].start == 0 and names[0].kind in ("PER", "ORG", "LOC"):
        first = names[0].text
        return first + match[1] + match[2][len(first) :]
    return text


def swap(text: str, old: Typed, new: str) -> tuple[str, Flags]:
    """Return ``text`` with the span ``old`` replaced by ``new``."""
    return text[: old.start] + new + text[old.end :], [(old.start, old.start + len(new))]


def exchanged(text: str, others: Sequence[Typed], rng: random.Random, kinds: Sequence[str] = ()) -> Edited:
    """Replace a number, date or name in ``text`` by another of its kind; numbers preferably keep their unit."""
    spans = [span for span in typed(text) if not kinds or span.kind in kinds]
    rng.shuffle(spans)
    for span in spans:
        pool = [o for o in others if o.kind == span.kind and o.text not in text and span.text not in o.text]
        if span.kind == "number":
            same = [o for o in pool if o.unit[-1:] == span.unit[-1:]]
            pool = same or ([] if rng.random() < 0.7 else pool)
        if pool:
            return swap(text, span, rng.choice(pool).text)
        if span.kind in ("number", "date", "year") and (digits := re.search(r"\d+", span.text)):
            other = _other_digits(digits.group(), rng)
            return swap(text, span, span.text[: digits.start()] + other + span.text[digits.end() :])
    return None


def _other_digits(digits: str, rng: random.Random) -> str:
    number = int(digits)
    if len(digits) == 4 and digits[:2] in ("19", "20"):
        return str(number + rng.choice((-3, -2, -1, 1, 2)))
    limit = max(2, number)
    choices = {number + rng.randint(1, limit), max(1, number - rng.randint(1, limit)), number + 1} - {number}
    return str(rng.choice(sorted(choices)))


def roles_exchanged(text: str, rng: random.Random) -> Edited:
    """Exchange two names, or two numbers, in the sentence."""
    spans = list(typed(text))
    pairs = [
        (a, b)
        for i, a in enumerate(spans)
        for b in spans[i + 1 :]
        if a.kind == b.kind
        and a.text != b.text
        and a.kind in ("PER", "ORG", "LOC", "number")
        and text[a.end : b.start] not in ("、", "和", "与", "及", "至", "到", "-", "，")
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    edited = text[: a.start] + b.text + text[a.end : b.start] + a.text + text[b.end :]
    second = a.start + len(b.text) + b.start - a.end
    return edited, [(a.start, a.start + len(b.text)), (second, second + len(a.text))]


def opposite(text: str, rng: random.Random) -> Edited:
    """Replace a word by its opposite."""
    for pair in rng.sample(_OPPOSITES, len(_OPPOSITES)):
        for old, new in (pair, pair[::-1]):
            place = text.find(old)
            if place >= 0 and new not in text and f"副{old}" not in text:
                return text[:place] + new + text[place + len(old) :], [(place, place + len(new))]
    return None


def negated(text: str, rng: random.Random) -> Edited:
    """Negate a verb, or remove a negation."""
    match = _NEGATED.search(text)
    if match and rng.random() < 0.7:
        rest = text[: match.start()] + ("已" if rng.random() < 0.3 else "") + text[match.end() :]
        return rest, [(match.start(), min(len(rest), match.start() + 2))]
    place, verbs = 0, []
    for word, tag in tagged(text):
        if tag == "v" and len(word) > 1 and place > 1:
            verbs.append(place)
        place += len(word)
    if not verbs:
        return None
    place = rng.choice(verbs)
    no = rng.choice(("没有", "未", "并未", "不再", "拒绝"))
    return text[:place] + no + text[place:], [(place, place + len(no) + 2)]


def plan_told_as_fact(text: str, rng: random.Random) -> Edited:
    """Replace words like 「将于」 and 「计划」 by 「已」."""
    match = _PLAN.search(text)
    if not match:
        return None
    new = rng.choice(("已", "已经", "已于" if match.group().endswith("于") else "已"))
    return text[: match.start()] + new + text[match.end() :], [(match.start(), match.start() + len(new))]


def half_list(text: str, others: Sequence[str], rng: random.Random) -> Edited:
    """Replace one member of a list by something else in the article."""
    match = _LIST.search(text)
    pool = [o for o in others if o not in text]
    if not match or not pool:
        return None
    members = re.split(r"(、|和|及|与|以及)", match.group())
    place = rng.choice(range(0, len(members), 2))
    start = match.start() + len("".join(members[:place]))
    new = rng.choice(pool)
    return text[:start] + new + text[start + len(members[place]) :], [(start, start + len(new))]
