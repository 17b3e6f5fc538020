"""llama.cpp's own server, in a process of its own, with a tiny model of random weights."""

import subprocess
import sys

import numpy as np
import pytest

from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import LazyEmbedder
from rag.llm import load_generator
from tests.conftest import ROOT

LATIN, PART = ([{"role": "user", "content": text}] for text in ("hi", "你好"))  # PART is answered with half a character
SERVER = """
import sys, xllamacpp
given = xllamacpp.CommonParams()
given.model.path, given.embedding = sys.argv[1], sys.argv[2] == "embeds"
given.n_ctx, given.n_parallel, given.cpuparams.n_threads, given.verbosity = 512, 2, 1, -1
given.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
given.api_keys, given.ui = ["secret"], False
server = xllamacpp.Server(given)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def write(path):
    """A model of the right shape: bytes as tokens, one layer, 32 dimensions."""
    import gguf

    out, chance, width = gguf.GGUFWriter(path, "llama"), np.random.default_rng(0), 32
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    out.add_context_length(512)
    out.add_embedding_length(width)
    out.add_block_count(1)
    out.add_feed_forward_length(2 * width)
    out.add_head_count(4)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(width // 4)
    out.add_tokenizer_model("llama")
    out.add_token_list(tokens)
    out.add_token_scores([0.0] * len(tokens))
    out.add_token_types([2, 3, 3, *([6] * 256)])
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_chat_template("{% for message in messages %}{{ message.content }}{% endfor %}")
    shapes = {"token_embd": (len(tokens), width), "output": (len(tokens), width), "blk.0.ffn_down": (width, 2 * width)}
    shapes |= {f"blk.0.{name}": (width, width) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
    shapes |= {f"blk.0.{name}": (2 * width, width) for name in ("ffn_gate", "ffn_up")}
    shapes |= dict.fromkeys(("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"), (width,))
    for name, shape in shapes.items():
        out.add_tensor(f"{name}.weight", chance.normal(size=shape).astype(np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts a server that writes or embeds: its address."""
    path, servers = tmp_path_factory.mktemp("tiny") / "tiny.gguf", []
    write(path)

    def started(does):
        command = [sys.executable, "-c", SERVER, str(path), does]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        servers.append(server)
        return f"{server.stdout.readline().strip()}/v1"

    yield started
    for server in servers:
        server.kill()
        server.wait(10)


def test_it_writes_and_tells_how_probable_a_yes_is(start):
    url = start("writes")
    model = load_generator(Settings(generator={"url": url, "model": "tiny", "api_key": "secret", "retries": 0}))
    assert "".join(model.stream(PART, 16))
    assert model.choice(PART, ["是", "不是"]) is None
    said = "".join(model.stream(LATIN, 1))
    chances = model.choice(LATIN, [said, "不是"])
    assert chances is not None
    assert 0.1 < chances[0] < 1
    assert chances[1] == 0
    refused = load_generator(Settings(generator={"url": url, "model": "tiny", "api_key": "wrong", "retries": 0}))
    with pytest.raises(BaowenError, match=r"请查 generator\.url"):
        "".join(refused.stream(LATIN, 1))


def test_it_embeds(start):
    options = {"url": start("embeds"), "model": "tiny", "api_key": "secret", "retries": 0, "batch_size": 2}
    vectors = LazyEmbedder(Settings(embedder=options)).encode(["灯塔", "夜校", "塔吊"])
    assert vectors.shape == (3, 32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
