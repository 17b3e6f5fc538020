"""Make the training examples: question and passage with an answer's span, statement and evidence with a verdict.

Run: ``python -m training.examples DATA OUT.jsonl``; DATA has ``train/`` (DRCD, CMRC 2018) and ``news_20k.jsonl.gz``.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rag.verification.evidence import BUDGET, evidence

from . import edits
from .text import Typed, sentences, tagged, typed

WINDOW = 210  # characters of a passage for a question
NEWS = 2600  # news articles that statements are made from
SEED = 20261128


@dataclass
class Example:
    """An example; ``flags``: spans of ``query`` not supported by ``text``; ``span``: the answer in ``text``."""

    task: str  # "read" or "check"
    query: str
    text: str
    label: int
    span: tuple[int, int] = (-1, -1)
    flags: list[tuple[int, int]] = field(default_factory=list)
    source: str = ""


# Question words, longest first, with the measure words that may follow 哪.
_NOUN = r"(?:一|两|几|三|四)?(?:个|位|座|种|所|家|条|名|部|项|届|支|件|场|本|间|类|款)?"
_ASKS = re.compile(
    r"(?:什么时候|什么时间|何时|哪一年|哪年|何年|哪一天|哪天|哪一日|几时|哪个月|哪一个月|几月几日|哪里|哪儿|何处|何地|什么地方|"
    r"谁|何人|什么人|什么名字|多少|几(?=[个名位人岁年次天月层座届种])|"
    rf"哪{_NOUN}|什么|何种|何)"
)
_WHY = re.compile(r"为什么|为何|怎么|如何|怎样|是否|原因|吗")


def statement(question: str, answer: str) -> tuple[str, tuple[int, int]] | None:
    """Turn a question into a statement by putting the answer in place of the question word; also return its span."""
    text = re.sub(r"[？?。]+$|^请问|呢(?=[？?]?$)", "", question.strip())
    if _WHY.search(text):
        return None
    matches = list(_ASKS.finditer(text))
    if not matches:
        return None
    match = matches[-1] if matches[-1].group() not in ("何",) else matches[0]
    head, tail = text[: match.start()], text[match.end() :]
    if re.match(r"哪|什么|何种", match.group()):
        # in 「哪个国家」 the noun is removed with the question word
        words = tagged(tail)
        noun = words[0][0] if words and words[0][1] in ("n", "nz", "s", "LOC", "ORG", "vn") else ""
        if noun and not tail[len(noun) :].startswith("是"):
            tail = tail[len(noun) :]
    elif match.group() in ("多少", "几"):
        for length in range(min(3, len(tail)), 0, -1):
            if answer.endswith(tail[:length]):
                tail = tail[length:]
                break
    return head + answer + tail, (len(head), len(head) + len(answer))


def window(body: str, start: int, end: int, rng: random.Random) -> tuple[str, int]:
    """Return about ``WINDOW`` characters of whole sentences around a span, and their offset."""
    bounds = [0]
    for sentence in re.finditer(r"[^。！？；\n]+[。！？；\n]*", body):
        bounds.append(sentence.end())
    first = max((b for b in bounds if b <= start), default=0)
    last = min((b for b in bounds if b >= end), default=len(body))
    left, right = bounds.index(first), bounds.index(last) if last in bounds else len(bounds) - 1
    while bounds[right] - bounds[left] < WINDOW and (left > 0 or right < len(bounds) - 1):
        before = rng.random() < 0.5
        if before and left > 0:
            left -= 1
        elif right < len(bounds) - 1:
            right += 1
        elif left > 0:
            left -= 1
        if bounds[right] - bounds[left] > WINDOW * 1.3:
            break
    return body[bounds[left] : bounds[right]][:400], bounds[left]


@dataclass
class Paragraph:
    """A paragraph of the question sets with its questions, their answers and the answers' offsets."""

    title: str
    text: str
    questions: list[tuple[str, str, int]]


def paragraphs(folder: Path) -> Iterator[Paragraph]:
    """Yield all paragraphs of the question sets, in simplified characters."""
    import opencc

    simplified = opencc.OpenCC("t2s").convert
    for path in sorted(folder.glob("*.json")):
        for document in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in document["paragraphs"]:
                text = simplified(paragraph["context"])
                same = len(text) == len(paragraph["context"])
                found = []
                for qa in paragraph["qas"]:
                    answer = qa["answers"][0]
                    start = answer["answer_start"] if same else text.find(simplified(answer["text"]))
                    own = simplified(answer["text"])
                    if text[start : start + len(own)] != own:
                        start = text.find(own)
                    if start >= 0:
                        found.append((simplified(qa["question"]), own, start))
                yield Paragraph(simplified(document.get("title", "")), text, found)


