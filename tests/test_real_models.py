"""The packaged models, end to end, on the sample issue. Slow: about two minutes on two cores."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from index.build import build
from index.config import Settings
from index.models.embedder import load_embedder, packaged_folder
from rag import Archive

from .conftest import ISSUES

pytestmark = pytest.mark.models

TEXTS = ["江州上调户外劳动者高温津贴，标准由每月200元提高到300元。", "她能用吊钩把一枚硬币准确地放进水杯。", "短。"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    settings = Settings.load()
    folder = tmp_path_factory.mktemp("real") / "archive"
    build([ISSUES], folder, load_embedder(settings), settings.passages)
    return Archive.open(folder, settings)


def test_onnx_agrees_with_torch(archive):
    folder = packaged_folder("multilingual-e5-small", archive.settings.cache)
    plain = SentenceTransformer(str(folder), device="cpu")
    expected = plain.encode_document(TEXTS, normalize_embeddings=True)
    ours = archive.embedder.encode(TEXTS)
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert (expected * ours).sum(axis=1).min() > 0.99
    query = plain.encode_query(["谁能把硬币放进水杯？"], normalize_embeddings=True)
    assert (query @ archive.embedder.encode(["谁能把硬币放进水杯？"], query=True).T).item() > 0.99


def test_any_sentence_transformers_folder_can_be_the_embedder(archive):
    folder = packaged_folder("multilingual-e5-small", archive.settings.cache)
    plain = load_embedder(Settings(embedder={"model": str(folder), "backend": "torch", "device": "cpu"}))
    assert plain.name == str(folder)
    assert (plain.encode(TEXTS) * archive.embedder.encode(TEXTS)).sum(axis=1).min() > 0.99


def test_a_batch_gives_what_each_text_gives_alone(archive):
    together = archive.embedder.encode(TEXTS)
    alone = np.concatenate([archive.embedder.encode([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(
    ("question", "answer", "title"),
    [
        ("塔吊司机蓝采薇每天要爬多高的塔吊？", "68米", "塔吊上的“绣花姑娘”"),
        ("职工足球联赛决赛的比分是多少？", "3比2", "职工足球联赛港口队夺冠"),
        ("岳长庚修表修了多少年？", "38年", "三十八年修表人"),
    ],
)
def test_a_question_is_answered_from_the_right_article(archive, question, answer, title):
    result = archive.ask(question)
    assert not result.refused
    assert answer in result.text
    assert title in {citation.passage.article.title for citation in result.citations}
    for citation in result.citations:
        assert citation.quote == citation.passage.article.body[citation.start : citation.end]
    assert result.timings.first_token_ms > result.timings.retrieve_ms > 0


def test_what_the_newspaper_does_not_say_is_refused(archive):
    result = archive.ask("上海地铁一共有多少条线路？")
    assert (result.refused, result.kind) == (True, "refused")
    assert all(citation.quote in citation.passage.article.body for citation in result.citations)  # at most the nearest


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives single threads a priority")
def test_the_model_gives_way_to_searches(archive):
    _ = archive.generator
    before = _threads()
    archive.ask("岳长庚修表修了多少年？")
    spent = {thread: (used - before.get(thread, (0, 0))[0], nice) for thread, (used, nice) in _threads().items()}
    _, nice = max(spent.values())
    assert nice > os.nice(0)


def _threads():
    """Processor time and niceness of each of this process's threads."""
    found = {}
    for stat in Path("/proc/self/task").glob("*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        found[stat.parent.name] = (int(fields[11]), int(fields[16]))
    return found
