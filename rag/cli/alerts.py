"""Commands about saved searches: saved, alerts."""

from __future__ import annotations

from typing import Annotated

import typer

from index.text.words import harmless

from .options import AsJson, Folder, open_archive
from .printing import print_json, say


def saved(
    query: Annotated[
        str, typer.Argument(help="检索式；不写则列出 · query to save; omit to list saved searches", metavar="[Q]")
    ] = "",
    name: Annotated[str, typer.Option(help="名字 · name of the search")] = "",
    email: Annotated[str, typer.Option(help="有新报道时发到这个邮箱 · send new hits to this address")] = "",
    webhook: Annotated[str, typer.Option(help="有新报道时发到这个网址 · post new hits to this URL")] = "",
    feed: Annotated[
        str, typer.Option(help="给这个编号的检索一个新的订阅地址 · new secret feed URL for the search with this id")
    ] = "",
    remove: Annotated[str, typer.Option(help="删去这个编号 · delete the search with this id")] = "",
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """保存检索，有新报道时提醒 · save a search and get alerts about new hits."""
    from index.config import Settings
    from rag.alerts.sending import check_target
    from rag.alerts.shared import open_kept
    from rag.audit import system_user

    settings = Settings.load()
    kept, who = open_kept(settings), f"os:{system_user()}"
    if remove:
        kept.drop(who, remove)
    elif feed:
        say(f"{settings.alerts.address.rstrip('/')}/feeds/{kept.open_feed(who, feed)}")
    elif query:
        if webhook:
            check_target(webhook, settings.alerts.allow_internal)
        found = open_archive(archive).search_all(query)
        made = kept.save(who, found, name, email=email, webhook=webhook)
        print_json(made.as_dict()) if as_json else say(f"{made.id}  {harmless(made.name)}")
    else:
        for search in kept.searches(who):
            told = " ".join(filter(None, (search.email, search.webhook)))
            print_json(search.as_dict()) if as_json else say(harmless(f"{search.id}  {search.query}  {told}"))


def alerts(archive: Folder = None, as_json: AsJson = False) -> None:
    """查看保存的检索有没有新报道，并发送提醒 · check saved searches for new hits and send alerts.

    baowen chat 运行时自己会做；没有开网页时，可在每次 build 之后运行。
    The web chat does this by itself; without it, run this after each build.
    """
    from rag.alerts.running import run_once
    from rag.alerts.shared import open_kept

    opened = open_archive(archive)
    sent, refused = run_once(open_kept(opened.settings), {"": opened}, opened.settings.alerts)
    if as_json:
        print_json({"sent": sent, "refused": refused})
    else:
        say(f"发出 {sent} 条，未送到 {refused} 条 (sent, refused)")
