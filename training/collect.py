"""Collect the signals for ``training/fit.py``.

Run: ``python -m training.collect claims DATA FOLDER``, ``… answers …``, ``… rerank …`` and ``… relevance …``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from .claim_rows import claim_rows
from .rows import Row, answer_rows, relevance_rows, rerank_rows


def main() -> None:
    """Collect rows and store them as they arrive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["claims", "answers", "rerank", "relevance"])
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=["newsroom", "follow", "rgb", "rgb-rejection"])
    parser.add_argument("--most", type=int, help="questions of a set")
    options = parser.parse_args()
    data, folder, most = options.data, options.folder, options.most
    folder.mkdir(parents=True, exist_ok=True)
    if options.what == "claims":
        _write(claim_rows(data, folder, most), folder / "claims.json")
    elif options.what == "rerank":
        _write(rerank_rows(data, folder), folder / "rerank.json")
    elif options.what == "relevance":
        _write(relevance_rows(data, folder), folder / "relevance.json")
    else:
        for name in options.sets:
            _write(answer_rows(data, folder, name, most), folder / f"answers-{name}.json")


def _write(rows: Iterator[Row], path: Path) -> None:
    """Write the rows, after each one."""
    own = []
    for row in rows:
        own.append(row)
        path.write_text(json.dumps(own, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
