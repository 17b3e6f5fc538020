"""The trained pair model in torch: for CUDA, where it reads all pairs at once in half precision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer

from index.types import Float32

from .e5 import bert_of
from .onnx_graph import Int8
from .pair import MAX_TOKENS, STATES_OF, Reading, TokenStates, pair_folder, reading_of, trained_base, trained_weights

_TOGETHER = 64  # pairs
_PADDING = 1


class TorchPairModel:
    """The same weights as ``OnnxPairModel``, not rounded to int8.

    Raises:
        BaowenError: as ``OnnxPairModel``.
    """

    def __init__(self, cache: Path, mirror: str | None, device: str) -> None:
        trained = trained_weights()
        self._tokenizer = Tokenizer.from_file(str(pair_folder(cache, mirror) / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
        self._device = device
        self._dtype = torch.float16 if device.startswith("cuda") else torch.float32
        self._bert = bert_of(trained_base(trained, cache, mirror)).to(device, self._dtype).eval()
        self._heads, self._tokens = (self._linear(trained, name) for name in ("heads", "tokens"))

    def _linear(self, trained: dict[str, Float32 | Int8], name: str) -> torch.nn.Linear:
        weight, bias = (torch.from_numpy(trained[f"{name}.{part}"].astype(np.float32)) for part in ("weight", "bias"))
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
        layer.load_state_dict({"weight": weight, "bias": bias})
        return layer.to(self._device, self._dtype)

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        """A reading of each (question or statement, text); a text is cut after ``MAX_TOKENS`` tokens."""
        found = []
        for start in range(0, len(pairs), _TOGETHER):
            some = pairs[start : start + _TOGETHER]
            codes = self._tokenizer.encode_batch(list(some))
            with torch.inference_mode():
                states = self._states(codes)[-1]
                heads, tokens = self._heads(states[:, 0]), self._tokens(states)
            numbers = zip(some, codes, heads.float().cpu().numpy(), tokens.float().cpu().numpy(), strict=True)
            found += [reading_of(pair, code, head, token[: len(code.ids)]) for pair, code, head, token in numbers]
        return found

    def states(self, text: str) -> TokenStates:
        """Return the states of one text; of a long text, only those of its beginning."""
        code = self._tokenizer.encode(text[: MAX_TOKENS - 3])
        with torch.inference_mode():
            layers = self._states([code])
        wanted = torch.cat([layers[layer + 1][0] for layer in STATES_OF], dim=-1)  # the first are the embeddings
        return TokenStates(wanted.float().cpu().numpy(), code.offsets)

    def _states(self, codes: Sequence[Encoding]) -> tuple[torch.Tensor, ...]:
        """The states of each layer, (texts, tokens, hidden); the last ones last."""
        longest = max(len(code.ids) for code in codes)
        ids = torch.full((len(codes), longest), _PADDING)
        mask = torch.zeros((len(codes), longest), dtype=torch.long)
        for row, code in enumerate(codes):
            ids[row, : len(code.ids)] = torch.tensor(code.ids)
            mask[row, : len(code.ids)] = 1
        inputs = {"input_ids": ids.to(self._device), "attention_mask": mask.to(self._device)}
        states: tuple[torch.Tensor, ...] = self._bert(**inputs, output_hidden_states=True).hidden_states
        return states