def of_questions(all_paragraphs: Sequence[Paragraph], rng: random.Random) -> Iterator[Example]:
    """Yield reading and checking examples from the question sets."""
    for place, paragraph in enumerate(all_paragraphs):
        others = typed(paragraph.text)
        answers = [answer for _, answer, _ in paragraph.questions]
        for question, answer, start in paragraph.questions:
            yield from _reading(question, answer, start, paragraph, all_paragraphs, place, rng)
            yield from _checking(question, answer, paragraph, others, answers, rng)


def _reading(
    question: str, answer: str, start: int, own: Paragraph, every: Sequence[Paragraph], place: int, rng: random.Random
) -> Iterator[Example]:
    text, offset = window(own.text, start, start + len(answer), rng)
    span = (start - offset, start - offset + len(answer))
    if text[span[0] : span[1]] == answer:
        yield Example("read", question, text, 1, span, source="qa")
    choice = rng.random()
    if choice < 0.45:  # the passage without the sentence that answers it
        left = "".join(s for s in sentences(own.text) if answer not in s)
        if len(left) > 60:
            yield Example("read", question, left[:WINDOW], 0, source="qa-deleted")
    elif choice < 0.7:  # a neighbouring paragraph
        near = [p for p in every[max(0, place - 3) : place + 4] if p is not own and answer not in p.text]
        if near:
            yield Example("read", question, rng.choice(near).text[:WINDOW], 0, source="qa-near")
    else:  # the question about something else
        asked = edits.exchanged(question, typed(own.text), rng)
        if asked and asked[0] != question:
            yield Example("read", asked[0], text, 0, source="qa-exchanged")


def _checking(
    question: str, answer: str, own: Paragraph, others: Sequence[Typed], answers: Sequence[str], rng: random.Random
) -> Iterator[Example]:
    made = statement(question, answer)
    if not made or len(answer) > 40:
        return
    body = sentences(own.text)

    def example(text: str, flags: edits.Flags, source: str, hidden: str = "") -> Example:
        shown = [s for s in body if not hidden or hidden not in s] or body[:1]
        return Example("check", text, evidence(text, shown, BUDGET), int(not flags), flags=flags, source=source)

    true, (start, end) = made
    yield example(true, [], "claim-true")
    kind = next((t.kind for t in typed(answer)), "")
    pool = [o.text for o in others if o.kind == kind and o.text not in answer and answer not in o.text]
    pool += [a for a in answers if a != answer and next((t.kind for t in typed(a)), "") == kind]
    if pool:
        wrong = rng.choice(pool)
        yield example(true[:start] + wrong + true[end:], [(start, start + len(wrong))], "claim-answer")
    choice = rng.random()
    made_false = None
    if choice < 0.5:
        made_false = edits.exchanged(true, [o for o in others if o.text != answer], rng)
    elif choice < 0.65:
        made_false = edits.opposite(true, rng) or edits.negated(true, rng)
    elif choice < 0.75:
        made_false = edits.negated(true, rng)
    elif choice < 0.85:
        made_false = edits.roles_exchanged(true, rng)
    if made_false:
        yield example(*made_false, "claim-edited")
    elif rng.random() < 0.5:
        yield example(true, [(start, end)], "claim-deleted", hidden=answer)


def of_news(articles: Sequence[dict[str, str]], rng: random.Random) -> Iterator[Example]:
    """Yield checking and reading examples from plain news texts."""
    for article in articles:
        body = sentences(article["text"][:1800])
        usable = [s for s in body[:25] if 18 <= len(s) <= 160]
        if len(body) < 4 or not usable:
            continue
        others = typed("".join(body)[:1200])
        year = (article.get("date") or "")[:4]
        for sentence in rng.sample(usable, min(4, len(usable))):
            yield from _of_sentence(sentence, body, others, year, rng)


