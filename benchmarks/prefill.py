"""How fast engines read a prompt: ``python -m benchmarks.prefill DATA [--engines …]`` → ``results/prefill.json``.

Uses the packaged 1.5B model and the plain pipeline's prompt: a question of RGB-zh and five passages of 250 characters.
Each engine predicts the next token three times, with a different first word each time, so that nothing is cached. It
runs in a separate process, OpenVINO and CTranslate2 in temporary environments.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from index.config import GeneratorSettings, Settings
from index.models.packaged import packaged_file

from . import data
from .__main__ import earlier, environment, machine, save
from .memory import peak_memory_mb

_NAME = "qwen2.5-coder-1.5b-instruct"
_TIMES = 3
_PACKAGES = {"OpenVINO": ["openvino-genai>=2026.4,<2027"], "CTranslate2": ["ctranslate2>=4.8,<5"]}
_OPTIONS = GeneratorSettings(device="cpu")

Read = Callable[[str], object]  # reads a prompt and generates a token


def _gguf() -> Path:
    return packaged_file(_NAME, Settings.load().cache)


def _transformers_folder() -> Path:
    from rag.llm.transformers import converted

    return converted(_gguf(), Settings.load().cache, None)


def onnx(_: Path) -> Read:
    """ONNX Runtime as shipped for x86."""
    from rag.llm.onnx import OnnxGenerator

    model = OnnxGenerator(_NAME, _gguf(), _OPTIONS, Settings.load().cache)
    return lambda text: list(model.stream([{"role": "user", "content": text}], 1))


def llama(_: Path, path: Path | None = None, flash: str = "AUTO", threads: int | None = None, **changes: Any) -> Read:
    """llama.cpp as shipped for other machines, or with changed parameters."""
    import xllamacpp

    from rag.llm.llama import parameters

    given = parameters(path or _gguf(), GeneratorSettings(threads=threads))
    given.flash_attn_type = xllamacpp.llama_flash_attn_type[f"LLAMA_FLASH_ATTN_TYPE_{flash}"]
    for name, value in changes.items():
        setattr(given, name, value)
    server = xllamacpp.Server(given)

    def read(text: str) -> object:
        chat = [{"role": "user", "content": text}]
        asked = {"messages": chat, "max_tokens": 1, "temperature": 0}
        return server.handle_chat_completions(asked, lambda _: False)

    return read


def llama_requantised(folder: Path, kind: str) -> Read:
    """llama.cpp with the same weights in another of its types."""
    from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
    from gguf.quants import dequantize, quantize

    wanted, path = GGMLQuantizationType[kind], folder / "model.gguf"
    reader, writer = GGUFReader(_gguf()), GGUFWriter(path, "qwen2")
    for field in reader.fields.values():
        if field.name != "general.architecture" and not field.name.startswith("GGUF."):
            writer.add_key_value(field.name, field.contents(), field.types[0], field.types[-1])
    for tensor in reader.tensors:
        plain = dequantize(tensor.data, tensor.tensor_type)
        if plain.ndim == 1:
            writer.add_tensor(tensor.name, plain)
        else:
            writer.add_tensor(tensor.name, quantize(plain, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return llama(folder, path)


def torch(_: Path, kind: str) -> Read:
    """transformers, in a floating-point type or with int8 matrices."""
    import torch as library
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = _transformers_folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    dtype = library.float32 if kind == "int8" else getattr(library, kind)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
    if kind == "int8":
        quantise: Any = library.ao.quantization.quantize_dynamic
        model = quantise(model, {library.nn.Linear}, dtype=library.qint8)

    def read(text: str) -> object:
        return model.generate(**tokenizer(text, return_tensors="pt"), do_sample=False, max_new_tokens=1)

    return read


def openvino(_: Path) -> Read:
    """OpenVINO GenAI, which reads the GGUF file itself."""
    import openvino_genai

    pipeline = openvino_genai.LLMPipeline(str(_gguf()), "CPU")
    return lambda text: pipeline.generate(text, max_new_tokens=1, do_sample=False)


def ctranslate2(folder: Path) -> Read:
    """CTranslate2, int8."""
    import ctranslate2 as library
    from transformers import AutoTokenizer

    source = _transformers_folder()
    target = folder / "converted"
    library.converters.TransformersConverter(str(source)).convert(str(target), quantization="int8")
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = library.Generator(str(target), device="cpu", intra_threads=2)

    def read(text: str) -> object:
        tokens = tokenizer.convert_ids_to_tokens(tokenizer.encode(text))
        return model.generate_batch([tokens], max_length=1, include_prompt_in_result=False)

    return read


ENGINES: dict[str, Callable[[Path], Read]] = {
    "ONNX Runtime int8, as shipped": onnx,
    "llama.cpp Q4_K_M, batch 64": llama,
    "llama.cpp, batch 512": partial(llama, n_batch=512, n_ubatch=512),
    "llama.cpp, one thread": partial(llama, threads=1),
    "llama.cpp, flash attention": partial(llama, flash="ENABLED"),
    "llama.cpp, no flash attention": partial(llama, flash="DISABLED"),
    "llama.cpp, weights not repacked": partial(llama, no_extra_bufts=True),
    "llama.cpp Q4_0": partial(llama_requantised, kind="Q4_0"),
    "llama.cpp Q8_0": partial(llama_requantised, kind="Q8_0"),
    "torch float32": partial(torch, kind="float32"),
    "torch bfloat16": partial(torch, kind="bfloat16"),
    "torch dynamic int8": partial(torch, kind="int8"),
    "OpenVINO": openvino,
    "CTranslate2": ctranslate2,
}


def measured(engine: str, folder: Path) -> dict[str, float]:
    """Tokens per second and memory of an engine in this process."""
    from transformers import AutoTokenizer

    record = data.rgb_questions(folder)[5]
    passages = [*data.flat(record["positive"])][:3] + [*data.flat(record["negative"])][:2]
    text = "\n\n".join(passage[:250] for passage in passages) + f"\n\n问题：{record['query']}\n用一句话回答："
    length = len(AutoTokenizer.from_pretrained(_transformers_folder()).encode(text))
    with tempfile.TemporaryDirectory() as place:
        read = ENGINES[engine](Path(place))
        read(text)  # work that is done only for the first prompt
        seconds = []
        for turn in range(_TIMES):
            started = time.perf_counter()
            read(f"{turn}{text}")
            seconds.append(time.perf_counter() - started)
    return {
        "prompt_tokens": length,
        "tokens_a_second": length / statistics.median(seconds),
        "peak_memory_gb": peak_memory_mb() / 1000,
    }


def main() -> None:
    """Measure each engine, write, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES), help="others are kept")
    parser.add_argument("--here", action="store_true", help="in this process, and only print")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measured(options.engines[0], options.data)))
        return
    result: dict[str, Any] = earlier("prefill") | {"benchmark": "prefill", "machine": machine()}
    for engine in options.engines:
        with tempfile.TemporaryDirectory() as place:
            packages = _PACKAGES.get(engine)
            python = environment(Path(place), packages) if packages else sys.executable
            call = [python, "-m", "benchmarks.prefill", str(options.data), "--here", "--engines", engine]
            said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
        result[engine] = json.loads(said.splitlines()[-1])
        print(engine, {name: round(value, 1) for name, value in result[engine].items()}, flush=True)
    save(result)


if __name__ == "__main__":
    main()
