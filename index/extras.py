"""Packages that only some uses need: each belongs to an extra of ``pyproject.toml``; an error names what is missing."""

from __future__ import annotations

import importlib.util
import sys

from index.errors import BaowenError


def installed(module: str) -> bool:
    """Whether a top-level module can be imported; it is not imported here."""
    return importlib.util.find_spec(module) is not None


def install_line(extra: str) -> str:
    """The command that installs an extra in the project's folder."""
    return f"请在项目文件夹里运行 (run in the project's folder): {sys.executable} -m pip install -e '.[{extra}]'"


def require(module: str, extra: str, use: str) -> None:
    """Check that ``module``, which ``use`` needs, is installed.

    Raises:
        BaowenError: it is missing; the message ends with the command that installs it.
    """
    if not installed(module):
        raise BaowenError(f"{use}需要 {module} (not installed)；{install_line(extra)}")
