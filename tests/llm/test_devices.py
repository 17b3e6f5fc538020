"""What is chosen where a CUDA device is found; none is needed to run these."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import load_embedder
from index.models.pair import load_pair_model
from rag.llm import load_generator


@pytest.fixture
def asked_for(monkeypatch):
    """Pretends that there is a CUDA device; what the libraries are asked to load, in order."""
    loads = []

    def sentence_transformer(source, *, device, model_kwargs, **_):
        loads.append((source, device, model_kwargs["dtype"]))
        halves = torch.nn.functional.normalize(torch.ones(1, 4, dtype=model_kwargs["dtype"])).numpy()
        return SimpleNamespace(get_embedding_dimension=lambda: 4, encode_document=lambda texts, **_: halves)

    def causal_model(source, *, dtype, **_):
        loads.append((source, dtype))
        return SimpleNamespace(to=lambda device: loads.append(device) or SimpleNamespace(eval=lambda: None))

    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", sentence_transformer)
    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", lambda source, **_: None)
    monkeypatch.setattr("transformers.AutoModelForCausalLM.from_pretrained", causal_model)
    return loads


def test_on_cuda_the_embedder_is_torch_in_half_precision(tmp_path, asked_for):
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "encoder.onnx").touch()
    embedder = load_embedder(Settings(embedder={"model": str(tmp_path)}))
    assert asked_for == [(str(tmp_path), "cuda", torch.float16)]
    vectors = embedder.encode(["夜校"])
    assert vectors.dtype == np.float32
    assert vectors @ vectors.T == pytest.approx(1.0, abs=1e-3)


def test_on_cuda_the_trained_reranker_is_torch(asked_for, monkeypatch, tmp_path):
    monkeypatch.setattr("index.models.pair_torch.TorchPairModel", lambda cache, mirror, device: device)
    assert load_pair_model(tmp_path) == "cuda"
    assert load_pair_model(tmp_path, None, "cuda:1") == "cuda:1"
    monkeypatch.setattr("index.models.pair.OnnxPairModel", lambda cache, mirror: "onnx")
    assert load_pair_model(tmp_path, None, "cpu") == "onnx"


class Small:
    """A model on a device whose memory is enough for 100 texts."""

    def __init__(self, most=100):
        self.most, self.tried = most, []

    def get_embedding_dimension(self):
        return 4

    def encode_document(self, texts, *, batch_size, **_):
        self.tried.append(batch_size)
        if batch_size > self.most:
            raise torch.OutOfMemoryError
        return np.ones((len(texts), 4), np.float16)


def test_batches_are_as_large_as_the_memory_of_the_device_allows(tmp_path, asked_for, monkeypatch):
    small = Small()
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", lambda *_, **__: small)
    embedder = load_embedder(Settings(embedder={"model": str(tmp_path), "backend": "torch"}))
    assert embedder.encode(["夜校"] * 300).shape == (300, 4)
    embedder.encode(["夜校"])
    assert small.tried == [1024, 512, 256, 128, 64, 64]


def test_a_device_too_small_for_one_text_is_said(tmp_path, asked_for, monkeypatch):
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", lambda *_, **__: Small(0))
    with pytest.raises(BaowenError, match=r"out of memory.*embedder\.device"):
        load_embedder(Settings(embedder={"model": str(tmp_path)})).encode(["夜校"])


def test_on_cuda_the_language_model_is_transformers_in_bfloat16(tmp_path, asked_for):
    load_generator(Settings(generator={"model": str(tmp_path)}))
    assert asked_for == [(str(tmp_path), torch.bfloat16), "cuda"]


def test_the_packaged_model_runs_in_transformers_on_cuda(asked_for, monkeypatch, tmp_path):
    monkeypatch.setattr("rag.llm.packaged_file", lambda name, cache, mirror: tmp_path / "model.gguf")
    load_generator(Settings())
    assert asked_for == [(str(tmp_path / "model.gguf"), torch.bfloat16), "cuda"]


@pytest.mark.parametrize(
    ("machine", "model", "runs_in"),
    [
        ("x86_64", "packaged:qwen2.5-coder-1.5b-instruct", "onnx.OnnxGenerator"),
        ("AMD64", "packaged:qwen2.5-coder-1.5b-instruct", "onnx.OnnxGenerator"),
        ("arm64", "packaged:qwen2.5-coder-1.5b-instruct", "llama.LlamaGenerator"),
        ("x86_64", "{folder}/own.gguf", "llama.LlamaGenerator"),
    ],
)
def test_without_cuda_the_language_model_runs_where_it_reads_fastest(tmp_path, monkeypatch, machine, model, runs_in):
    (tmp_path / "own.gguf").touch()
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("rag.llm.packaged_file", lambda name, cache, mirror: tmp_path / "own.gguf")
    monkeypatch.setattr(f"rag.llm.{runs_in}", lambda *_: runs_in)
    assert load_generator(Settings(generator={"model": model.format(folder=tmp_path)})) == runs_in
