"""Fit the regressions and thresholds of ``rag/verification/fitted.json``.

Run: ``python -m training.fit claims DATA FOLDER``, ``… answers …`` and ``… rerank …`` to collect signals, then
``… weights DATA FOLDER`` to fit them by cross-validation over the sets together and write the file.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import json
import random
import subprocess
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks import data as sets
from benchmarks.answers import sets_of
from benchmarks.newsroom import archive_of_set, read_set, right
from index.article import Article
from index.config import Settings
from index.models.pair import OnnxPairModel, PairModel
from index.text.passages import sentences
from rag import Archive
from rag.evaluation.runner import Question, articles_of, holds
from rag.generation.context import context
from rag.generation.self_check import agrees, log_odds
from rag.llm import Generator, Message, load_generator
from rag.results import Answer, Passage
from rag.retrieval.relevance import relevance
from rag.retrieval.reranking import read_passages, rerank
from rag.verification.checker import Body, judge
from rag.verification.evidence import select
from rag.verification.fitted import regression

from . import examples

FITTED = Path(__file__).parent.parent / "rag" / "verification" / "fitted.json"
Row = dict[str, Any]


def claim_rows(data: Path, folder: Path) -> Iterator[Row]:
    """Statements with a label: readers' claims, questions made statements (CMRC), news edited by program."""
    settings = Settings.load()
    models = OnnxPairModel(settings.cache), Remembering(settings, folder / "replies-claims.jsonl")
    for question in read_set(data / "eval" / "newsroom_dev.jsonl"):
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


_READ = 900  # characters that a claim is held against
_PARAGRAPHS, _PIECES = 60, 100  # of CMRC and of the news, with some claims each


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
    bodies = [Body.of([article]) for article in articles] + ([Body.of(articles)] if 1 < len(articles) <= 3 else [])
    best = max(judge(pair, text, bodies), key=lambda one: (one.printed, one.probability))
    return {
        "set": name,
        "text": text,
        "label": label,
        "kind": kind,
        "group": group,
        "printed": best.printed,
        "signals": {**best.signals, **_attested(generator, text, best.body.articles)},
    }


def _attested(model: Generator, claim: str, articles: Sequence[Article]) -> Mapping[str, float]:
    """What the language model makes of a claim beside the sentences of articles that share most with it."""
    return log_odds(model, agrees(claim, context([p for a in articles for p in _nearest(claim, a)], _READ)))


def _nearest(claim: str, article: Article) -> list[Passage]:
    body = article.body
    spans = sentences(body)
    chosen = select(claim, [body[span.start : span.end] for span in spans])
    places = [(spans[place].start, spans[place].end) for place in chosen] or [(0, len(body))]
    return [Passage(body[start:end], 0.0, start, end, article) for start, end in places]


_known: dict[str, Article] = {}


def _articles(data: Path) -> dict[str, Article]:
    if not _known:
        wanted = {i for q in read_set(data / "eval" / "newsroom_dev.jsonl") for i in q["article_ids"]}
        records = sets.read_jsonl(data / "eval" / "news_20k.jsonl.gz")
        rest = random.Random(3).sample([r for r in records if r["id"] not in wanted], 400)
        for record in (*(r for r in records if r["id"] in wanted), *rest):
            other = (
                "" if record["id"] in wanted else "pool"
            )  # the news set is made of articles that no question is about
            _known[record["id"]] = Article(
                record["id"], "", record["text"], date=record.get("date") or None, source=other
            )
    return _known


def _trial_paragraphs(data: Path) -> Iterator[examples.Paragraph]:
    for entry in json.loads((data / "eval" / "cmrc2018_trial.json").read_text(encoding="utf-8"))["data"]:
        for own in entry["paragraphs"]:
            asked = [(qa["question"], qa["answers"][0]["text"]) for qa in own["qas"] if qa["question"].strip()]
            found = [(q, a, own["context"].find(a)) for q, a in asked if a and a in own["context"]]
            yield examples.Paragraph(entry.get("title", ""), own["context"], found)


