"""Load the development data and make temporary archives of it. The data is not part of the product."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.build import build
from index.config import Settings
from index.models.embedder import Embedder, LazyEmbedder
from rag import Archive
from rag.evaluation.runner import Question


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects in a JSONL file, which may be gzipped."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def rgb_questions(data: Path) -> list[dict[str, Any]]:
    """RGB-zh: query, answer (list of alternatives or parts), positive and negative passages."""
    return read_jsonl(data / "eval" / "rgb_zh_dev.jsonl")


def rgb_articles(records: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """Each distinct passage, positive or negative, as an article."""
    texts = dict.fromkeys(text for r in records for text in [*flat(r["positive"]), *flat(r["negative"])])
    return [{"id": f"rgb-{number}", "text": text} for number, text in enumerate(texts)]


def rgb(data: Path) -> tuple[list[dict[str, str]], list[Question]]:
    """RGB-zh: each distinct passage is an article; a question's articles are its positive passages."""
    records = rgb_questions(data)
    articles = rgb_articles(records)
    ids = {article["text"]: article["id"] for article in articles}
    questions = [Question(r["query"], rgb_answer(r), frozenset(ids[t] for t in flat(r["positive"]))) for r in records]
    return articles, questions


def rgb_answer(record: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The parts of an answer, each with its accepted spellings."""
    return tuple(tuple(part) if isinstance(part, list) else (part,) for part in record["answer"])


def cmrc(data: Path) -> tuple[list[dict[str, str]], list[Question]]:
    """CMRC 2018 trial: each paragraph is an article; with its questions."""
    articles, questions = [], []
    for entry in json.loads((data / "eval" / "cmrc2018_trial.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in entry["paragraphs"]:
            articles.append({"id": paragraph["id"], "text": paragraph["context"]})
            for qa in (qa for qa in paragraph["qas"] if qa["question"].strip()):
                answers = (tuple(dict.fromkeys(a["text"] for a in qa["answers"])),)
                questions.append(Question(qa["question"], answers, frozenset([paragraph["id"]])))
    return articles, questions


def news_qa(data: Path, others: int) -> tuple[list[dict[str, str]], list[Question]]:
    """News questions, with their articles and ``others`` more."""
    questions = [
        Question(r["question"], ((r["answer"],),), frozenset([r["article_id"]]))
        for r in read_jsonl(data / "eval" / "news_qa_dev.jsonl")
    ]
    wanted = {article for question in questions for article in question.article_ids}
    articles: list[dict[str, str]] = []
    for record in read_jsonl(data / "eval" / "news_20k.jsonl.gz"):
        if record["id"] in wanted:
            articles.append(record)
        elif others > 0:
            articles.append(record)
            others -= 1
    return articles, questions


def flat(passages: Iterable[str | list[str]]) -> Iterator[str]:
    """Yield the passages of a record, some of which are in nested lists."""
    for passage in passages:
        yield from [passage] if isinstance(passage, str) else passage


@contextmanager
def archive_of(
    articles: Iterable[dict[str, Any]], settings: Settings | None = None, embedder: Embedder | None = None
) -> Iterator[Archive]:
    """An archive of JSONL articles in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "articles.jsonl")
        with source.open("w", encoding="utf-8") as out:
            for article in articles:
                out.write(json.dumps(article, ensure_ascii=False) + "\n")
        with archive_from(source, settings, embedder) as archive:
            yield archive


@contextmanager
def archive_from(source: Path, settings: Settings | None = None, embedder: Embedder | None = None) -> Iterator[Archive]:
    """An archive of a file or folder in a temporary folder."""
    settings = settings or Settings.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive")
        build([source], path, embedder or LazyEmbedder(settings), settings.passages)
        yield Archive.open(path, settings)
