"""Options that several commands share, and opening the archive they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rag.archive import Archive

Sources = Annotated[list[Path], typer.Argument(help="报纸文件或文件夹 · newspaper files or folders", metavar="SRC…")]
Folder = Annotated[Path | None, typer.Option("--archive", help="馆藏文件夹 · archive folder")]
AsJson = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象 · print one JSON object per line")]


def open_archive(archive: Path | None) -> Archive:
    """Open the archive given, or the configured one."""
    from rag.archive import Archive

    return Archive.open(archive_folder(archive))


def archive_folder(archive: Path | None) -> Path:
    """Return the archive folder given, or the configured one."""
    from index.config import Settings

    return archive or Settings.load().archive
