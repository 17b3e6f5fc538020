"""``make bench``: run benchmarks, write ``results/NAME.json``, print one line each.

Most need the development data: ``python -m benchmarks [--data FOLDER] [NAME…]``. A benchmark whose data is missing is
skipped with a message.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from index.config import Settings
from index.models.embedder import load_embedder, packaged_folder

from . import data, parse
from .memory import peak_memory_mb
from .workers import Worker

RESULTS = Path(__file__).parent / "results"
# The export needs transformers 4, and the version of sentence-transformers before ours; all else is as in ours.
_EXPORTING = [
    "--no-deps",
    "sentence-transformers==5.7.0",
    "transformers==4.57.6",
    "tokenizers==0.22.2",
    "huggingface-hub==0.36.2",
    "optimum==2.1.0",
    "optimum-onnx==0.1.0",
]

Vectors = np.ndarray[Any, np.dtype[np.float32]]


def machine() -> dict[str, Any]:
    """Processor, cores, memory and Python version, as far as the system provides them."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    lines = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    wanted = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8")
    return {
        "processor": fields.get("model name", platform.processor()),
        "instructions": [name for name in wanted if name in fields.get("flags", "").split()],
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
    }


def earlier(name: str) -> dict[str, Any]:
    """The previous result of a benchmark; empty if it was never run."""
    path = RESULTS / f"{name}.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return result


def save(result: dict[str, Any], *, trial: bool = False) -> None:
    """Write ``results/NAME.json``, where NAME is the result's ``benchmark``; the result of a trial is only printed."""
    written = json.dumps(result, ensure_ascii=False, indent=1)
    if trial:
        print(written)
    else:
        (RESULTS / f"{result['benchmark']}.json").write_text(written + "\n", encoding="utf-8")


