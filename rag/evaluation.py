"""Score an archive on questions whose answers, or articles, are known."""

from __future__ import annotations

import json
import statistics
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from index.config import Settings
from index.embedder import Embedder
from index.errors import BaowenError
from index.store import Filter, Store

from .results import Passage
from .retrieval import search

if TYPE_CHECKING:
    from .archive import Archive

_DEPTH = 10
_IGNORED = str.maketrans("", "", " ,，《》\u3000\t\n")


@dataclass(frozen=True)
class Question:
    """A question, the parts its answer must hold (each a list of ways to write it), and perhaps its article."""

    text: str
    answers: tuple[tuple[str, ...], ...]
    article_id: str | None = None


def read_questions(path: Path) -> list[Question]:
    """Read ``{"question", "answer" | "answers", "article_id"?}`` a line.

    Raises:
        BaowenError: the file cannot be read or a line is of another shape; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BaowenError(f"无法读取问题集 {path} (cannot read): {error}") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            questions.append(_question(path, number, line))
    if not questions:
        raise BaowenError(f"问题集 {path} 是空的 (no questions)")
    return questions


def _question(path: Path, number: int, line: str) -> Question:
    try:
        record = json.loads(line)
        answers = record.get("answers", record.get("answer", []))
        parts = answers if isinstance(answers, list) else [answers]
        aliases = tuple(tuple(map(str, part)) if isinstance(part, list) else (str(part),) for part in parts)
        return Question(str(record["question"]), aliases, record.get("article_id"))
    except (ValueError, KeyError, AttributeError) as error:
        raise BaowenError(f"{path} 第 {number} 行不是问题 (not a question): {line[:60]!r}") from error


def holds(text: str, answers: Sequence[Sequence[str]]) -> bool:
    """Whether every part of the answer stands in ``text`` in one of its ways; spaces, commas and 《》 do not count."""
    plain = _plain(text)
    return bool(answers) and all(any(_plain(alias) in plain for alias in part) for part in answers)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_IGNORED).lower()


def evaluate(archive: Archive, questions: Sequence[Question], *, with_answers: bool = False) -> dict[str, Any]:
    """hit@1, 3, 5, 10 and MRR@10 of retrieval; with answers also accuracy, share refused, length and time.

    A passage is a hit when it is of the question's article, or where none is named, when it holds the answer.
    """
    ranks = [_rank(archive.retrieve(q.text, _DEPTH), q) for q in tqdm(questions, desc="检索", disable=None)]
    scores: dict[str, Any] = {"questions": len(questions)}
    for k in (1, 3, 5, _DEPTH):
        scores[f"hit@{k}"] = statistics.fmean(rank is not None and rank <= k for rank in ranks)
    scores[f"mrr@{_DEPTH}"] = statistics.fmean(1 / rank if rank else 0.0 for rank in ranks)
    if with_answers:
        answers = [archive.ask(question.text) for question in tqdm(questions, desc="回答", disable=None)]
        given = [answer for answer in answers if not answer.refused]
        right = [holds(a.text, q.answers) and not a.refused for a, q in zip(answers, questions, strict=True)]
        scores["accuracy"] = statistics.fmean(right)
        scores["refused"] = 1 - len(given) / len(answers)
        scores["mean_length"] = statistics.fmean(len(answer.text) for answer in given) if given else 0.0
        scores["total_ms_p50"] = statistics.median(answer.timings.total_ms for answer in answers)
    return scores


def hit5_gate(
    questions: Sequence[Question], embedder: Embedder, settings: Settings, least: float
) -> Callable[[Store], None]:
    """A gate for ``index.build``: the new state must find at least this share of the questions among its first five.

    It raises ``BaowenError`` with the questions that were lost, and the old state stays.
    """

    def gate(store: Store) -> None:
        lost = []
        for question in questions:
            found = search(store, embedder, question.text, 5, Filter(), settings.retrieval)
            if _rank(found, question) is None:
                lost.append(question.text)
        hit5 = 1 - len(lost) / len(questions)
        if hit5 < least:
            named = "；".join(lost[:10]) + ("……" if len(lost) > 10 else "")
            raise BaowenError(
                f"新快照没有发布 (not published): hit@5 {hit5:.3f}，要求 {least:.3f}；找不到的问题 (lost): {named}"
            )

    return gate


def _rank(passages: Sequence[Passage], question: Question) -> int | None:
    for rank, passage in enumerate(passages, 1):
        if question.article_id is not None:
            hit = passage.article.id == question.article_id
        else:
            hit = holds(passage.text, question.answers)
        if hit:
            return rank
    return None
