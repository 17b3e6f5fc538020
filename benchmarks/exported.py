"""sentence-transformers' own ONNX export in int8: ``python exported.py SOURCE FOLDER``, run in its own environment.

``SOURCE`` is the packaged model's folder; ``FOLDER/texts.json`` contains the passages. For each line on standard input
the passages are embedded once and the seconds written as JSON; the last vectors are in ``FOLDER/vectors.npy``.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

_KIND = "avx512_vnni"
_NAMES = [  # of our versions and of the earlier ones that the export needs
    ("tokenizer_config.json", "TokenizersBackend", "PreTrainedTokenizerFast"),
    ("modules.json", "base.modules.normalize", "sentence_transformer.modules.normalize"),
]


def exported(source: Path, folder: Path) -> Any:  # the class of another version
    """Export, quantise and load the model, with a thread for each core."""
    import onnxruntime
    from sentence_transformers import SentenceTransformer, export_dynamic_quantized_onnx_model

    plain = folder / "plain"
    shutil.copytree(source, plain, ignore=shutil.ignore_patterns("onnx"))
    for name, ours, theirs in _NAMES:
        (plain / name).write_text((plain / name).read_text().replace(ours, theirs))
    provider = {"provider": "CPUExecutionProvider"}
    model = SentenceTransformer(str(plain), device="cpu", backend="onnx", model_kwargs={"export": True, **provider})
    model.save_pretrained(str(folder / "exported"))
    export_dynamic_quantized_onnx_model(model, _KIND, str(folder / "exported"))
    session = onnxruntime.SessionOptions()
    session.intra_op_num_threads = len(os.sched_getaffinity(0))
    options = {"file_name": f"model_qint8_{_KIND}.onnx", "session_options": session, **provider}
    return SentenceTransformer(str(folder / "exported"), device="cpu", backend="onnx", model_kwargs=options)


def main() -> None:
    """Embed once for each line."""
    source, folder = map(Path, sys.argv[1:])
    model = exported(source, folder)
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    for _ in sys.stdin:
        started = time.perf_counter()
        vectors = model.encode_document(texts, show_progress_bar=False)
        seconds = time.perf_counter() - started
        np.save(folder / "vectors.npy", vectors)
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
