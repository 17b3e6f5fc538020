"""The command for API keys."""

from __future__ import annotations

from typing import Annotated

import typer

from index.errors import BaowenError

from .auditing import note
from .printing import say


def key(
    name: Annotated[
        str, typer.Argument(help="密钥的名字；不写则列出 · name of the key; omit to list keys", metavar="NAME")
    ] = "",
    person: Annotated[str, typer.Option(help="替谁说话 · person the key acts for")] = "",
    archive: Annotated[
        list[str] | None, typer.Option(help="只能查这些馆藏（名字）· only these archives, by name")
    ] = None,
    until: Annotated[str, typer.Option(help="最后一天 · last day it is valid, e.g. 2026-12-31")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="作废 · revoke the key")] = False,
) -> None:
    """给程序发密钥、列出、作废 · create, list or revoke API keys."""
    from index.config import Settings
    from rag.web.access.keys import Keys

    keys = Keys(Settings.load().access.keys)
    if not name:
        for held in keys.all():
            places = "、".join(held.archives) or "全部 (all)"
            state = "已过期 (over)" if held.is_over else held.until or "不过期 (no end)"
            say(f"{held.name}  {held.person}  {places}  {state}")
        return
    if remove:
        keys.remove(name)
        note("key removed", name=name)
        say(f"已作废 {name} (revoked)")
        return
    if not person:
        raise BaowenError("请用 --person 写明密钥替谁说话 (name the person the key acts for)")
    made = keys.add(name, person, tuple(archive or ()), until)
    note("key made", name=name, person=person, archives=archive or [], until=until)
    say(made)
    typer.echo("只显示这一次，请收好；用法 (shown this once): Authorization: Bearer …", err=True)
