"""A sentence-transformers module whose token embeddings are computed by ONNX Runtime.

The library's own export to int8 takes 2.5 times the processor time (benchmarks/trials.md, 2026-12-01).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

import onnxruntime
import torch
from sentence_transformers.base.modules import InputModule
from tokenizers import Tokenizer

from index.privacy import silence_onnxruntime

silence_onnxruntime()


class Features(TypedDict, total=False):
    """What sentence-transformers passes from module to module; lists and rows are one per text."""

    token_ids: list[list[int]]
    token_embeddings: torch.Tensor
    attention_mask: torch.Tensor


class OnnxEncoder(InputModule):
    """Runs one unpadded text per thread, each with a single ONNX Runtime thread.

    On two cores this is 1.5 times as fast as two threads sharing a text (benchmarks/trials.md), and no time is spent on
    padding. Rows are padded only afterwards, for the pooling module.

    Args:
        folder: a sentence-transformers folder that also contains ``onnx/encoder.onnx``.
        threads: number of texts processed at a time; None means one per usable core.
    """

    def __init__(self, folder: Path, max_tokens: int, threads: int | None = None) -> None:
        super().__init__()
        self.max_seq_length = max_tokens
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(max_tokens)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = folder / "onnx" / "encoder.onnx"
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._pool = ThreadPoolExecutor(threads or torch.get_num_threads(), thread_name_prefix="embed")

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **kwargs: object) -> Features:
        """Tokenise texts, each prefixed with ``prompt``; rows keep their own lengths."""
        encodings = self.tokenizer.encode_batch([(prompt or "") + text for text in inputs])
        return {"token_ids": [encoding.ids for encoding in encodings]}

    def forward(self, features: Features, **kwargs: object) -> Features:
        """Add ``token_embeddings`` (texts, tokens, hidden), zero-padded, and their ``attention_mask``."""
        rows = list(self._pool.map(self._run, features["token_ids"]))
        lengths = torch.tensor([len(row) for row in rows])
        features["token_embeddings"] = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        features["attention_mask"] = (torch.arange(int(lengths.max())) < lengths[:, None]).long()
        return features

    def _run(self, token_ids: list[int]) -> torch.Tensor:
        (hidden,) = self._session.run(None, {"input_ids": [token_ids]})
        return torch.from_numpy(hidden[0])

    def save(self, output_path: str, *args: object, **kwargs: object) -> None:
        """Not supported: the folder that the model was loaded from is its saved form."""
        raise NotImplementedError("copy the model's folder instead")
