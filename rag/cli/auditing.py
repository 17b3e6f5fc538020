"""The command that shows the audit log, and how other commands add to it."""

from __future__ import annotations

from typing import Annotated

import typer

from .printing import print_json


def note(action: str, *, question: str = "", **details: object) -> None:
    """Record what a command did in the audit log, if there is one."""
    from index.config import Settings
    from rag.audit import Audit

    Audit(Settings.load().audit).command(action, question=question, **details)


def audit(
    since: Annotated[str, typer.Option(help="起始日期 · first date, e.g. 2024-07-01")] = "",
    until: Annotated[str, typer.Option(help="截止日期 · last date (included)")] = "",
    who: Annotated[str, typer.Option(help="只看这个人的 · only this person")] = "",
    action: Annotated[str, typer.Option(help="只看这种事 · only this action, e.g. asked, login failed")] = "",
) -> None:
    """导出审计日志，每行一个 JSON 对象 · export the audit log, one JSON object per line."""
    from index.config import Settings
    from index.errors import BaowenError
    from rag.audit import Audit
    from rag.query.validation import check_date

    settings = Settings.load().audit
    first, last = check_date("since", since or None), check_date("until", until or None)
    if settings.folder is None:
        raise BaowenError("没有开审计日志 (there is no audit log)；请配置 audit.folder，例如 data/audit")
    for entry in Audit(settings).entries(first or "", last or "9"):
        if (not who or entry.get("who") == who) and (not action or entry.get("action") == action):
            print_json(entry)