class Remembering:
    """A generator whose replies are kept in a file, since they take most of the time and are the same again.

    The model is loaded when a prompt is new.

    Args:
        path: JSON lines, [what was asked, the reply].
    """

    reading_speed: float | None = None
    writing_speed: float | None = None

    def __init__(self, settings: Settings, path: Path) -> None:
        self.name = settings.generator.model
        self._settings = settings
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._known: dict[str, Any] = dict(map(json.loads, lines))
        self._inner: Generator | None = None

    def choice(self, messages: Sequence[Message], choices: Sequence[str]) -> list[float] | None:
        """The probabilities, of the file or of the model."""
        found: list[float] | None = self._kept(
            [list(messages), list(choices)], lambda model: model.choice(messages, choices)
        )
        return found

    def states(self, messages: Sequence[Message], words: str, onward: bool) -> NDArray[np.float32] | None:
        """The states, of the file or of the model."""
        asked = [list(messages), "states", words, onward]
        coded = self._kept(asked, lambda model: _coded(model.states(messages, words, onward)))
        return None if coded is None else _decoded(*coded)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Iterator[str]:
        """The reply, of the file or of the model."""
        yield from self._kept(
            list(messages), lambda model: [piece for piece in model.stream(messages, max_tokens) if piece]
        )

    def _kept(self, asked: Any, answer: Callable[[Generator], Any]) -> Any:
        """What the file has for ``asked``, or else what the model answers, which is added at once."""
        key = json.dumps(asked, ensure_ascii=False)
        if key not in self._known:
            self._inner = self._inner or load_generator(self._settings)
            self._known[key] = answer(self._inner)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, self._known[key]], ensure_ascii=False) + "\n")
        return self._known[key]


def _coded(states: NDArray[np.float32] | None) -> tuple[str, int] | None:
    """States as text, with the number of layers."""
    return None if states is None else (base64.b64encode(states.astype(np.float16).tobytes()).decode(), len(states))


def _decoded(coded: str, layers: int) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(coded), np.float16).astype(np.float32).reshape(layers, -1)


def answer_rows(data: Path, folder: Path, names: Sequence[str], most: int | None) -> Iterator[Row]:
    """Questions asked, each with its draft, its quotation, whether they are right, and the signals."""
    settings = Settings.load()
    answers = settings.answers.model_copy(update={"answered": 1.0, "told": 0.0})  # each with draft and quotation
    settings = settings.model_copy(update={"answers": answers})
    generator = Remembering(settings, folder / "replies.jsonl")
    for name in names:
        if name in ("newsroom", "follow"):
            questions = read_set(data / "eval" / f"{name}_dev.jsonl")
            archive = archive_of_set(data, questions, folder / f"{name}_dev", settings)
            archive._generator = generator
            for question in questions[:most]:
                answer = archive.ask(question["question"], [tuple(turn) for turn in question["history"]])
                yield _answer_row(name, question, answer, right)
            continue
        articles, asked = _other_set(data, name, most)
        with sets.archive_of(articles, settings) as archive:
            archive._generator = generator
            for question in asked:
                narrowed = {"paper": question["paper"]} if name == "rgb-rejection" else {}
                answer = archive.ask(question["question"], read_dates=False, **narrowed)
                yield _answer_row(name, question | {"refuse": not question["answers"]}, answer, _holds)


def _other_set(data: Path, name: str, most: int | None) -> tuple[list[dict[str, str]], list[Row]]:
    """The articles and questions of a set that is no newsroom set; with ``most`` only the first questions'."""
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


