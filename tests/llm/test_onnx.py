"""A Qwen2 model made up of random weights, in ONNX Runtime, against the same in transformers."""

import gguf
import numpy as np
import pytest
import torch
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoModelForCausalLM

from index.config import GeneratorSettings, Settings
from index.errors import BaowenError
from rag.llm import load_generator
from rag.llm.adapter import Adapter
from rag.llm.onnx import OnnxGenerator
from rag.llm.transformers import converted

HIDDEN, INNER, HEADS, KV_HEADS, LAYERS = 64, 96, 4, 2, 2
TURN = "<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
TEMPLATE = f"{{% for m in messages %}}{TURN}{{% endfor %}}<|im_start|>assistant\n"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHAT = [{"role": "user", "content": "港口队三比二夺冠，这是建队以来的第一座奖杯。谁夺冠？"}]


def written(path, architecture="qwen2", context=1024):
    """A GGUF file of a byte-level tokenizer and random weights."""
    writer = gguf.GGUFWriter(str(path), architecture)
    tokens = [*sorted(ByteLevel.alphabet()), "he", *SPECIAL]
    writer.add_block_count(LAYERS)
    writer.add_context_length(context)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * 257 + [gguf.TokenType.CONTROL] * len(SPECIAL))
    writer.add_token_merges(["h e"])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_chat_template(TEMPLATE)
    draw = np.random.default_rng(7)
    kv = KV_HEADS * HIDDEN // HEADS

    def add(name, *shape, scale=0.3):
        writer.add_tensor(name, (draw.normal(size=shape) * scale).astype(np.float32))

    add("token_embd.weight", len(tokens), HIDDEN, scale=1.0)
    add("output_norm.weight", HIDDEN, scale=1.0)
    for layer in range(LAYERS):
        for part, outputs in (("q", HIDDEN), ("k", kv), ("v", kv)):
            add(f"blk.{layer}.attn_{part}.weight", outputs, HIDDEN, scale=0.1)  # no attention to one token alone
            add(f"blk.{layer}.attn_{part}.bias", outputs)
        add(f"blk.{layer}.attn_output.weight", HIDDEN, HIDDEN)
        add(f"blk.{layer}.ffn_gate.weight", INNER, HIDDEN)
        add(f"blk.{layer}.ffn_up.weight", INNER, HIDDEN)
        add(f"blk.{layer}.ffn_down.weight", HIDDEN, INNER)
        add(f"blk.{layer}.attn_norm.weight", HIDDEN, scale=1.0)
        add(f"blk.{layer}.ffn_norm.weight", HIDDEN, scale=1.0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("qwen2")
    written(folder / "tiny.gguf")
    return folder


@pytest.fixture(scope="module")
def model(folder):
    return OnnxGenerator("tiny", folder / "tiny.gguf", GeneratorSettings(context_tokens=4096), folder / "cache")


@pytest.fixture(scope="module")
def plain(folder):
    loaded = AutoModelForCausalLM.from_pretrained(folder, gguf_file="tiny.gguf", dtype=torch.float32).eval()
    return lambda tokens: loaded(torch.tensor([tokens])).logits[0, -1].detach().numpy()


def drawn(length, seed=1):
    return np.random.default_rng(seed).integers(0, 256, length).tolist()


def read(model, tokens):
    return model._decoder.after(tokens).copy()


@pytest.mark.parametrize("length", [1, 2, 127, 128, 129, 300])
def test_the_next_token_is_as_likely_as_in_transformers(model, plain, length):
    ours, theirs = read(model, drawn(length)), plain(drawn(length))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.995


def test_a_model_that_was_taught_is_its_weights_and_what_was_added(folder, model, plain, tmp_path, monkeypatch):
    draw = np.random.default_rng(3)
    changed = {"blk.1.ffn_down.weight": (2, INNER, HIDDEN), "blk.0.attn_q.weight": (2, HIDDEN, HIDDEN)}
    parts = {
        name: (
            draw.normal(size=(rank, inputs)).astype(np.float32),
            draw.normal(size=(outputs, rank), scale=0.2).astype(np.float32),
        )
        for name, (rank, inputs, outputs) in changed.items()
    }
    taught = Adapter(parts, "taught")
    monkeypatch.setattr("rag.llm.onnx.adapter", lambda name: taught)
    ours = read(OnnxGenerator("tiny", folder / "tiny.gguf", GeneratorSettings(), tmp_path), drawn(50))
    loaded = AutoModelForCausalLM.from_pretrained(
        converted(folder / "tiny.gguf", tmp_path, taught), dtype=torch.float32
    )
    theirs = loaded.eval()(torch.tensor([drawn(50)])).logits[0, -1].detach().numpy()
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
    assert np.corrcoef(ours, plain(drawn(50)))[0, 1] < 0.95
    assert sorted(path.name for path in (tmp_path / "models").glob("tiny-*[!k]")) == [
        "tiny-onnx-v4-taught",
        "tiny-transformers-taught",
    ]


def test_a_prompt_that_was_read_last_is_not_read_at_all(model, monkeypatch):
    logits = read(model, drawn(20))
    monkeypatch.setattr(model._decoder, "read", lambda tokens: pytest.fail("read again"))
    assert np.array_equal(read(model, drawn(20)), logits)


def test_what_was_read_is_not_read_again_and_what_was_read_of_another_text_is_forgotten(model):
    fresh = read(model, drawn(200, seed=2))
    read(model, [*drawn(150, seed=2), *drawn(100, seed=3)])
    assert model._decoder.known(drawn(200, seed=2)) == 150
    assert np.allclose(read(model, drawn(200, seed=2)), fresh, atol=0.05 * np.abs(fresh).max())
    assert model._decoder.known(drawn(200, seed=2)) == 199  # the last must be read to know what follows


def test_a_reply_is_what_is_likeliest_token_by_token(model):
    tokens = model._tokens(CHAT)
    expected = []
    while len(expected) < 8 and (token := int(read(model, tokens + expected).argmax())) < 256:
        expected.append(token)
    reply = "".join(model.stream(CHAT, 8))
    assert reply == model._tokenizer.decode(expected).rstrip("\ufffd")
    assert model.reading_speed > 0


def test_a_reply_that_is_left_stops_and_the_model_can_be_asked_again(model):
    pieces = model.stream(CHAT, 100)
    assert next(pieces) == ""
    pieces.close()


def test_tokens_of_a_text_are_counted(model):
    assert model.tokens("江州") == 6  # bytes, to this tokenizer


def test_a_prompt_longer_than_the_context_is_refused_with_both_lengths(model):
    with pytest.raises(BaowenError, match=r"12\d\d .*1024 .*context_tokens"):
        next(model.stream([{"role": "user", "content": "夜校" * 200}], 1))


@pytest.mark.parametrize(
    ("file", "told"), [("llama.gguf", 'llama.*backend = "llama"'), ("text.gguf", "text.gguf"), ("no.gguf", "no.gguf")]
)
def test_a_file_that_is_no_qwen2_model_is_refused_by_name(tmp_path, file, told):
    written(tmp_path / "llama.gguf", "llama")
    (tmp_path / "text.gguf").write_text("这不是模型", encoding="utf-8")
    settings = Settings(generator={"backend": "onnx", "model": str(tmp_path / file)}, cache=tmp_path / "cache")
    with pytest.raises(BaowenError, match=told):
        load_generator(settings)
    assert not [path for path in (tmp_path / "cache").glob("models/*") if path.is_dir()]


def test_where_the_folder_cannot_be_written_that_is_said_and_nothing_is_left(folder, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.llm.onnx.write_folder", full)
    with pytest.raises(BaowenError, match=r"No space left.*BAOWEN_CACHE"):
        OnnxGenerator("tiny", folder / "tiny.gguf", GeneratorSettings(), tmp_path)
    assert not [path for path in (tmp_path / "models").iterdir() if path.is_dir()]


def test_a_model_that_fails_is_reported_and_can_be_asked_again(model, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(model._decoder, "read", lambda tokens: 1 / 0)
        with pytest.raises(BaowenError, match="tiny"):
            list(model.stream(CHAT, 1))
    assert next(model.stream(CHAT, 1)) == ""


def test_a_damaged_folder_is_reported_with_what_to_delete(folder, tmp_path):
    options = GeneratorSettings()
    OnnxGenerator("tiny", folder / "tiny.gguf", options, tmp_path)
    graph = next(tmp_path.glob("models/*/decoder.onnx"))
    graph.write_bytes(graph.read_bytes()[:1000])
    with pytest.raises(BaowenError, match=f"删除文件夹 {graph.parent}"):
        OnnxGenerator("tiny", folder / "tiny.gguf", options, tmp_path)
