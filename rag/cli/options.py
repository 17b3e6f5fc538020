"""Options that several commands share, and opening the archive they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from index.config import Settings
    from index.models.embedder import Embedder
    from index.next_snapshot import Gate
    from rag.archive import Archive

Sources = Annotated[list[Path], typer.Argument(help="报纸文件或文件夹 · newspaper files or folders", metavar="SRC…")]
Folder = Annotated[Path | None, typer.Option("--archive", help="馆藏文件夹 · archive folder")]
AsJson = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象 · print one JSON object per line")]

Check = Annotated[
    Path | None, typer.Option(help="发布前须答得出的问题集 · questions (JSONL) to pass before publishing")
]
MinHit5 = Annotated[float, typer.Option(min=0, max=1, help="前五命中率下限 · minimum hit@5 for --check")]


def gate_of(questions: Path | None, min_hit5: float, embedder: Embedder, settings: Settings) -> Gate | None:
    """Return what inspects a new state before it is published; None without questions."""
    from rag.evaluation.runner import hit5_gate, read_questions

    return hit5_gate(read_questions(questions), embedder, settings, min_hit5) if questions else None


def open_archive(archive: Path | None) -> Archive:
    """Open the archive given, or the configured one."""
    from rag.archive import Archive

    return Archive.open(archive_folder(archive))


def archive_folder(archive: Path | None) -> Path:
    """Return the archive folder given, or the configured one."""
    from index.config import Settings

    return archive or Settings.load().archive
