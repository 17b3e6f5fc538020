"""The command that exports an archive's articles for other programs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .auditing import note
from .options import Folder, archive_folder
from .printing import print_json, say


class ExportKind(StrEnum):
    """The formats that an archive can be exported to."""

    JSONL = "jsonl"
    ALTO = "alto"
    IIIF = "iiif"


def export(
    kind: Annotated[ExportKind, typer.Argument(help="格式 · format", metavar="jsonl|alto|iiif")],
    to: Annotated[Path, typer.Option(help="存到这里（alto、iiif）· folder to write to")] = Path("export"),
    since: Annotated[datetime | None, typer.Option(help="起始日期 · first date", formats=["%Y-%m-%d"])] = None,
    until: Annotated[datetime | None, typer.Option(help="截止日期 · last date", formats=["%Y-%m-%d"])] = None,
    paper: Annotated[str, typer.Option(help="只要这份报纸 · only this newspaper")] = "",
    address: Annotated[str, typer.Option(help="清单将来的网址 · URL where manifests will be served")] = (
        "http://localhost/iiif"
    ),
    pictures: Annotated[str, typer.Option(help="版面图将来的网址 · URL where page images will be served")] = (
        "http://localhost/pictures"
    ),
    archive: Folder = None,
) -> None:
    """导出文章、版面和清单 · export articles (JSONL), pages (ALTO) or issues (IIIF)."""
    from index.exporting.archive import Addresses, records, write_alto, write_manifests
    from index.storage.store import Filter

    def day(date: datetime | None) -> str | None:
        return date.date().isoformat() if date else None

    where = Filter(since=day(since), until=day(until), paper=paper or None)
    folder = archive_folder(archive)
    note("exported", archive=str(folder), form=kind.value)
    if kind is ExportKind.JSONL:
        for record in records(folder, where):
            print_json(record)
    elif kind is ExportKind.ALTO:
        say(f"{write_alto(folder, where, to)} 个版面的 ALTO 在 {to}")
    else:
        say(f"{write_manifests(folder, where, to, Addresses(address, pictures))} 期的 IIIF 清单在 {to}")
