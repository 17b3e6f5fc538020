"""How fast engines read a prompt: ``python -m benchmarks.prefill DATA [--engines …]`` → ``results/prefill.json``.

Uses the packaged 1.5B model and the plain pipeline's prompt: a question of RGB-zh and five passages of 250 characters.
Each engine predicts the next token three times, with a different first word each time, so that nothing is cached; then
some write on. It runs in a separate process, other libraries in temporary environments. With ``--together`` the engines
are all loaded and take turns, and each is also compared with the first.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from index.config import GeneratorSettings, Settings
from index.models.packaged import made_once, packaged_file

from . import data
from .__main__ import earlier, environment, machine, save
from .memory import peak_memory_mb
from .workers import Worker

_NAME = "qwen2.5-coder-1.5b-instruct"
_TIMES = 3
_WRITTEN = 24  # tokens, about an answer
_COMPARED = {"tokens_a_second", "processor_seconds", "written_a_second"}
_GENAI = ["onnxruntime-genai==0.18.0", "onnx-ir>=1,<2"]
_PACKAGES = {
    "OpenVINO": ["openvino-genai>=2026.4,<2027"],
    "CTranslate2": ["ctranslate2>=4.8,<5"],
    "onnxruntime-genai int8": _GENAI,
    "onnxruntime-genai int4": _GENAI,
}
_OPTIONS = GeneratorSettings(device="cpu")

Read = Callable[[str, int], float | None]  # reads a prompt, writes tokens; how many a second, if it tells


def _gguf() -> Path:
    return packaged_file(_NAME, Settings.load().cache)


def _transformers_folder() -> Path:
    from rag.llm.transformers import converted

    return converted(_gguf(), Settings.load().cache, None)


def onnx(_: Path) -> Read:
    """ONNX Runtime as shipped for x86."""
    from rag.llm.onnx import OnnxGenerator

    model = OnnxGenerator(_NAME, _gguf(), _OPTIONS, Settings.load().cache)

    def read(text: str, tokens: int) -> float | None:
        list(model.stream([{"role": "user", "content": text}], tokens))
        return model.writing_speed

    return read


def genai(_: Path, precision: str) -> Read:
    """ONNX Runtime GenAI: weights in blocks of 32 as its model builder packs them, activations rounded to int8."""
    import onnxruntime_genai as library
    from transformers import AutoTokenizer

    target = Settings.load().cache / "models" / f"{_NAME}-genai-{precision}"
    folder = made_once(target, partial(_build_genai, precision))
    config = library.Config(str(folder))
    threads = {"intra_op_num_threads": len(os.sched_getaffinity(0))}
    config.overlay(json.dumps({"model": {"decoder": {"session_options": threads}}}))
    model, tokenizer = library.Model(config), AutoTokenizer.from_pretrained(_transformers_folder())

    def read(text: str, tokens: int) -> float | None:
        asked = library.GeneratorParams(model)
        asked.set_search_options(max_length=_OPTIONS.context_tokens, do_sample=False)
        generator = library.Generator(model, asked)
        generator.append_tokens(tokenizer.encode(text))
        generator.generate_next_token()
        started = time.perf_counter()
        for _ in range(tokens - 1):
            generator.generate_next_token()
        return (tokens - 1) / (time.perf_counter() - started) if tokens > 1 else None

    return read


def _build_genai(precision: str, folder: Path) -> None:
    """Run the model builder in a process of its own, whose memory is not counted."""
    source = folder / "source"
    shutil.copytree(_transformers_folder(), source, copy_function=os.symlink)
    config = json.loads((source / "config.json").read_text())
    del config["quantization_config"]  # the builder does not take null for none
    (source / "config.json").unlink()
    (source / "config.json").write_text(json.dumps(config | {"architectures": ["Qwen2ForCausalLM"]}))
    builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-p", precision, "-e", "cpu"]
    where = ["-i", str(source), "-o", str(folder), "-c", str(folder)]
    options = ["--extra_options", "accuracy_level=4", "prune_lm_head=true"]
    subprocess.run([*builder, *where, *options], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(source)


def llama(_: Path, path: Path | None = None, flash: str = "AUTO", threads: int | None = None, **changes: Any) -> Read:
    """llama.cpp as shipped for other machines, or with changed parameters."""
    import xllamacpp

    from rag.llm.llama import parameters

    given = parameters(path or _gguf(), GeneratorSettings(threads=threads))
    given.flash_attn_type = xllamacpp.llama_flash_attn_type[f"LLAMA_FLASH_ATTN_TYPE_{flash}"]
    for name, value in changes.items():
        setattr(given, name, value)
    server = xllamacpp.Server(given)

    def read(text: str, tokens: int) -> None:
        chat = [{"role": "user", "content": text}]
        asked = {"messages": chat, "max_tokens": tokens, "temperature": 0}
        server.handle_chat_completions(asked, lambda _: False)

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

    def read(text: str, tokens: int) -> None:
        model.generate(**tokenizer(text, return_tensors="pt"), do_sample=False, max_new_tokens=tokens)

    return read


def openvino(_: Path) -> Read:
    """OpenVINO GenAI, which reads the GGUF file itself."""
    import openvino_genai

    pipeline = openvino_genai.LLMPipeline(str(_gguf()), "CPU")

    def read(text: str, tokens: int) -> None:
        pipeline.generate(text, max_new_tokens=tokens, do_sample=False)

    return read


def ctranslate2(folder: Path) -> Read:
    """CTranslate2, int8."""
    import ctranslate2 as library
    from transformers import AutoTokenizer

    source = _transformers_folder()
    target = folder / "converted"
    library.converters.TransformersConverter(str(source)).convert(str(target), quantization="int8")
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = library.Generator(str(target), device="cpu", intra_threads=2)

    def read(text: str, tokens: int) -> None:
        prompt = tokenizer.convert_ids_to_tokens(tokenizer.encode(text))
        model.generate_batch([prompt], max_length=tokens, include_prompt_in_result=False)

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
    "onnxruntime-genai int8": partial(genai, precision="int8"),
    "onnxruntime-genai int4": partial(genai, precision="int4"),
}


def measure(engine: str, folder: Path) -> None:
    """Measure an engine in this process once for each line on standard input, and print an object each time."""
    from transformers import AutoTokenizer

    record = data.rgb_questions(folder)[5]
    passages = [*data.flat(record["positive"])][:3] + [*data.flat(record["negative"])][:2]
    text = "\n\n".join(passage[:250] for passage in passages) + f"\n\n问题：{record['query']}\n用一句话回答："
    length = len(AutoTokenizer.from_pretrained(_transformers_folder()).encode(text))
    with tempfile.TemporaryDirectory() as place:
        read = ENGINES[engine](Path(place))
        for turn, _ in enumerate(sys.stdin):
            started, used = time.perf_counter(), time.process_time()
            read(f"{turn}{text}", 1)
            seconds, used = time.perf_counter() - started, time.process_time() - used
            result = {"prompt_tokens": length, "tokens_a_second": length / seconds, "processor_seconds": used}
            result["peak_memory_gb"] = peak_memory_mb() / 1000
            if written := read(f"{turn}{text}", _WRITTEN):
                result["written_a_second"] = written
            print(json.dumps(result), flush=True)


def measured(engines: Sequence[str], folder: Path) -> dict[str, dict[str, float]]:
    """Load the engines, let them take turns, and return the medians, and those of the ratios to the first engine."""
    with ExitStack() as stack:
        workers = []
        for engine in engines:
            place = stack.enter_context(tempfile.TemporaryDirectory())
            packages = _PACKAGES.get(engine)
            python = environment(Path(place), packages) if packages else sys.executable
            call = [python, "-m", "benchmarks.prefill", str(folder), "--here", "--engines", engine]
            workers.append(stack.enter_context(Worker(call)))
            workers[-1].turn()  # loads it, and does what is done only for the first prompt
        turns = [[worker.turn() for worker in workers] for _ in range(_TIMES)]
    result = {}
    for number, engine in enumerate(engines):
        rows, first = [turn[number] for turn in turns], [turn[0] for turn in turns]
        result[engine] = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
        for name in _COMPARED & rows[0].keys() & first[0].keys() if number else ():
            ratios = (row[name] / one[name] for row, one in zip(rows, first, strict=True))
            result[engine][f"{name}_ratio"] = statistics.median(ratios)
    return result


def main() -> None:
    """Measure each engine, write, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES), help="others are kept")
    parser.add_argument("--together", action="store_true", help="load all, and let them take turns")
    parser.add_argument("--here", action="store_true", help="in this process, for each line of input, and only print")
    options = parser.parse_args()
    if options.here:
        measure(options.engines[0], options.data)
        return
    result: dict[str, Any] = earlier("prefill") | {"benchmark": "prefill", "machine": machine()}
    for engines in [options.engines] if options.together else [[engine] for engine in options.engines]:
        for engine, values in measured(engines, options.data).items():
            result[engine] = values
            print(engine, {name: round(value, 2) for name, value in values.items()}, flush=True)
    save(result)


if __name__ == "__main__":
    main()
