"""The command that checks this machine: doctor."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from .options import AsJson, Folder
from .printing import print_json, say

_MARKS = {"ok": "✓", "warn": "!", "bad": "✗"}


def doctor(
    archive: Folder = None,
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 · port")] = 7860,
    as_json: AsJson = False,
) -> None:
    """检查机器、权重、馆藏、磁盘、端口，并说怎么办 · check the machine and say what to fix."""
    from index.config import Settings
    from rag.doctor import examine

    settings = Settings.load()
    if archive is not None:
        settings = settings.model_copy(update={"archive": archive, "archives": {}})
    findings = examine(settings, host, port)
    for finding in findings:
        if as_json:
            print_json(asdict(finding))
            continue
        say(f"{_MARKS[finding.state]} {finding.what}：{finding.found}")
        if finding.do:
            say(f"    → {finding.do}")
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)