def environment(folder: Path, packages: Sequence[str]) -> str:
    """Create a virtual environment with additional packages on top of this one; returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    site = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[0])"], check=True, capture_output=True, text=True
    ).stdout.strip()
    Path(site, "ours.pth").write_text(next(p for p in sys.path if p.endswith("site-packages")) + "\n")
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python


def page(folder: Path) -> dict[str, Any]:
    """Questions about a real page: correct answers, citations and refusals, and times, speeds and memory."""
    with data.archive_from(folder / "issues") as archive:
        _ = archive.retrieve("报纸", k=1), archive.generator
        retrieval = [_timed(partial(archive.retrieve, q["question"])) for q in _page_questions() for _ in range(10)]
        rows = []
        for question in _page_questions():
            answer = archive.ask(question["question"])
            titles = {citation.passage.article.title for citation in answer.citations}
            if question["answer"] is None:
                right = answer.refused
            else:
                right = question["answer"] in answer.text and any(question["title"] in title for title in titles)
            speed = {"reading": archive.generator.reading_speed, "writing": archive.generator.writing_speed}
            told = {"answer": answer.text, "refused": answer.refused, "timings": vars(answer.timings)}
            rows.append({"question": question["question"], "right": right, **told, "speed": speed})
    answered = [row for row in rows if not row["refused"]]
    return {
        "right": sum(row["right"] for row in rows),
        "of": len(rows),
        "retrieve_ms_p50": statistics.median(retrieval),
        "first_token_ms_p50": statistics.median(row["timings"]["first_token_ms"] for row in answered),
        "total_ms_p50": statistics.median(row["timings"]["total_ms"] for row in answered),
        "prefill_tokens_a_second": statistics.median(row["speed"]["reading"] or 0.0 for row in answered),
        "decode_tokens_a_second": statistics.median(row["speed"]["writing"] or 0.0 for row in answered),
        "peak_memory_gb": peak_memory_mb() / 1000,
        "rows": rows,
    }


def _page_questions() -> list[dict[str, Any]]:
    return data.read_jsonl(Path(__file__).parent / "page_questions.jsonl")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def embedding(folder: Path) -> dict[str, Any]:
    """Passages per second compared with plain torch float32, alternating in one run; cosine; hit@5 of both on CMRC.

    The library's own export to int8 is measured in the same turns, in an environment of its own.
    """
    from sentence_transformers import SentenceTransformer

    settings = Settings.load()
    ours = load_embedder(settings)
    source = packaged_folder("multilingual-e5-small", settings.cache)
    plain = SentenceTransformer(str(source), device="cpu")
    articles, questions = data.cmrc(folder)
    texts = [record["text"][:250] for record in data.read_jsonl(folder / "eval" / "news_20k.jsonl.gz")[:256]]
    seconds: dict[str, list[float]] = {"ours": [], "torch": [], "exported": []}
    with _exported(source, texts) as (turn, vectors):
        for _ in range(3):
            seconds["ours"].append(_timed(lambda: ours.encode(texts)) / 1000)
            seconds["torch"].append(_timed(lambda: plain.encode_document(texts, show_progress_bar=False)) / 1000)
            seconds["exported"].append(turn())
        exact = plain.encode_document(texts, normalize_embeddings=True)
        cosine, exported_cosine = ((found * exact).sum(axis=1) for found in (ours.encode(texts), vectors()))
    contexts = [article["text"] for article in articles]
    asked = [question.text for question in questions]
    own = [next(iter(question.article_ids)) for question in questions]
    ids = [article["id"] for article in articles]

    def hit5(passages: np.ndarray[Any, Any], queries: np.ndarray[Any, Any]) -> float:
        best = np.argsort(-(queries @ passages.T), axis=1)[:, :5]
        return float(np.mean([o in {ids[i] for i in row} for o, row in zip(own, best, strict=True)]))

    def ratio(other: str) -> float:
        return statistics.median(their / our for our, their in zip(seconds["ours"], seconds[other], strict=True))

    options = {"normalize_embeddings": True, "show_progress_bar": False}
    return {
        "passages_a_second": len(texts) / min(seconds["ours"]),
        "torch_passages_a_second": len(texts) / min(seconds["torch"]),
        "exported_passages_a_second": len(texts) / min(seconds["exported"]),
        "ratio": ratio("torch"),
        "ratio_to_exported": ratio("exported"),
        "mean_cosine": float(cosine.mean()),
        "least_cosine": float(cosine.min()),
        "exported_mean_cosine": float(exported_cosine.mean()),
        "exported_least_cosine": float(exported_cosine.min()),
        "cmrc_hit@5": hit5(ours.encode(contexts), ours.encode(asked, query=True)),
        "cmrc_hit@5_torch": hit5(plain.encode_document(contexts, **options), plain.encode_query(asked, **options)),
    }


@contextmanager
def _exported(source: Path, texts: Sequence[str]) -> Iterator[tuple[Callable[[], float], Callable[[], Vectors]]]:
    """Two functions: embed the texts with the library's own export and return the seconds; the vectors of it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        python = environment(place / "venv", _EXPORTING)
        with Worker([python, str(Path(__file__).with_name("exported.py")), str(source), name]) as worker:
            worker.turn()
            yield lambda: float(worker.turn()["seconds"]), lambda: np.load(place / "vectors.npy")


def reading(folder: Path) -> dict[str, Any]:
    """How well whole issues are split into articles, compared with gold data."""
    return dict(parse.score(folder / "eval" / "pages_dev"))


BENCHMARKS: dict[str, tuple[Callable[[Path], dict[str, Any]], str]] = {
    "page": (page, "issues"),
    "embedding": (embedding, "eval/cmrc2018_trial.json"),
    "reading": (reading, "eval/pages_dev"),
}


def main() -> None:
    """Run the given benchmarks, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="default: all")
    parser.add_argument("--data", type=Path, default=Path("..", "shared"), help="folder of the development data")
    options = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    for name in options.names or BENCHMARKS:
        run, needs = BENCHMARKS[name]
        if not (options.data / needs).exists():
            print(f"{name}: skipped, {options.data / needs} does not exist", file=sys.stderr)
            continue
        result = {"benchmark": name, "machine": machine(), **run(options.data)}
        save(result)
        numbers = {key: round(value, 4) for key, value in result.items() if isinstance(value, int | float)}
        print(f"{name}: {numbers}")


if __name__ == "__main__":
    main()
