import json
import threading
import time

import numpy as np
import pytest

from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import LazyEmbedder
from tests.model_server import hangs_up, model_server, says, slow, status, vectors


@pytest.fixture(autouse=True)
def short_rests(monkeypatch):
    monkeypatch.setattr("index.models.remote._FIRST_REST_S", 0.01)


def embedder(*servers, **options):
    url = ",".join(server.url for server in servers)
    return LazyEmbedder(Settings(embedder={"url": url, "model": "bge", **options}))


def test_texts_are_embedded_in_batches_in_their_order():
    with model_server(vectors) as server:
        known = embedder(server, batch_size=2, passage_prompt="passage: ")
        found = known.encode(["a" * n for n in range(1, 6)])
        lengths = np.arange(1, 6) + len("passage: ")
        assert found == pytest.approx(np.stack([lengths, np.ones(5)], 1) / np.hypot(lengths, 1)[:, None])
        assert found.dtype == np.float32
        assert sorted(len(request["input"]) for request in server.requests) == [1, 2, 2]
        assert (known.name, known.dimension) == ("bge", 2)
        assert known.encode([]).shape == (0, 2)


def test_questions_have_their_own_prompt():
    with model_server(vectors) as server:
        embedder(server, query_prompt="query: ", passage_prompt="passage: ").encode(["谁？"], query=True)
        assert server.requests[0]["input"] == ["query: 谁？"]


def test_requests_in_flight_are_as_many_as_allowed():
    three, lock, under_way, counts = threading.Barrier(3, timeout=30), threading.Lock(), set(), []

    def turn(handler, body):
        with lock:
            under_way.add(handler)
            counts.append(len(under_way))
        three.wait()  # breaks where fewer are ever in flight
        with lock:
            under_way.remove(handler)
        vectors(handler, body)

    with model_server(turn) as server:
        embedder(server, batch_size=1, in_flight=3).encode(["文"] * 9)
    assert len(counts) == 9
    assert max(counts) == 3


@pytest.mark.parametrize(
    "turn", [status(500), status(503), hangs_up, says(b"{broken"), says(b"[]"), says(b"<html>", "text/html")]
)
def test_what_fails_once_is_asked_again(turn):
    with model_server(vectors, turn) as server:
        assert embedder(server).encode(["文"]).shape == (1, 2)
        assert len(server.requests) == 2


def test_a_server_that_asks_to_wait_is_waited_for():
    with model_server(vectors, status(429, **{"Retry-After": "0.4"})) as server:
        started = time.monotonic()
        embedder(server).encode(["文"])
        assert time.monotonic() - started > 0.39


def test_a_server_that_rests_is_passed_over():
    with model_server(vectors, status(429, **{"Retry-After": "60"})) as busy, model_server(vectors) as other:
        started = time.monotonic()
        known = embedder(busy, other, batch_size=1)
        known.encode(["文"])
        known.encode(["文"] * 5)
        assert time.monotonic() - started < 5
        assert [len(server.requests) for server in (busy, other)] == [1, 6]


def test_a_server_that_is_down_is_passed_over():
    with model_server(vectors) as gone:
        pass
    with model_server(vectors) as other:
        assert embedder(gone, other).encode(["文"]).shape == (1, 2)


def test_a_key_that_is_wrong_is_not_tried_again():
    with model_server(status(401)) as server:
        with pytest.raises(BaowenError, match=f"模型服务 {server.url} 出错.*请查 embedder.url 与密钥"):
            embedder(server).encode(["文"])
        assert len(server.requests) == 1


def test_tries_end():
    with model_server(status(500)) as server:
        with pytest.raises(BaowenError, match="model server"):
            embedder(server, retries=2).encode(["文"])
        assert len(server.requests) == 3


def test_a_silent_server_is_given_up():
    message = r"timed out.*embedder\.timeout"
    with model_server(slow(0.6, vectors)) as server, pytest.raises(BaowenError, match=message):
        embedder(server, timeout=0.1, retries=0).encode(["文"])


def replies(*embeddings):
    data = [{"object": "embedding", "index": i, "embedding": e} for i, e in enumerate(embeddings)]
    said = {"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}}
    return says(json.dumps(said).encode())


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        (replies([1.0, 0.0], [0.0, 1.0]), "wrong number of vectors"),
        (replies([0.0, 0.0]), "no direction"),
        (replies([float("nan"), 1.0]), "no direction"),
        (replies(["x", "y"]), "no vectors in the reply"),
    ],
)
def test_vectors_that_cannot_be_are_refused(turn, message):
    with model_server(turn) as server, pytest.raises(BaowenError, match=message):
        embedder(server, retries=0).encode(["文"])


def test_another_dimension_is_refused():
    with model_server(replies([1.0, 0.0, 0.0]), vectors) as server:
        known = embedder(server, retries=0)
        known.encode(["文"])
        with pytest.raises(BaowenError, match="another dimension"):
            known.encode(["文"])
