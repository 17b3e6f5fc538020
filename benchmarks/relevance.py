"""Fit the relevance gate: questions asked of archives with and without the passages that belong to them.

``python -m benchmarks.relevance DATA`` prints the weights for ``rag/evidence.py`` and the curve of wrong refusals
against refusals of unanswerable questions.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from rag import Archive, Passage
from rag.evaluation import Question
from rag.evidence import signals
from rag.ranking import word_weights

from . import data

_DEEP = 60


def features(archive: Archive, question: str, found: list[Passage]) -> list[float]:
    """Coverage and cosine of what would be shown to the model."""
    measured = signals(word_weights(archive.store, question), found[: archive.settings.answers.passages])
    return [measured.coverage, measured.cosine]


def with_and_without(archive: Archive, question: str, own: set[str]) -> tuple[list[float], list[float]]:
    """Features with the question's own articles in the archive, and with them left out."""
    found = archive.retrieve(question, _DEEP)
    return features(archive, question, found), features(
        archive, question, [p for p in found if p.article.id not in own]
    )


def collect(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """All features and whether the question could be answered."""
    rows: list[list[float]] = []
    labels: list[int] = []
    records = data.rgb_questions(folder)
    articles = data.rgb_articles(records)
    ids = {article["text"]: article["id"] for article in articles}
    sets: list[tuple[list[dict[str, str]], list[tuple[str, set[str]]]]] = []
    rgb = [(r["query"], {ids[a["text"]] for a in data.rgb_articles([r])}) for r in records]
    sets.append((articles, rgb))
    for more, questions in (data.news_qa(folder, 800), data.cmrc(folder)):
        sets.append((more, [(q.text, set(q.article_ids)) for q in _sample(questions, 300)]))
    for articles_of_set, asked in sets:
        with data.archive_of(articles_of_set) as archive:
            for question, own in asked:
                inside, outside = with_and_without(archive, question, own)
                rows += [inside, outside]
                labels += [1, 0]
    return np.array(rows), np.array(labels)


def _sample(questions: list[Question], count: int) -> list[Question]:
    return questions[:: max(1, len(questions) // count)][:count]


def main(folder: Path) -> None:
    """Fit and print."""
    x, y = collect(folder)
    model = LogisticRegression(C=1e4)
    probability = cross_val_predict(model, x, y, cv=10, method="predict_proba")[:, 1]
    model.fit(x, y)
    print(
        f"weights: ({model.intercept_[0]:.2f}, {model.coef_[0][0]:.2f}, {model.coef_[0][1]:.2f})  questions: {len(y)}"
    )
    for threshold in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        wrong = np.mean(probability[y == 1] < threshold)
        right = np.mean(probability[y == 0] < threshold)
        print(f"threshold {threshold:.2f}: wrongly refused {wrong:.3f}, rightly refused {right:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
