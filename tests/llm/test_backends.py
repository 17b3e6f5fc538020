import http.server
import json
import threading

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from index.config import Settings
from index.errors import BaowenError
from rag.llm import load_generator

CHAT = [{"role": "user", "content": "你好"}]
TEMPLATE = "{% for m in messages %}{{ m.content }}{% endfor %}"


@pytest.fixture
def tiny_model(tmp_path):
    """A causal model of a few thousand random weights, with a tokenizer of bytes."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate([*letters, "<|endoftext|>"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    end = "<|endoftext|>"
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token=end, eos_token=end, chat_template=TEMPLATE)
    fast.save_pretrained(tmp_path / "tiny")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Qwen2Config(vocab_size=len(vocabulary), num_key_value_heads=1, eos_token_id=None, **sizes)
    Qwen2ForCausalLM(config).save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


def test_any_transformers_model_is_streamed(tiny_model):
    generator = load_generator(Settings(generator={"model": str(tiny_model), "device": "cpu"}))
    first = "".join(generator.stream(CHAT, 8))
    assert first
    assert first == "".join(generator.stream(CHAT, 8))


def test_leaving_stops_a_transformers_model(tiny_model):
    generator = load_generator(Settings(generator={"model": str(tiny_model), "device": "cpu"}))
    stream = generator.stream(CHAT, 4000)
    next(stream)
    stream.close()
    assert generator._busy.acquire(timeout=10)


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if self.server.silent.is_set():  # reads the prompt until whoever asked has left
            self.server.left.set() if not self.connection.recv(1) else None
            return
        for piece, reason in (("答", None), ("案。", "stop")):
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
            chunk["choices"] = [{"index": 0, "delta": {"content": piece}, "finish_reason": reason}]
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.status, server.requests = 200, []
    server.silent, server.left = threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_an_openai_compatible_server_is_streamed(server):
    options = {"url": f"http://127.0.0.1:{server.server_port}/v1", "model": "qwen", "api_key": "secret"}
    settings = Settings(generator=options)
    assert "".join(load_generator(settings).stream(CHAT, 9)) == "答案。"
    assert server.requests[0]["model"] == "qwen"
    assert server.requests[0]["messages"] == CHAT
    assert "secret" not in repr(settings)


def test_a_server_that_is_silent_can_be_left(server):
    server.silent.set()
    options = {"url": f"http://127.0.0.1:{server.server_port}/v1", "model": "qwen"}
    stream = load_generator(Settings(generator=options)).stream(CHAT, 9)
    assert next(stream) == ""  # a piece for whoever waits, though the server says nothing
    stream.close()
    assert server.left.wait(5)


def test_a_server_that_fails_is_named(server):
    server.status = 401
    url = f"http://127.0.0.1:{server.server_port}/v1"
    with pytest.raises(BaowenError, match=f"模型服务 {url} 出错"):
        list(load_generator(Settings(generator={"url": url, "model": "qwen"})).stream(CHAT, 9))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "没有.gguf"}, "没有 GGUF 文件 没有.gguf"),
        ({"backend": "openai"}, "需要地址"),
        ({"model": "没有这个模型", "device": "cpu"}, "无法加载语言模型 没有这个模型"),
    ],
)
def test_a_model_that_is_not_there_is_named(options, message):
    with pytest.raises(BaowenError, match=message):
        load_generator(Settings(generator=options))
