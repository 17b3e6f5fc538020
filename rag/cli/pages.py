"""Commands that read newspapers: parse, fetch, build, add, watch, remove."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import BaowenError

from .auditing import note
from .options import AsJson, Check, Folder, MinHit5, Sources, gate_of
from .printing import print_json, say, warn

if TYPE_CHECKING:
    from index.article import Article
    from index.config import Settings
    from index.reading import Issue
    from index.report import Report
    from index.updating.reading import Reader

log = logging.getLogger("baowen")


def parse(
    files: Sources,
    as_json: AsJson = False,
    explain: Annotated[bool, typer.Option("--explain", help="逐行说明 · show how each line was classified")] = False,
    names: Annotated[
        str,
        typer.Option("--map", help="来源自己的字段名 · field names of the source, e.g. title=headline,text=content"),
    ] = "",
    regions: Annotated[
        bool, typer.Option("--regions", help="连同在版面上的位置 · include positions on the page image")
    ] = False,
) -> None:
    """把版面切成文章，不入馆 · show the articles in SRC without indexing them."""
    from index.isolation import read_issue
    from index.reading.facts.fields import given_names
    from index.report import Report
    from index.sources import find_sources, unread_kinds

    if regions and not as_json:
        raise typer.BadParameter("--regions 要与 --json 同用 (needs --json)")
    fields = given_names(names)
    found = find_sources(files)
    report = Report(problems=list(found.failed))
    count = 0
    for source in found.sources:
        issue = read_issue(((file.path, file.source) for file in source.files), fields)
        report.problems.extend(issue.failed)
        report.warnings.extend(issue.warnings)
        count += len(issue.articles)
        if explain:
            _explain(issue, as_json=as_json)
            continue
        for article in issue.articles:
            if as_json:
                placed = {"regions": [region.as_dict() for region in article.regions]} if regions else {}
                print_json(article.as_dict() | {"body": article.paragraphs} | placed)
            else:
                _print_article(article)
    warn(report.notes)
    if found.unread:
        log.warning("%s", unread_kinds(found.unread))
    if report.problems and not count:
        raise BaowenError("没有读出文章 (no article could be read)")


def fetch(
    url: Annotated[str, typer.Argument(help="某天某一版的地址 · URL of any page of any issue", metavar="URL")],
    since: Annotated[datetime | None, typer.Option(help="起始日期 · first date", formats=["%Y-%m-%d"])] = None,
    until: Annotated[datetime | None, typer.Option(help="截止日期 · last date", formats=["%Y-%m-%d"])] = None,
    to: Annotated[Path, typer.Option(help="存到这里 · folder to save to")] = Path("issues"),
    rate: Annotated[float, typer.Option(min=0.01, max=5, help="每秒最多请求几次 · maximum requests per second")] = 1,
    limit: Annotated[int, typer.Option(min=1, help="最多请求几次 · maximum number of requests")] = 2000,
) -> None:
    """从网上取数字报，供 build 读 · download the issues of an e-paper, for build."""
    from index.fetching import fetch as fetch_editions

    if since and until and since > until:
        raise typer.BadParameter("--since 晚于 --until (--since is after --until)")
    given = fetch_editions(url, to, since and since.date(), until and until.date(), rate=rate, limit=limit)
    say(f"{given}；存在 {to}，可运行 baowen build {to}")


def build(
    sources: Sources,
    archive: Folder = None,
    as_json: AsJson = False,
    check: Check = None,
    min_hit5: MinHit5 = 0.9,
    later: Annotated[
        bool, typer.Option("--later", help="先发布有文字的，再识别扫描件 · publish text first, then read scans")
    ] = False,
    on: Annotated[
        str | None,
        typer.Option(help="在 Ray 集群上读和算向量 · read and embed on a Ray cluster", metavar="ray[://HOST:PORT]"),
    ] = None,
) -> None:
    """建立或更新馆藏，使它与 SRC 一致 · build or update the archive to match SRC."""
    if on is not None and on != "ray" and not on.startswith("ray://"):
        raise typer.BadParameter(f"--on 要 ray 或 ray://主机:端口，不是 {on!r} (not ray or ray://host:port)")
    _build(sources, archive, as_json, keep_others=False, check=check, min_hit5=min_hit5, later=later, on=on)


def add(sources: Sources, archive: Folder = None, as_json: AsJson = False) -> None:
    """加入或替换，不删除别的 · add or replace articles without removing others."""
    if not _build(sources, archive, as_json, keep_others=True).read:
        raise BaowenError("给的文件都没有读出来，新增 0 个 (none of the given files could be read)")


def _build(
    sources: list[Path],
    archive: Path | None,
    as_json: bool,
    *,
    keep_others: bool,
    check: Path | None = None,
    min_hit5: float = 0.9,
    later: bool = False,
    on: str | None = None,
) -> Report:
    from index.build import build as build_archive
    from index.config import Settings
    from index.models.embedder import LazyEmbedder
    from index.search.names import tagger_of
    from index.sources import lower_priority
    from index.updating.reading import read_here
    from rag.serving.database.corrections import open_overlay

    lower_priority()
    settings = Settings.load()
    embedder = LazyEmbedder(settings)
    update = partial(
        build_archive,
        sources,
        archive or settings.archive,
        embedder,
        settings.passages,
        keep_others=keep_others,
        gate=gate_of(check, min_hit5, embedder, settings),
        tagger=tagger_of(settings.search),
        images=settings.images,
        overlay=open_overlay(archive or settings.archive, settings),
        reader=_reader_on(on, settings) if on else read_here,
    )
    if later:
        first = update(later=True)
        log.info("有文字的已发布 (text pages are published)：%s", first)
    report = update()
    if later:
        report.join(first)
    counts = {name: getattr(report, name) for name in ("added", "changed", "removed")}
    note("added" if keep_others else "built", archive=str(archive or settings.archive), **counts)
    warn(report.notes)
    if as_json:
        print_json(report.as_dict())
    else:
        say(str(report))
    return report


def _reader_on(on: str, settings: Settings) -> Reader:
    from index.models.embedder import LazyEmbedder
    from index.on_ray import RayReader

    return RayReader(on, partial(LazyEmbedder, settings))


def watch(sources: Sources, archive: Folder = None) -> None:
    """守着文件夹，新的报纸到了就收入 · index new or changed files as they arrive."""
    from index.config import Settings
    from index.models.embedder import LazyEmbedder
    from index.search.names import tagger_of
    from index.sources import lower_priority
    from index.watching import watch as watch_folder
    from rag.serving.database.corrections import open_overlay

    settings = Settings.load()
    lower_priority()
    tagger = tagger_of(settings.search)
    folder = archive or settings.archive
    overlay = open_overlay(folder, settings)
    watch_folder(
        sources,
        folder,
        LazyEmbedder(settings),
        settings.passages,
        tagger=tagger,
        images=settings.images,
        overlay=overlay,
    )


def remove(
    ids: Annotated[list[str], typer.Argument(help="文章编号 · article ids", metavar="ID…")], archive: Folder = None
) -> None:
    """按编号删除文章 · remove articles by id."""
    from index.build import remove as remove_articles
    from index.config import Settings
    from index.models.embedder import LazyEmbedder

    settings = Settings.load()
    report = remove_articles(ids, archive or settings.archive, LazyEmbedder(settings), settings.passages)
    note("removed", archive=str(archive or settings.archive), articles=ids)
    say(f"删除 {report.removed} 篇；馆藏现有 {report.articles} 篇、{report.passages} 段")


def _explain(issue: Issue, *, as_json: bool) -> None:
    """Print every segment of every page: its line, its role, and why it has this role."""
    for source, fields in issue.fields.items():
        if as_json:
            print_json({"source": source, "fields": fields})
        else:
            say(f"== {source}  {' '.join(f'{ours}={theirs}' for ours, theirs in fields.items())}")
    for page in issue.pages:
        if not as_json:
            found = "、".join(f"{name}: {origin}" for name, origin in page.facts.origins)
            say(f"== {page.source}  date={page.facts.date} page={page.facts.page} paper={page.facts.paper}  ({found})")
        for segment in page.ledger:
            if as_json:
                print_json({"source": page.source, **vars(segment)})
            else:
                say(f"{segment.line:5}  {segment.role:13} {segment.text[:60]}  ← {segment.why}")


def _print_article(article: Article) -> None:
    say(f"== {article.title or '（无题）'}  {article.id}")
    for name in ("kicker", "subtitle", "section", "date", "pages", "reporters", "correspondents", "photographers"):
        if value := getattr(article, name):
            say(f"   {name}: {' '.join(map(str, value)) if isinstance(value, tuple) else value}")
    for paragraph in article.paragraphs:
        say(f"   　　{paragraph}")
    say("")