def fitted(rows: Sequence[Row], names: Sequence[str], label: str) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """A regression over all sets together, each of the same weight, and its probabilities by cross-validation.

    The folds leave out whole groups (the statements of one article).
    """
    x = np.array([[row["signals"].get(name, np.nan) for name in names] for row in rows])
    x = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
    y = np.array([bool(row[label]) for row in rows])
    counts = {name: sum(row["set"] == name for row in rows) for name in {row["set"] for row in rows}}
    weights = np.array([len(rows) / len(counts) / counts[row["set"]] for row in rows])
    centre, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = (x - centre) / scale
    groups = np.array([zlib.crc32((row.get("group") or row["question"]).encode()) for row in rows])
    chance = np.zeros(len(rows))
    for train, test in GroupKFold(8).split(z, y, groups):
        own = LogisticRegression(C=0.5).fit(z[train], y[train], sample_weight=weights[train])
        chance[test] = own.predict_proba(z[test])[:, 1]
    model = LogisticRegression(C=0.5).fit(z, y, sample_weight=weights)
    coefficients = model.coef_[0] / scale
    bias = float(model.intercept_[0] - (coefficients * centre).sum())
    rounded = {name: round(float(value), 4) for name, value in zip(names, coefficients, strict=True)}
    means = {name: round(float(mean), 4) for name, mean in zip(names, centre, strict=True) if name in LEFT_OUT}
    return {"bias": round(bias, 4), "weights": rounded} | ({"means": means} if means else {}), chance


def rerank_rows(data: Path, folder: Path) -> Iterator[Row]:
    """The best ten passages of each question of four sets: retrieval's score, the model's reading, what is right."""
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
    """Questions of two sets, each asked of its own archive and of the other's, which has nothing to say to it."""
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


def fit_rerank(rows: Sequence[Row]) -> float:
    """The weight of the model's reading with the best mean reciprocal rank, the mean over the sets."""
    names = sorted({row["set"] for row in rows})
    best = (0.0, 0.0)
    for weight in np.linspace(0, 3, 31):
        by = {name: [_reciprocal(row, weight) for row in rows if row["set"] == name] for name in names}
        means = {name: float(np.mean(own)) for name, own in by.items()}
        if weight * 10 % 2 < 0.01:
            print(f"rerank {weight:.1f}", {name: round(mean, 4) for name, mean in means.items()})
        mean = float(np.mean(list(means.values())))
        best = (mean, float(weight)) if mean > best[0] + 1e-9 else best
    return best[1]


def _reciprocal(row: Row, weight: float) -> float:
    total = np.array(row["scores"]) + weight * np.array(row["answers"])
    order = np.argsort(-total, kind="stable")
    return next((1.0 / (place + 1) for place, n in enumerate(order) if row["hits"][n]), 0.0)


# From here a sentence is supported. False accepts are as many as false rejects at 0.21 (0.36, 0.37 on newsroom claims);
# at 0.15 (0.49, 0.26) a fifth more of the right drafts may be given as answers, and no more wrong ones are.
VERDICT_FROM = 0.15
VERDICT = ("supports", "flag", "slots", "missing")
RELEVANT = ("answers", "coverage")
LEFT_OUT = ("has", "fits", "has_probe", "fits_probe")  # by some backends
RIGHT = ("new", *LEFT_OUT, "quoted", "reason")
# A yes is rarer where a reason is asked for.
TOLD = (*LEFT_OUT, "quoted", "reason")
# What an outcome is worth: a refusal of what the paper tells is as bad to a reader as an error.
WORTH = {"right": 1.0, "quoted": 0.9, "wrong": -1.0, "withheld": -1.0, "refused": 1.0, "invented": -1.0}


def fit_verdict(rows: list[Row]) -> dict[str, Any]:
    """The regression of a verdict; prints its errors on each set at ``VERDICT_FROM``, by cross-validation."""
    made, chance = fitted(rows, VERDICT, "label")
    labels = np.array([row["label"] for row in rows], bool)
    names = np.array([row["set"] for row in rows])
    threshold = VERDICT_FROM
    for name in sorted(set(names)):
        own = names == name
        accepted = chance[own & ~labels] >= threshold
        rejected = chance[own & labels] < threshold
        print(
            f"verdict {name}: false accepts {accepted.mean():.3f}, false rejects {rejected.mean():.3f}, n {own.sum()}"
        )
    return made | {"threshold": round(threshold, 3)}


