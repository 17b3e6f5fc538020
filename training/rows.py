"""Signals of answers and of retrieved passages that are known to be right or wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import data as sets
from benchmarks.answers import sets_of
from benchmarks.newsroom import archive_of_set, read_set, right
from index.config import Settings
from rag import Archive
from rag.evaluation.calibration import undecided
from rag.evaluation.runner import Question, articles_of, holds
from rag.results import Answer
from rag.retrieval.relevance import relevance
from rag.retrieval.reranking import read_passages, rerank

from .remembering import Remembering

Row = dict[str, Any]


def answer_rows(data: Path, folder: Path, name: str, most: int | None) -> Iterator[Row]:
    """Yield questions with the draft, the quotation, whether these are right, and the signals."""
    for question, answer, is_right in answered(data, folder, name, most, undecided(Settings.load())):
        yield _answer_row(name, question, answer, is_right)


def answered(
    data: Path, folder: Path, name: str, most: int | None, settings: Settings
) -> Iterator[tuple[Row, Answer, Callable[..., bool]]]:
    """Yield the questions of a set with the answers and the function that judges them.

    Args:
        folder: stores the archives of newsroom_dev and follow_dev, and the language model's replies.
        name: ``newsroom``, ``follow``, ``rgb``, ``rgb-rejection``, ``cmrc`` or ``news_qa``.
        most: the number of questions; None: all.
    """
    generator = Remembering(settings, folder / "replies.jsonl")
    if name in ("newsroom", "follow"):
        questions = read_set(data / "eval" / f"{name}_dev.jsonl")
        archive = archive_of_set(data, questions, folder / f"{name}_dev", settings)
        archive._generator = generator
        for question in questions[:most]:
            yield question, archive.ask(question["question"], [tuple(turn) for turn in question["history"]]), right
        return
    articles, asked = _other_set(data, name, most)
    with sets.archive_of(articles, settings) as archive:
        archive._generator = generator
        for question in asked:
            narrowed = {"paper": question["paper"]} if name == "rgb-rejection" else {}
            answer = archive.ask(question["question"], read_dates=False, **narrowed)
            yield question | {"refuse": not question["answers"]}, answer, _holds


def _other_set(data: Path, name: str, most: int | None) -> tuple[list[dict[str, str]], list[Row]]:
    """The articles and questions of RGB-zh, CMRC or news_qa; ``most``: the number of questions, None for all."""
    if name.startswith("rgb"):
        mode = "rejection" if name == "rgb-rejection" else "end to end"
        records = sets.rgb_questions(data)[:most]
        asked = [
            {"question": r["query"], "answers": sets.rgb_answer(r) if mode == "end to end" else [], "paper": f"q{n}"}
            for n, r in enumerate(records)
        ]
        return sets_of(records, mode), asked
    articles, questions = sets.cmrc(data) if name == "cmrc" else sets.news_qa(data, 2000)
    step = max(1, len(questions) // (most or len(questions)))
    return articles, [{"question": q.text, "answers": q.answers} for q in questions[::step]]


def _holds(question: Row, text: str, *, wrong: bool = True) -> bool:
    return holds(text, question["answers"])


def _answer_row(name: str, question: Row, answer: Answer, is_right: Callable[..., bool]) -> Row:
    draft = answer.text if answer.kind == "answered" else (answer.draft.text if answer.draft else "")
    quote = "" if answer.kind == "answered" else "".join(sentence.text for sentence in answer.sentences)
    told = not question["refuse"]
    return {
        "set": name,
        "question": question["question"],
        "understood": answer.question,
        "kind": answer.kind,
        "reason": answer.reason,
        "draft": draft,
        "right": told and bool(draft) and is_right(question, draft),
        "quote": quote,
        "quote_right": told and is_right(question, quote, wrong=False),
        "told": told,
        "expected": question["answers"],
        "supported": answer.kind == "answered"
        or bool(answer.draft and answer.draft.verdict and answer.draft.verdict.supported),
        "signals": dict(answer.signals or {}),
    }


def rerank_rows(data: Path, folder: Path) -> Iterator[Row]:
    """Yield the ten best passages of questions in four sets: retrieval scores, model scores, and relevance."""
    settings = Settings.load()
    bare = settings.model_copy(update={"retrieval": settings.retrieval.model_copy(update={"rerank": 0})})
    questions = read_set(data / "eval" / "newsroom_dev.jsonl")
    own = [Question(q["question"], (), frozenset(q["article_ids"])) for q in questions if not q["history"]]
    archive = archive_of_set(data, questions, folder / "newsroom_dev", bare)
    yield from _ranked("newsroom", archive, [question for question in own if question.article_ids])
    for name, (articles, asked) in (
        ("rgb", sets.rgb(data)),
        ("cmrc", sets.cmrc(data)),
        ("news_qa", sets.news_qa(data, 2000)),
    ):
        with sets.archive_of(articles, bare) as archive:
            yield from _ranked(name, archive, asked[:: max(1, len(asked) // 200)])


def relevance_rows(data: Path, folder: Path) -> Iterator[Row]:
    """Yield questions of two sets, asked on their own archive and on the other's, which has no answers to them."""
    settings = Settings.load()
    bare = settings.model_copy(update={"retrieval": settings.retrieval.model_copy(update={"rerank": 0})})
    newsroom = read_set(data / "eval" / "newsroom_dev.jsonl")
    news = archive_of_set(data, newsroom, folder / "newsroom_dev", bare)
    asked = [q["question"] for q in newsroom if not q["history"]][::4]
    articles, questions = sets.cmrc(data)
    with sets.archive_of(articles, bare) as other:
        texts = [question.text for question in questions][::18]
        for archive, own, name, label in (
            (news, asked, "newsroom", True),
            (other, texts, "cmrc", True),
            (news, texts, "newsroom", False),
            (other, asked, "cmrc", False),
        ):
            for question in own:
                found = rerank(read_passages(archive.pair, question, archive.retrieve(question, 10)))
                yield {
                    "set": name,
                    "question": question,
                    "told": label,
                    "signals": relevance(archive.store, question, found),
                }


def _ranked(name: str, archive: Archive, questions: Sequence[Question]) -> Iterator[Row]:
    found = archive.retrieve_many([question.text for question in questions], 10)
    for question, passages in zip(questions, found, strict=True):
        read = read_passages(archive.pair, question.text, passages)
        yield {
            "set": name,
            "scores": [one.passage.score for one in read],
            "answers": [one.reading.answers for one in read],
            "hits": [bool(articles_of(one.passage) & question.article_ids) for one in read],
        }
