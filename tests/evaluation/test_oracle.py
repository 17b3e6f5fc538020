"""Scores of ranked lists against those of trec_eval (ir-measures), on generated rankings.

Two definitions differ. A hit at k is trec_eval's Success@k: one relevant article is enough, so it is recall only where
one article is relevant. And a question to which nothing is relevant counts as 0 here and is left out by trec_eval.
"""

import random

import ir_measures
import pytest
from ir_measures import RR, R, Success, nDCG

from rag.evaluation.metrics import METRICS, measures

ORACLE = dict(zip(METRICS, (Success @ 1, Success @ 3, Success @ 5, Success @ 10, RR @ 10, nDCG @ 10), strict=True))


def generated(seed):
    """Up to fifteen found articles of which some are relevant, and up to twelve relevant ones that are not found."""
    draw = random.Random(seed)
    hits = [draw.random() < draw.choice((0.1, 0.5)) for _ in range(draw.randint(1, 15))]
    return hits, sum(hits) + draw.choice((0, 0, 1, 12))


def judged(hits, relevant):
    """The same ranking as trec_eval takes it: judgements of articles, and a score of each that was found."""
    found = {f"d{rank:02}": float(-rank) for rank in range(len(hits))}
    right = [name for name, hit in zip(found, hits, strict=True) if hit]
    right += [f"missed{n}" for n in range(relevant - len(right))]
    return {"q": dict.fromkeys(right, 1)}, {"q": found}


@pytest.mark.parametrize("name", METRICS)
def test_each_score_is_that_of_trec_eval(name):
    rankings = [(hits, relevant) for hits, relevant in map(generated, range(300)) if relevant]
    ours = [measures(hits, relevant)[METRICS.index(name)] for hits, relevant in rankings]
    oracle = [ir_measures.calc_aggregate([ORACLE[name]], *judged(*ranking))[ORACLE[name]] for ranking in rankings]
    assert len({round(score, 6) for score in ours}) > 1
    assert ours == pytest.approx(oracle)


def test_a_hit_is_recall_where_one_article_is_relevant():
    rankings = [(hits, relevant) for hits, relevant in map(generated, range(300)) if relevant == 1]
    assert len(rankings) > 20
    for hits, relevant in rankings:
        assert (
            measures(hits, relevant)[METRICS.index("hit@5")]
            == ir_measures.calc_aggregate([R @ 5], *judged(hits, relevant))[R @ 5]
        )


def test_a_question_to_which_nothing_is_relevant_scores_nothing():
    assert measures([False, False], 0) == [0.0] * len(METRICS)