def fit_answers(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """The regressions of an answer, and the thresholds that are worth most over the sets together."""
    asked = [row for row in rows if row["signals"]]
    right, p_right = fitted(asked, RIGHT, "right")
    for row in asked:
        row["tells"] = row["quote_right"] or (row["told"] and row["right"])
    told, p_told = fitted(asked, TOLD, "tells")
    best = (-9.0, 0.5, 0.5)
    for t_right in np.linspace(0.05, 0.9, 35):
        for t_told in np.linspace(0.05, 0.9, 35):
            value = worth(asked, p_right >= t_right, p_told >= t_told)
            best = max(best, (value, float(t_right), float(t_told)))
    _, t_right, t_told = best
    for name in sorted({row["set"] for row in asked}):
        own = [n for n, row in enumerate(asked) if row["set"] == name]
        counts = outcomes([asked[n] for n in own], p_right[own] >= t_right, p_told[own] >= t_told)
        print(f"answers {name}: {counts} of {len(own)}")
    return {
        "right": right | {"threshold": round(t_right, 3)},
        "told": told | {"threshold": round(t_told, 3)},
    }


def outcomes(rows: Sequence[Row], answered: NDArray[np.bool_], told: NDArray[np.bool_]) -> dict[str, int]:
    """How many of each outcome the decisions give."""
    counts = dict.fromkeys(WORTH, 0)
    for row, answers, quotes in zip(rows, answered, told, strict=True):
        given = bool(answers) and row["signals"]["verdict"] >= regression("verdict").threshold
        if not row["told"]:
            counts["invented" if given or quotes else "refused"] += 1
        elif given:
            counts["right" if row["right"] else "wrong"] += 1
        elif quotes:
            counts["quoted" if row["quote_right"] else "wrong"] += 1
        else:
            counts["withheld"] += 1
    return counts


def worth(rows: Sequence[Row], answered: NDArray[np.bool_], told: NDArray[np.bool_]) -> float:
    """The mean over the sets of what the outcomes are worth; a set and its rejections are one."""
    names = {row["set"].partition("-")[0] for row in rows}
    total = 0.0
    for name in names:
        own = [n for n, row in enumerate(rows) if row["set"].partition("-")[0] == name]
        counts = outcomes([rows[n] for n in own], answered[own], told[own])
        total += sum(WORTH[kind] * count for kind, count in counts.items()) / len(own)
    return total / len(names)


def write(folder: Path) -> None:
    """Fit what there are rows for and write ``fitted.json``."""
    made: dict[str, Any] = json.loads(FITTED.read_text(encoding="utf-8"))
    if (folder / "claims.json").exists():
        made["verdict"] = fit_verdict(json.loads((folder / "claims.json").read_text(encoding="utf-8")))
    if (folder / "rerank.json").exists():
        made["rerank"] = {"value": fit_rerank(json.loads((folder / "rerank.json").read_text(encoding="utf-8")))}
    if (folder / "relevance.json").exists():
        own = json.loads((folder / "relevance.json").read_text(encoding="utf-8"))
        relevant, chance = fitted(own, RELEVANT, "told")
        told = chance[[row["told"] for row in own]]
        made["relevant"] = relevant | {"threshold": round(float(told.min() / 2), 3)}
    rows = [
        row for path in sorted(folder.glob("answers-*.json")) for row in json.loads(path.read_text(encoding="utf-8"))
    ]
    if rows:
        made |= fit_answers(rows)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    made["fitted"] = {
        "date": datetime.date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "generator": Settings.load().generator.model,
        "data": sorted({*made["fitted"]["data"], *(p.stem for p in folder.glob("*.json"))}),
    }
    FITTED.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Collect rows or fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["claims", "answers", "rerank", "relevance", "weights"])
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=["newsroom", "cmrc", "rgb", "rgb-rejection"])
    parser.add_argument("--most", type=int)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.what == "weights":
        write(options.folder)
        return
    if options.what in ("claims", "rerank", "relevance"):
        rows = {
            "claims": lambda: claim_rows(options.data, options.folder),
            "rerank": lambda: rerank_rows(options.data, options.folder),
            "relevance": lambda: relevance_rows(options.data, options.folder),
        }[options.what]()
        (options.folder / f"{options.what}.json").write_text(
            json.dumps(list(rows), ensure_ascii=False), encoding="utf-8"
        )
        return
    for name in options.sets:
        own = []
        for row in answer_rows(options.data, options.folder, [name], options.most):
            own.append(row)
            (options.folder / f"answers-{name}.json").write_text(json.dumps(own, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
