"""``baowen names``: show the page of a name, and correct names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import BaowenError
from index.text.words import harmless

from .auditing import note
from .options import AsJson, Folder, archive_folder, open_archive
from .printing import print_json, say

if TYPE_CHECKING:
    from index.overlay.log import Edit
    from rag.people.page import NamePage


def names(
    name: Annotated[
        str, typer.Argument(help="人名、单位或地名 · person, organisation or place", metavar="[NAME]")
    ] = "",
    kind: Annotated[str | None, typer.Option(help="person、organisation、place")] = None,
    k: Annotated[int, typer.Option("-k", min=0, help="列出几篇报道 · number of reports")] = 20,
    sort: Annotated[str, typer.Option(help="newest、oldest")] = "newest",
    merge: Annotated[str, typer.Option(help="并入这个名字 · merge NAME into this name")] = "",
    hide: Annotated[bool, typer.Option("--hide", help="这不是名字 · mark NAME as not a name")] = False,
    edits: Annotated[bool, typer.Option("--edits", help="列出更正 · list corrections")] = False,
    undo: Annotated[int, typer.Option(help="撤销第几号更正 · undo the correction with this number")] = 0,
    who: Annotated[str, typer.Option(help="更正的人 · who corrects (default: login name)")] = "",
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """一个名字的报道、时间、同现和引语；合并与更正 · show the reports on a name; merge and correct names."""
    from index.config import Settings
    from index.overlay import names as overlaid
    from rag.audit import system_user
    from rag.serving.database.corrections import require_overlay

    by = who or f"os:{system_user()}"
    overlay = require_overlay(archive_folder(archive), Settings.load())
    if edits:
        _list(overlay.edits(overlaid.MERGED, overlaid.HIDDEN, "undo"), as_json=as_json)
        return
    if undo:
        _done([overlay.undo(undo, by)], as_json=as_json)
        return
    if not name:
        raise BaowenError("请给出名字 (give a name)，例如 baowen names 彭望舒")
    if merge or hide:
        if kind is None:
            kind = open_archive(archive).name(name, limit=0).kind
        changed = (
            overlaid.merge(overlay, by, kind, [name], merge) if merge else [overlaid.hide(overlay, by, kind, name)]
        )
        _done(changed, as_json=as_json)
        return
    page = open_archive(archive).name(name, kind, limit=k, sort=sort)
    if as_json:
        print_json(page.as_dict())
    else:
        _say(page)


def _done(edits: list[Edit], *, as_json: bool) -> None:
    for edit in edits:
        note("names corrected", edit=edit.as_dict())
    _list(edits, as_json=as_json)


def _list(edits: list[Edit], *, as_json: bool) -> None:
    for edit in edits:
        if as_json:
            print_json(edit.as_dict())
            continue
        what = " ".join(f"{key}={value}" for key, value in edit.details.items())
        state = "（已撤销 undone）" if edit.undone else ""
        say(harmless(f"{edit.number}. {edit.time} {edit.who} {edit.action} {what or edit.undoes}{state}"))


def _say(page: NamePage) -> None:
    say(harmless(f"{page.name}（{page.kind}）：{page.total} 篇报道 (reports)"))
    for label, values in (("又名 (merged)", page.merged), ("简称 (stated)", page.aliases or {})):
        if values:
            say(harmless(f"{label}：{'、'.join(values)}"))
    say("  ".join(f"{month} {count}" for month, count in page.months.items()))
    for kind, counts in page.appears_with.items():
        if counts:
            say(harmless(f"{kind}: " + "  ".join(f"{name} {count}" for name, count in list(counts.items())[:10])))
    for report in page.reports:
        a = report.article
        context = " … ".join(" ".join(snippet.text.split()) for snippet in report.snippets)
        say(harmless(f"- {a.date or '（无日期）'} {a.paper} 《{a.title}》 ({a.id})") + f"\n  {harmless(context)}")
    for quotation in page.quotations:
        say(harmless(f"“{quotation.text}” ({quotation.article.id})"))
