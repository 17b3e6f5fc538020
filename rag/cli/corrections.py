"""``baowen correct``: corrections of misread text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import BaowenError
from index.text.words import harmless

from .auditing import note
from .options import AsJson, Folder, open_archive
from .printing import print_json, say

if TYPE_CHECKING:
    from index.overlay.texts import Status


def correct(
    article: Annotated[str, typer.Argument(help="文章编号 · article id", metavar="[ID]")] = "",
    original: Annotated[str, typer.Argument(help="误读的文字 · the misread text", metavar="[ORIGINAL]")] = "",
    replacement: Annotated[str, typer.Argument(help="正确的文字 · the correct text", metavar="[TEXT]")] = "",
    at: Annotated[int | None, typer.Option(min=0, help="在第几字，从 0 起 · offset in the body or --part")] = None,
    part: Annotated[
        str, typer.Option(help="哪一部分 · body, kicker, title or subtitle (default: where it occurs)")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="列出更正 · list corrections")] = False,
    review: Annotated[bool, typer.Option("--review", help="只列待复核的 · list only those that need review")] = False,
    keep: Annotated[int, typer.Option(help="复核后保留第几号 · keep the correction with this number after review")] = 0,
    withdraw: Annotated[int, typer.Option(help="撤销第几号 · withdraw the correction with this number")] = 0,
    later: Annotated[bool, typer.Option("--later", help="只记下，以后再发布 · record without publishing")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="发布已记下的 · publish recorded corrections")] = False,
    who: Annotated[str, typer.Option(help="更正的人 · who corrects (default: login name)")] = "",
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """更正正文和标题里误读的文字 · correct misread text; list, review and withdraw corrections."""
    from rag.audit import system_user

    by = who or f"os:{system_user()}"
    opened = open_archive(archive)
    if listed or review:
        _list([s for s in opened.corrections() if not review or s.state == "for review"], as_json=as_json)
        return
    edit = None
    if withdraw:
        edit = opened.withdraw_correction(withdraw, who=by)
    elif keep:
        edit = opened.keep_correction(keep, who=by)
    elif article and original:
        edit = opened.correct_text(article, original, replacement, who=by, start=at, part=part)
    elif not publish:
        raise BaowenError("请给出编号、误读的文字、正确的文字 (give the id, the misread text and the correct text)")
    if edit is not None:
        note("text corrected", edit=edit.as_dict())
    changed = 0 if later else opened.publish_corrections().changed
    about = (edit.undoes or edit.number) if edit else None
    _list([s for s in opened.corrections() if s.correction.number == about], as_json=as_json)
    if not as_json:
        say(f"发布了 {changed} 篇的更正 (articles published)" if not later else "已记下，还没有发布 (recorded)")


def _list(found: list[Status], *, as_json: bool) -> None:
    for status in found:
        if as_json:
            print_json(status.as_dict())
            continue
        c = status.correction
        where = f"{c.before}[{c.original}→{c.replacement}]{c.after}"
        unseen = "，未发布 (not published)" if status.state == "in force" and not status.published else ""
        reason = f"：{status.reason}" if status.reason else ""
        say(harmless(f"{c.number}. {c.time} {c.who} {c.article} …{where}… {_NAMES[status.state]}{reason}{unseen}"))


_NAMES = {
    "in force": "有效 in force",
    "for review": "待复核 for review",
    "replaced": "已被后来的更正取代 replaced",
    "withdrawn": "已撤销 withdrawn",
}
