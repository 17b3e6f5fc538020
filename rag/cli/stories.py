"""Commands that follow a matter over time: thread, reprints, compare, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from index.errors import BaowenError
from index.text.words import harmless

from .options import AsJson, Folder, open_archive
from .printing import place, print_answer, print_json, say

Identity = Annotated[str, typer.Argument(help="文章编号 · article id", metavar="ID")]


def thread(
    identity: Identity,
    days: Annotated[int, typer.Option(min=1, max=36500, help="前后多少天 · days before and after")] = 90,
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """同一件事的前后报道 · show earlier and later reports on the same matter."""
    found = open_archive(archive).thread(identity, days=days)
    if as_json:
        print_json(found.as_dict())
        return
    for follow in found.earlier:
        say(harmless(f"{follow.article.date}  {place(follow.article)}  {'、'.join(follow.shared)}"))
    say(harmless(f"{found.article.date} ▶ {place(found.article)}"))
    for follow in found.later:
        say(harmless(f"{follow.article.date}  {place(follow.article)}  {'、'.join(follow.shared)}"))


def reprints(identity: Identity, archive: Folder = None, as_json: AsJson = False) -> None:
    """一篇报道的转载，标出不同 · show the reprints of a report and what they change."""
    from rag.stories.threads import require_article

    opened = open_archive(archive)
    found = opened.reprints(identity)
    own = require_article(opened.store, identity)
    for reprint in found:
        if as_json:
            print_json(reprint.as_dict(own))
            continue
        say(harmless(f"{reprint.article.date or '（无日期）'}  {place(reprint.article)}  {reprint.same:.0%}"))
        for stretch in reprint.stretches:
            if stretch.change != "equal":
                left, right = own.body[slice(*stretch.left)], reprint.article.body[slice(*stretch.right)]
                say(harmless(f"   - {left}") + f"\n   + {harmless(right)}")
    if not found and not as_json:
        say("没有转载 (no reprints)")


def compare(
    query: Annotated[str, typer.Argument(help="检索式 · query", metavar="Q")],
    other: Annotated[str, typer.Argument(help="另一检索式 · other query", metavar="OTHER")],
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """比较两次检索：按月篇数和各自的用词 · compare two searches: hits per month and typical words."""
    found = open_archive(archive).compare(query, other)
    if as_json:
        print_json(found.as_dict())
        return
    for query, total, telling in zip(found.queries, found.totals, found.words, strict=True):
        say(harmless(f"{query}：{total} 篇；{'、'.join(telling)}"))
    for month, (a, b) in found.months.items():
        say(f"{month}  {a}  {b}")


def report(
    topic: Annotated[str, typer.Argument(help="题目 · topic", metavar="TOPIC")],
    since: Annotated[str | None, typer.Option(help="起始日期 · first date, e.g. 2024-07-01")] = None,
    until: Annotated[str | None, typer.Option(help="截止日期 · last date (included)")] = None,
    export: Annotated[
        Path | None, typer.Option(help="写成 Word 文件，引文作脚注 · write a Word file with footnotes")
    ] = None,
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """一个题目的大事记：按日期逐条引报纸原文 · list findings on a topic by date, with citations."""
    found = open_archive(archive).report(topic, since, until)
    if export is not None:
        from rag.web.rendering.exports import answer_docx

        try:
            export.write_bytes(answer_docx(found))
        except OSError as error:
            raise BaowenError(f"写不了 {export} (cannot write): {error.strerror}；请换个地方") from error
    if as_json:
        print_json(found.as_dict())
    else:
        print_answer(found)
