"""Scores an archive on questions with known answers or articles."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import Embedder
from index.storage.store import Filter, PassageHit, Store
from index.text.words import question_words
from index.types import JsonObject
from rag.results import Passage
from rag.retrieval.hybrid import search

from .metrics import DEPTH, measures, summarise
from .scoring import score_answers, unmarked

if TYPE_CHECKING:
    from rag.archive import Archive

_IGNORED = str.maketrans("", "", " ,，《》\u3000\t\n")
_ZERO = re.compile(r"(?<!\d)0(?=\d[月日号时分])")


@dataclass(frozen=True)
class Question:
    """A question, the parts its answer must contain (each with its spellings), and, if known, its articles."""

    text: str
    answers: tuple[tuple[str, ...], ...]
    article_ids: frozenset[str] = frozenset()


def read_questions(path: Path) -> list[Question]:
    """Read a file with one ``{"question", "answer" | "answers", "article_id"? | "article_ids"?}`` per line.

    Raises:
        BaowenError: the file cannot be read, or a line has another form; the message names the line.
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
        named = record.get("article_ids", [record["article_id"]] if record.get("article_id") else [])
        return Question(str(record["question"]), aliases, frozenset(map(str, named)))
    except (ValueError, KeyError, AttributeError) as error:
        raise BaowenError(f"{path} 第 {number} 行不是问题 (not a question): {line[:60]!r}") from error


def holds(text: str, answers: Sequence[Sequence[str]]) -> bool:
    """Return whether every part of the answer appears in ``text`` in one of its spellings.

    Spaces, commas, 《》 and the zero of 09日 are ignored.
    """
    plain = _plain(text)
    return bool(answers) and all(any(_plain(alias) in plain for alias in part) for part in answers)


def _plain(text: str) -> str:
    return _ZERO.sub("", unicodedata.normalize("NFKC", text).translate(_IGNORED).lower())


def evaluate(archive: Archive, questions: Sequence[Question], *, with_answers: bool = False) -> JsonObject:
    """Score each retriever and their fusion, with intervals; with ``with_answers`` also the answers.

    A hit is one of the question's articles, counted once at its first rank. If the question names no article, a hit
    is a passage that contains the answer.
    """
    scores: JsonObject = {"questions": len(questions)}
    retrievers = {
        name: summarise([measures(*ranked_hits(passages, q)) for passages, q in zip(lists, questions, strict=True)])
        for name, lists in _rankings(archive, questions).items()
    }
    scores |= {metric: score.mean for metric, score in retrievers["fused"].items()}
    scores["retrievers"] = {
        name: {metric: score.as_dict() for metric, score in measured.items()} for name, measured in retrievers.items()
    }
    if with_answers:
        answers = [archive.ask(question.text) for question in tqdm(questions, desc="回答", disable=None)]
        right = [holds(unmarked(a), q.answers) for a, q in zip(answers, questions, strict=True)]
        scores |= score_answers(answers, right)
    return scores


def _rankings(archive: Archive, questions: Sequence[Question]) -> dict[str, list[list[Passage]]]:
    """The passages each retriever finds alone, and those found with both."""
    store = archive.store
    texts = [question.text for question in questions]
    deep = 2 * DEPTH
    dense = store.dense(archive.embedder.encode(texts, query=True), deep, Filter())
    lexical = [store.lexical(question_words(text), deep, Filter()) for text in texts]
    return {
        "bm25": [retriever_passages(store, hits) for hits in lexical],
        "dense": [retriever_passages(store, hits) for hits in dense],
        "fused": archive.retrieve_many(texts, deep),
    }


def retriever_passages(store: Store, hits: Sequence[PassageHit]) -> list[Passage]:
    """Return the passages that one retriever found, in its order."""
    stored = store.passages([hit.number for hit in hits])
    return [Passage(s.text, h.score, s.span.start, s.span.end, s.article) for s, h in zip(stored, hits, strict=True)]


def ranked_hits(passages: Sequence[Passage], question: Question) -> tuple[list[bool], int]:
    """Return whether each ranked entry is relevant, and the number of relevant entries.

    All passages of an article count as one entry.
    """
    if not question.article_ids:
        hits = [holds(passage.text, question.answers) for passage in passages]
        first = hits.index(True) if True in hits else len(hits)
        return hits[: first + 1], 1
    found = {passage.article.id: articles_of(passage) & question.article_ids for passage in reversed(passages)}
    order = dict.fromkeys(passage.article.id for passage in passages)
    return [bool(found[article]) for article in order], len(question.article_ids)


def articles_of(passage: Passage) -> set[str]:
    """Return the ids of the articles that contain a passage."""
    return {p.article.id for p in (passage, *passage.reprints)} | set(passage.article.reprints)


def hit5_gate(
    questions: Sequence[Question], embedder: Embedder, settings: Settings, least: float
) -> Callable[[Store], None]:
    """Return a gate for ``index.build`` that requires at least this hit@5 of the new snapshot.

    Otherwise it raises ``BaowenError`` with the failed questions, and the old snapshot stays.
    """

    def gate(store: Store) -> None:
        lost = []
        for question in questions:
            found = search(store, embedder, [(question.text, Filter())], 5, settings.retrieval)[0]
            if not any(ranked_hits(found, question)[0]):
                lost.append(question.text)
        hit5 = 1 - len(lost) / len(questions)
        if hit5 < least:
            named = "；".join(lost[:10]) + ("……" if len(lost) > 10 else "")
            raise BaowenError(
                f"新快照没有发布 (not published): hit@5 {hit5:.3f}，要求 {least:.3f}；找不到的问题 (lost): {named}"
            )

    return gate
