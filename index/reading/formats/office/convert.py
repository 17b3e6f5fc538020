"""Formats that only LibreOffice reads: converted by it, if installed, in a separate process with limits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ...content.files import UnreadableFileError, read_bytes
from ..base import FileText, Format, Options

_SECONDS = 90
_MEMORY = 2 << 30
_PROGRAMS = ("soffice", "libreoffice")
_INSTALL = "请安装 LibreOffice，例如 (install it, e.g.): apt install libreoffice-writer libreoffice-impress"


def read(path: Path, options: Options, why: str = "") -> FileText:
    """Read a file's text after conversion to OpenDocument.

    Raises:
        UnreadableFileError: LibreOffice is not installed, cannot read the file, or exceeds its time limit.
    """
    from .. import odt

    read_bytes(path)
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        reason = f"{why}，" if why else ""
        raise UnreadableFileError(f"{path}: {reason}读 {path.suffix} 需要 LibreOffice (not installed); {_INSTALL}")
    with tempfile.TemporaryDirectory(prefix="baowen-office-") as folder:
        made = _converted(program, path, Path(folder))
        try:
            return odt.read_odt(made, options)
        except UnreadableFileError as error:
            raise UnreadableFileError(str(error).replace(str(made), str(path))) from error


def _converted(program: str, path: Path, folder: Path) -> Path:
    """Convert the file to .odt in ``folder``, by LibreOffice with a separate profile and without macros."""
    copy = folder / f"given{path.suffix.lower()}"
    shutil.copyfile(path, copy)
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "odt", "--outdir", str(folder / "made"), str(copy)]
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    process = subprocess.Popen(
        command,
        env=environment | {"HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_bounded,
    )
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise UnreadableFileError(f"{path}: LibreOffice {_SECONDS} 秒没有转换完 (timed out)") from None
    made = folder / "made" / "given.odt"
    if not made.is_file():
        raise UnreadableFileError(f"{path}: LibreOffice 转换不了 (cannot convert)")
    return made


def _bounded() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MEMORY, _MEMORY))


FORMATS = (Format("slides of old programs", (".ppt", ".dps", ".odp", ".wpd"), read),)
