"""Read the packaged multilingual-e5-small and write it as an ordinary sentence-transformers folder.

The package contains one file: a header, the SentencePiece unigram vocabulary and a directory of tensors, either float32
or 4-bit Q4_0. A Q4_0 block has 32 weights: one float16 scale and 16 bytes. Byte ``j`` stores weight ``j`` in its low
half and weight ``j + 16`` in its high half; a weight is ``(nibble - 8) * scale``.
"""

from __future__ import annotations

import itertools
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.errors import BaowenError
from index.types import Float32

if TYPE_CHECKING:
    from transformers import BertModel

BLOCK = 32
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "document": "passage: "}
_MAGIC = b"E5S1"
_FLOAT32, _Q4_0 = 0, 1
_SPECIAL = {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>", "mask": "<mask>"}


@dataclass(frozen=True)
class Quantised:
    """A Q4_0 matrix. ``codes``: (rows, blocks, 32), uint8, values 0 to 15; ``scales``: (rows, blocks), float32."""

    codes: NDArray[np.uint8]
    scales: Float32

    def dequantise(self) -> Float32:
        """The matrix as float32, shape (rows, blocks * 32)."""
        values = (self.codes.astype(np.float32) - 8.0) * self.scales[:, :, None]
        return values.reshape(len(self.codes), -1)


@dataclass(frozen=True)
class E5:
    """The packaged model: sizes, vocabulary, and tensors by their packaged names."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary_size: int
    epsilon: float
    vocabulary: list[tuple[str, float]]
    tensors: dict[str, Float32 | Quantised]

    def float32(self, name: str) -> Float32:
        """A tensor as float32, dequantised if necessary."""
        tensor = self.tensors[name]
        return tensor.dequantise() if isinstance(tensor, Quantised) else tensor

    def matrix(self, name: str) -> Quantised:
        """A quantised matrix."""
        tensor = self.tensors[name]
        if not isinstance(tensor, Quantised):
            raise BaowenError(f"张量 {name} 不是 4 位矩阵 (tensor {name} is not a 4-bit matrix)")
        return tensor


def read_e5(path: Path) -> E5:
    """Read the packaged file.

    Raises:
        BaowenError: the file does not start with the expected magic bytes or is shorter than its directory says.
    """
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise BaowenError(f"{path} 不是打包的 e5 模型 (not a packaged e5 model): {data[:4]!r}")
    cursor = _Cursor(data, 8)
    hidden, layers, heads, feed_forward, vocabulary_size, _, _ = cursor.take("<7i")
    epsilon = float(cursor.array("<f4", 1)[0])
    cursor.take("<i")
    vocabulary = _read_vocabulary(cursor)
    (_, normaliser_bytes) = cursor.take("<iI")
    cursor.offset += normaliser_bytes
    tensors = _read_tensors(cursor, hidden, feed_forward)
    return E5(hidden, layers, heads, feed_forward, vocabulary_size, epsilon, vocabulary, tensors)


@dataclass
class _Cursor:
    data: bytes
    offset: int

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self.data, self.offset)
        self.offset += struct.calcsize(layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, dtype, count, self.offset)
        self.offset += values.nbytes
        return values


def _read_vocabulary(cursor: _Cursor) -> list[tuple[str, float]]:
    count, *_ = cursor.take("<5i")
    (blob_bytes,) = cursor.take("<Q")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    blob = cursor.data[cursor.offset : cursor.offset + blob_bytes]
    cursor.offset += blob_bytes
    pieces = (blob[start:end].decode() for start, end in itertools.pairwise(offsets))
    return [(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)]


def _read_tensors(cursor: _Cursor, hidden: int, feed_forward: int) -> dict[str, Float32 | Quantised]:
    (count,) = cursor.take("<i")
    tensors: dict[str, Float32 | Quantised] = {}
    for _ in range(count):
        (name_bytes,) = cursor.take("<H")
        name = cursor.data[cursor.offset : cursor.offset + name_bytes].decode()
        cursor.offset += name_bytes
        kind, size, start, length = cursor.take("<BIQQ")
        raw = cursor.data[start : start + length]
        if len(raw) != length:
            raise BaowenError(f"e5 模型文件不完整 (the packaged e5 model is cut short): {name}")
        if kind == _FLOAT32:
            tensors[name] = np.frombuffer(raw, "<f4", size)
        else:
            columns = feed_forward if name.endswith("fo.w") else hidden
            tensors[name] = _unpack_q4_0(raw, size // columns, columns // BLOCK)
    return tensors


def _unpack_q4_0(raw: bytes, rows: int, blocks: int) -> Quantised:
    packed = np.frombuffer(raw, np.uint8).reshape(rows, blocks, 2 + BLOCK // 2)
    scales = packed[:, :, :2].copy().view(np.float16)[:, :, 0].astype(np.float32)
    halves = packed[:, :, 2:]
    return Quantised(np.concatenate([halves & 0x0F, halves >> 4], axis=2), scales)


def bert_of(model: E5) -> BertModel:
    """The network in float32."""
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=model.vocabulary_size,
        hidden_size=model.hidden,
        num_hidden_layers=model.layers,
        num_attention_heads=model.heads,
        intermediate_size=model.feed_forward,
        max_position_embeddings=MAX_TOKENS,
        layer_norm_eps=model.epsilon,
        pad_token_id=1,
    )
    bert = BertModel(config)  # its pooler is unused: sentence vectors are token means
    state = {name: torch.from_numpy(array.copy()) for name, array in _bert_state(model).items()}
    bert.load_state_dict(state, strict=False)
    return bert


def write_sentence_transformer(model: E5, folder: Path) -> None:
    """Write a folder for ``SentenceTransformer(folder)``: float32 BERT, tokenizer, mean pooling, L2 normalisation."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    encoder = folder / "bert"
    bert_of(model).save_pretrained(encoder)
    write_tokenizer(model, encoder)
    transformer = Transformer(str(encoder), max_seq_length=MAX_TOKENS)
    sentence_model = SentenceTransformer(
        modules=[transformer, Pooling(model.hidden, pooling_mode="mean"), Normalize()],
        prompts=PROMPTS,
        device="cpu",
    )
    sentence_model.save(str(folder), create_model_card=False)
    for leftover in encoder.iterdir():
        leftover.unlink()
    encoder.rmdir()


def _bert_state(model: E5) -> dict[str, Float32]:
    position_type = model.float32("emb.type").reshape(2, model.hidden)
    state = {
        "embeddings.word_embeddings.weight": model.float32("emb.word"),
        "embeddings.position_embeddings.weight": model.float32("emb.pos").reshape(MAX_TOKENS, model.hidden),
        "embeddings.token_type_embeddings.weight": position_type,
        "embeddings.LayerNorm.weight": model.float32("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.float32("emb.ln.b"),
    }
    names = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(model.layers):
        for short, long in names.items():
            state[f"encoder.layer.{layer}.{long}.weight"] = model.float32(f"l{layer}.{short}.w")
            state[f"encoder.layer.{layer}.{long}.bias"] = model.float32(f"l{layer}.{short}.b")
    return state


def write_tokenizer(model: E5, folder: Path) -> None:
    """Write the XLM-RoBERTa unigram tokenizer: Nmt, NFKC, single spaces, Metaspace, ``<s> … </s>``."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = [piece for piece, _ in model.vocabulary]
    special_ids = {role: pieces.index(token) for role, token in _SPECIAL.items()}
    tokenizer = Tokenizer(models.Unigram(model.vocabulary, unk_id=special_ids["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    begin, end = _SPECIAL["bos"], _SPECIAL["eos"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, special_ids["bos"]), (end, special_ids["eos"])],
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL.values()])
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": MAX_TOKENS,
        "model_input_names": ["input_ids", "attention_mask"],
        "cls_token": begin,
        "sep_token": end,
        **{f"{role}_token": token for role, token in _SPECIAL.items()},
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
