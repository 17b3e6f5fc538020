"""Commands around the web chat: chat, passwd, feedback, forget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import BaowenError

from .auditing import note
from .printing import print_json, say

if TYPE_CHECKING:
    from index.config import ArchiveSettings, Settings
    from rag.serving.database import Database
    from rag.web.access.login import Passwords
    from rag.web.sites.site import Site


def chat(
    archive: Annotated[
        list[str] | None,
        typer.Option(help="馆藏文件夹；几个就写几次 名字=文件夹 · archive folder; for several, repeat NAME=FOLDER"),
    ] = None,
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 · port")] = 7860,
    auth: Annotated[str | None, typer.Option(help="登录，用户:密码 · login, user:password")] = None,
    passwords: Annotated[Path | None, typer.Option(help="密码文件 · password file (see baowen passwd)")] = None,
    feed: Annotated[
        Path | None,
        typer.Option(help="允许在网页上添加报纸，存到这里 · allow adding issues on the page; save them here"),
    ] = None,
    root_path: Annotated[
        str | None, typer.Option(help="代理下的路径 · path under which a proxy serves the page")
    ] = None,
) -> None:
    """打开问答网页 · serve the web chat."""
    from index.config import Settings
    from rag.web.access.login import Passwords
    from rag.web.server import serve_sites
    from rag.web.sites.state import open_people, shared_database

    settings = Settings.load()
    database = shared_database(settings)
    known = None if auth is not None else open_people(passwords, database)
    if auth is not None:
        user, colon, password = auth.partition(":")
        if not (user and colon and password):
            raise BaowenError("--auth 要写成 用户:密码 (must be user:password)")
        known = Passwords.of_one(user, password)
    if root_path is not None:
        settings = settings.model_copy(update={"root_path": root_path})
    settings = settings.model_copy(update={"archives": served(settings, archive or [])})
    serve_sites(_sites(settings, archive or [], known, feed, database), host, port)


def served(settings: Settings, named: list[str]) -> dict[str, ArchiveSettings]:
    """Return the named archives: those given on the command line (NAME=FOLDER), otherwise the configured ones.

    Raises:
        BaowenError: some have a name and others do not, or two have the same name.
    """
    from index.config import ArchiveSettings

    pairs = [entry.partition("=") for entry in named]
    if not any(equals for _, equals, _ in pairs):
        return {} if named else dict(settings.archives)
    if not all(name and equals and path for name, equals, path in pairs) or len({p[0] for p in pairs}) < len(pairs):
        raise BaowenError("几个馆藏都要写成 名字=文件夹，名字各不相同 (give each as NAME=FOLDER, with different names)")
    known = settings.archives
    return {
        name: known[name].model_copy(update={"path": Path(path)}) if name in known else ArchiveSettings(path=Path(path))
        for name, _, path in pairs
    }


def _sites(
    settings: Settings, named: list[str], known: Passwords | None, feed: Path | None, database: Database | None
) -> list[Site]:
    """The sites to serve; with several archives they share models, workers and the history."""
    from rag.archive import Archive
    from rag.web.access.rights import Rights, may_add
    from rag.web.several import Borrowing
    from rag.web.sites.feed import Feed
    from rag.web.sites.site import Site
    from rag.web.sites.state import open_conversations, open_queue

    if len(named) > 1 and not settings.archives:
        raise BaowenError("几个馆藏要写成 名字=文件夹 (several archives: NAME=FOLDER each)")
    folders = {name: held.path for name, held in settings.archives.items()}
    folders = folders or {"": Path(named[0]) if named else settings.archive}
    rights, history = Rights(settings.access, settings.archives), open_conversations(settings, database)
    sites: list[Site] = []
    for name, folder in folders.items():
        opened = Archive.open(folder, settings)
        if sites:
            opened = Borrowing(opened, sites[0].archive)
        else:
            opened.queue = open_queue(settings, database)
        kept = feed / name if feed else None
        fed = Feed(kept, folder, opened.embedder, settings, may_add(rights, name)) if kept else None
        site = Site(opened, history.of(name), known, fed, name)
        sites.append(replace(site, models=sites[0].models, workers=sites[0].workers) if sites else site)
    return sites


def passwd(
    name: Annotated[str, typer.Argument(help="用户名 · user name", metavar="NAME")],
    file: Annotated[
        Path | None, typer.Option(help="密码文件 · password file  [data/passwords.txt]", show_default=False)
    ] = None,
) -> None:
    """设置网页登录的密码 · set a password for the web chat.

    配置了 database 而不写 --file 时写入共享数据库。
    Without --file it is written to the shared database if one is configured.
    """
    from index.config import Settings
    from rag.web.access.login import set_password
    from rag.web.sites.state import shared_database

    database = shared_database(Settings.load()) if file is None else None
    password = typer.prompt("密码 (password)", hide_input=True, confirmation_prompt=True, err=True)
    if database is not None:
        from rag.web.access.shared_people import set_shared_password

        set_shared_password(database, name, password)
        note("password set", name=name)
        say("已写入共享数据库 (written to the shared database)")
        return
    file = file or Path("data/passwords.txt")
    set_password(file, name, password)
    note("password set", name=name)
    say(f"已写入 {file}；请用 baowen chat --passwords {file}")


def feedback(
    liked: Annotated[bool, typer.Option("--liked", help="只要点了赞的 · only liked answers")] = False,
) -> None:
    """导出读者的评价，每行一个问题，可供 baowen eval · export ratings, one question per line."""
    from index.config import Settings
    from rag.web.history.conversations import as_question
    from rag.web.sites.state import open_conversations, shared_database

    settings = Settings.load()
    note("exported", form="feedback")
    for turn in open_conversations(settings, shared_database(settings)).rated():
        if turn.liked or not liked:
            print_json(as_question(turn))


def forget(
    name: Annotated[
        str,
        typer.Argument(help="用户名，或此人任一回答的编号 · user name, or id of any of their answers", metavar="NAME"),
    ],
) -> None:
    """抹去一个人问过的、得到的和评价过的 · erase a person's questions, answers and ratings.

    没有登录的读者没有用户名：用其任一回答的分享链接 /answers/编号 末尾的编号。
    Readers without a login have no user name: give the id at the end of the link to one of their answers.
    """
    from index.config import Settings
    from rag.alerts.shared import open_kept
    from rag.web.sites.state import open_conversations, shared_database

    settings = Settings.load()
    database = shared_database(settings)
    place = database.name if database else str(settings.history)
    if database is None and not settings.history.is_file():
        raise BaowenError(f"没有历史文件 {place} (no history file); 请查配置 history")
    history = open_conversations(settings, database)
    try:
        person = history.person_of(name) or name
        gone = history.forget(person) + open_kept(settings).forget(person)
    finally:
        history.close()
    if not gone:
        raise BaowenError(f"历史 {place} 里没有 {name} (nothing of theirs in the history)")
    note("erased", answers=gone)
    say(f"已抹去 {gone} 条问答 (erased)")
