"""Signals of claims with known truth."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import data as sets
from benchmarks.newsroom import read_set
from index.article import Article
from index.config import Settings
from index.models.pair import OnnxPairModel, PairModel
from rag.generation.self_check import attest
from rag.llm import Generator
from rag.verification.checker import judge

from . import examples
from .remembering import Remembering
from .rows import Row

_READ = Settings().answers.context_characters
_PARAGRAPHS, _PIECES = 40, 60  # of CMRC and of the news, with several claims each


def claim_rows(data: Path, folder: Path, most: int | None) -> Iterator[Row]:
    """Yield labelled statements: readers' claims, CMRC questions turned into statements, and edited news sentences.

    Args:
        most: the number of readers' questions.
    """
    settings = Settings.load()
    models = OnnxPairModel(settings.cache), Remembering(settings, folder / "replies-claims.jsonl")
    questions = read_set(data / "eval" / "newsroom_dev.jsonl")
    random.Random(11).shuffle(questions)
    for question in questions[:most]:
        articles = [_articles(data)[i] for i in question["article_ids"]]
        stated = [(question["true_claim"], 1, "true")] * bool(question["true_claim"])
        stated += [(claim["text"], 0, claim["kind"]) for claim in question["false_claims"]]
        for text, label, kind in stated:
            yield _claim_row(models, "newsroom", text, articles, label, kind, question["id"])
    rng = random.Random(7)
    trial = list(_trial_paragraphs(data))
    for number, paragraph in enumerate(rng.sample(trial, min(_PARAGRAPHS, len(trial)))):
        article = Article(str(number), paragraph.title, paragraph.text)
        made = [e for e in examples.of_questions([paragraph], rng) if e.task == "check" and "deleted" not in e.source]
        for example in made[:6]:
            yield _claim_row(models, "cmrc", example.query, [article], example.label, example.source, f"cmrc{number}")
    for article in rng.sample([a for a in _articles(data).values() if a.source], _PIECES):
        record = {"text": article.body, "date": article.date or ""}
        made = [e for e in examples.of_news([record], rng) if e.task == "check" and e.source != "news-deleted"]
        for example in made[:3]:
            yield _claim_row(models, "news", example.query, [article], example.label, example.source, article.id)


def _claim_row(
    models: tuple[PairModel, Generator],
    name: str,
    text: str,
    articles: Sequence[Article],
    label: int,
    kind: str,
    group: str,
) -> Row:
    pair, generator = models
    best = judge(pair, text, articles)
    assert best is not None
    return {
        "set": name,
        "text": text,
        "label": label,
        "kind": kind,
        "group": group,
        "printed": best.printed,
        "signals": {**best.signals, **attest(generator, _READ, text, best.body.articles)},
    }


_known: dict[str, Article] = {}


def _articles(data: Path) -> dict[str, Article]:
    if not _known:
        wanted = {i for q in read_set(data / "eval" / "newsroom_dev.jsonl") for i in q["article_ids"]}
        records = sets.read_jsonl(data / "eval" / "news_20k.jsonl.gz")
        rest = random.Random(3).sample([r for r in records if r["id"] not in wanted], 400)
        for record in (*(r for r in records if r["id"] in wanted), *rest):
            source = "" if record["id"] in wanted else "pool"  # the news set uses articles that no question is about
            article = Article(record["id"], "", record["text"], date=record.get("date") or None, source=source)
            _known[article.id] = article
    return _known


def _trial_paragraphs(data: Path) -> Iterator[examples.Paragraph]:
    for entry in json.loads((data / "eval" / "cmrc2018_trial.json").read_text(encoding="utf-8"))["data"]:
        for own in entry["paragraphs"]:
            asked = [(qa["question"], qa["answers"][0]["text"]) for qa in own["qas"] if qa["question"].strip()]
            found = [(q, a, own["context"].find(a)) for q, a in asked if a and a in own["context"]]
            yield examples.Paragraph(entry.get("title", ""), own["context"], found)