def _of_sentence(
    sentence: str, body: list[str], others: Sequence[Typed], year: str, rng: random.Random
) -> Iterator[Example]:
    short = edits.compress(sentence, rng)
    if not 10 <= len(short) <= 90:
        return

    def example(text: str, flags: edits.Flags, source: str, *, hidden: bool = False) -> Example:
        shown = [s for s in body if not (hidden and s == sentence)]
        return Example("check", text, evidence(text, shown, BUDGET), int(not flags), flags=flags, source=source)

    true = edits.reword(short, rng, year)
    if rng.random() < 0.75:
        yield example(true, [], "news-true")
    makers = [
        lambda t: edits.exchanged(t, others, rng, ("number", "year", "date")),
        lambda t: edits.exchanged(t, others, rng, ("PER", "LOC", "ORG", "nw", "nz")),
        lambda t: edits.roles_exchanged(t, rng),
        lambda t: edits.opposite(t, rng),
        lambda t: edits.negated(t, rng),
        lambda t: edits.plan_told_as_fact(t, rng),
        lambda t: edits.half_list(t, [o.text for o in others if o.kind in ("PER", "LOC", "ORG", "nz")], rng),
        lambda t: _other_subject(t, others, rng),
    ]
    rng.shuffle(makers)
    wanted = 1 if rng.random() < 0.7 else 2
    for maker in makers:
        made = maker(true)
        if made and made[0] != true and made[0] not in "".join(body):
            yield example(*made, "news-false")
            wanted -= 1
            if not wanted:
                break
    if rng.random() < 0.12:
        yield example(true, [(0, len(true))], "news-deleted", hidden=True)
    yield from _cloze(true, sentence, body, others, rng)


def _other_subject(text: str, others: Sequence[Typed], rng: random.Random) -> edits.Edited:
    """Replace the first name in the statement by another name of any kind in the article."""
    named = [s for s in typed(text) if s.kind in ("PER", "ORG", "LOC", "nz")]
    pool = [o.text for o in others if o.kind in ("PER", "ORG", "LOC", "nz") and o.text not in text]
    return edits.swap(text, named[0], rng.choice(pool)) if named and pool else None


_ASKED_BY = {
    "date": ("哪天", "什么时候", "几月几日"),
    "year": ("哪一年", "哪年"),
    "PER": ("谁", "哪位", "哪个人"),
    "LOC": ("哪里", "什么地方", "哪个地方"),
    "ORG": ("哪家单位", "哪个机构", "哪家"),
    "nw": ("哪部作品", "什么"),
    "nz": ("什么", "哪个"),
}


def _cloze(true: str, sentence: str, body: list[str], others: Sequence[Typed], rng: random.Random) -> Iterator[Example]:
    """A question made from a statement by asking for one of its spans."""
    spans = [s for s in typed(true) if s.text in sentence and (s.kind in _ASKED_BY or s.unit)]
    if not spans or rng.random() < 0.35:
        return
    span = rng.choice(spans)
    asks = rng.choice(_ASKED_BY.get(span.kind, (f"多少{span.unit}", "多少")))
    question = f"{true[: span.start]}{asks}{true[span.end :]}？"
    joined = "".join(body)
    start = joined.find(sentence) + sentence.find(span.text)
    text, offset = window(joined, start, start + len(span.text), rng)
    choice = rng.random()
    if choice < 0.5:
        if text[start - offset : start - offset + len(span.text)] == span.text:
            yield Example("read", question, text, 1, (start - offset, start - offset + len(span.text)), source="cloze")
    elif choice < 0.75:
        left = "".join(s for s in body if s != sentence)[: 3 * WINDOW]
        begin = rng.randint(0, max(0, len(left) - WINDOW))
        yield Example("read", question, left[begin : begin + WINDOW], 0, source="cloze-deleted")
    else:
        made = _other_subject(question, others, rng)
        if made:
            yield Example("read", made[0], text, 0, source="cloze-exchanged")


def main(data: Path, out: Path) -> None:
    """Write all examples, shuffled."""
    rng = random.Random(SEED)
    every = list(paragraphs(data / "train"))
    made = list(of_questions(every, rng))
    with gzip.open(data / "news_20k.jsonl.gz", "rt", encoding="utf-8") as lines:
        news = [json.loads(line) for line in lines]
    # never the articles that the development questions are about
    held = {i for name in ("newsroom_dev", "follow_dev") for i in _article_ids(data / f"{name}.jsonl")}
    news = [article for article in news if article["id"] not in held and len(article["text"]) > 200]
    made += of_news(rng.sample(news, NEWS), rng)
    rng.shuffle(made)
    with out.open("w", encoding="utf-8") as lines:
        for example in made:
            lines.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")


def _article_ids(path: Path) -> list[str]:
    rows = path.read_text(encoding="utf-8").splitlines()
    return [i for row in rows if row.strip() for i in json.loads(row)["article_ids"]]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
