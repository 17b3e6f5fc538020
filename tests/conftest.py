"""Closed by default: user folders are temporary, the network is refused, real models need the ``models`` marker."""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.article import Article
from index.build import build
from index.config import PassageSettings, Settings
from index.models.pair import OnnxPairModel, PairModel, Reading, TokenStates
from index.text.words import words
from rag import Archive, cli
from rag.llm import ChatMessage
from rag.results import Passage
from rag.verification.evidence import pieces
from rag.verification.fitted import regression, weight

ROOT = Path(__file__).parent.parent
ISSUES = ROOT / "issues"
DEVELOPMENT_DATA = ROOT.parent / "shared"

_SLOW = (
    "exporting/",
    "fetching/",
    "on_ray/",
    "packing/",
    "serving/",
    "updating/",
    "web/",
    "test_faults",
    "test_hostile",
    "test_privacy",
)
_ALONE = ("on_ray/", "serving/")  # they start many processes, or measure seconds on the clock


def pytest_make_parametrize_id(val: object) -> str | None:
    """Chinese is shown as it is in the ids of tests (pyproject.toml), but no bytes and no line breaks."""
    if isinstance(val, bytes):
        return f"{len(val)} bytes"
    return repr(val)[1:-1] if isinstance(val, str) and not val.isprintable() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what ``make test-quick`` leaves out, and what needs the machine for itself."""
    for item in items:
        place = item.path.relative_to(ROOT / "tests").as_posix()
        if place.startswith(_SLOW):
            item.add_marker("slow")
        if place.startswith(_ALONE) or item.get_closest_marker("models"):
            item.add_marker("alone")


def passages_of(*bodies: str) -> list[Passage]:
    """A whole article of each body, as it is retrieved."""
    articles = [Article(str(number), "", body, paper="江州日报") for number, body in enumerate(bodies)]
    return [Passage(article.body, 1.0, 0, len(article.body), article) for article in articles]


# Weights for FakePairModel, which a new fit of fitted.json leaves as they are: a draft is as right as it is supported.
_FITTED = {
    "verdict": {
        "bias": 0.0,
        "weights": {"flag": -0.5, "agrees": 0.1},
        "means": {"agrees": 0.0},
        "threshold": 0.2,
    },
    "right": {"bias": -2.0, "weights": {"verdict": 8.0}, "threshold": 0.3},
    "stated": {"bias": -3.0, "weights": {"quoted": 0.5}, "threshold": 0.4},
    "rerank": {"value": 1.1},
    "relevant": {"bias": -2.9, "weights": {"answers": 0.56, "coverage": 9.0}, "threshold": 0.06},
}


class FakeEmbedder:
    """Bags of words hashed into 64 dimensions: deterministic, and alike texts are near. Records what it embedded."""

    def __init__(self, name: str = "fake", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.calls: list[list[str]] = []

    @property
    def embedded(self) -> list[str]:
        return [text for call in self.calls for text in call]

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        vectors = np.full((len(texts), self.dimension), 1e-3, np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                vectors[row, hashlib.sha256(word.encode()).digest()[0] % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class FakePairModel:
    """Judges by shared pairs of characters; the answer is the text's first number. Records what it read.

    ``answers``: what every text answers with, in place of that; ``real``: gives the states of texts.
    """

    def __init__(self, answers: float | None = None, real: PairModel | None = None) -> None:
        self.answers, self.real = answers, real
        self.pairs: list[tuple[str, str]] = []

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        self.pairs.extend(pairs)
        return [self._read(query, text) for query, text in pairs]

    def states(self, text: str) -> TokenStates | None:
        return self.real.states(text) if self.real else None

    def _read(self, query: str, text: str) -> Reading:
        wanted, held = pieces(query), pieces(text)
        shared = len(wanted & held) / (len(wanted) or 1)
        number = re.search(r"\d+", text)
        start, end = number.span() if number else (0, min(2, len(text)))
        known = [query[max(0, i - 1) : i + 1] in text or query[i : i + 2] in text for i in range(len(query))]
        flags = np.where(known, -6.0, 4.0).astype(np.float32)
        answers = 20 * (shared - 0.4) if self.answers is None else self.answers
        starts, ends = np.full((2, len(text)), -5.0, np.float32)
        starts[start : start + 1], ends[end - 1 : end] = 5.0, 5.0
        return Reading(answers, 20 * (shared - 0.6), start, end, answers, flags, starts, ends)


class FakeGenerator:
    """Says what it was told to say, a few characters at a time. Records what it was asked and whether it was left."""

    name = "fake"
    reading_speed: float | None = None
    writing_speed: float | None = None

    def __init__(self, reply: str = "") -> None:
        self.reply = reply
        self.asked: list[list[ChatMessage]] = []
        self.stopped = False
        self.chances: list[float] | None = None
        self.held: NDArray[np.float32] | None = None

    def choice(self, messages: Sequence[ChatMessage], choices: Sequence[str]) -> list[float] | None:
        return self.chances

    def tokens(self, text: str) -> int:
        return len(text)

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        self.asked.append(list(messages))
        try:
            for start in range(0, len(self.reply), 3):
                yield self.reply[start : start + 3]
        except GeneratorExit:
            self.stopped = True
            raise


@pytest.fixture(autouse=True)
def closed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A working folder of its own, a temporary cache unless real models are asked for, and no way out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("index.sources.lower_priority", lambda: None)  # a command would lower that of all tests
    if "models" not in request.keywords:
        monkeypatch.setenv("BAOWEN_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("BAOWEN_SEARCH__NAMES", "false")
        monkeypatch.setattr("rag.archive.load_pair_model", lambda *_: FakePairModel())
        monkeypatch.setattr("rag.verification.fitted._file", lambda: _FITTED)
    regression.cache_clear()
    weight.cache_clear()
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture
def settings() -> Settings:
    return Settings(embedder={"model": "fake"})


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def generator() -> FakeGenerator:
    return FakeGenerator()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample issue, built once with the fake embedder. Not to be changed: ``archive_folder`` is a copy."""
    folder = tmp_path_factory.mktemp("sample") / "archive"
    build([ISSUES], folder, FakeEmbedder(), PassageSettings())
    return folder


@pytest.fixture
def archive_folder(tmp_path: Path, sample: Path) -> Path:
    """An archive of the sample issue for one test alone."""
    return Path(shutil.copytree(sample, tmp_path / "archive", symlinks=True))


def opened(folder: Path, settings: Settings, embedder: FakeEmbedder, generator: FakeGenerator) -> Archive:
    """An archive with fakes in place of all models."""
    archive = Archive.open(folder, settings)
    archive.embedder, archive._generator, archive._pair = embedder, generator, FakePairModel()
    return archive


@pytest.fixture(scope="session")
def pair_model() -> PairModel:
    """The trained model itself."""
    return OnnxPairModel(Settings().cache)


@pytest.fixture
def archive(archive_folder: Path, embedder: FakeEmbedder, generator: FakeGenerator, settings: Settings) -> Archive:
    """The sample issue, opened with fakes."""
    return opened(archive_folder, settings, embedder, generator)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in this process, with the fake embedder: status, standard output, standard error."""
    monkeypatch.setenv("BAOWEN_EMBEDDER__MODEL", "fake")
    monkeypatch.setenv("BAOWEN_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setattr("index.models.embedder.LazyEmbedder", lambda settings: FakeEmbedder())
    monkeypatch.setattr("rag.archive.LazyEmbedder", lambda settings: FakeEmbedder())

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["baowen", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return stopped.value.code, captured.out, captured.err

    return run
