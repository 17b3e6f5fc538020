"""Commands around the web chat: chat, passwd, feedback, forget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from index.errors import BaowenError

from .options import Folder, archive_folder, open_archive
from .printing import print_json, say


def chat(
    archive: Folder = None,
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 · port")] = 7860,
    auth: Annotated[str | None, typer.Option(help="登录 · login, 用户:密码 user:password")] = None,
    passwords: Annotated[Path | None, typer.Option(help="密码文件 · password file (baowen passwd)")] = None,
    feed: Annotated[
        Path | None, typer.Option(help="允许在网页上添加报纸，存到这里 · let issues be added, kept here")
    ] = None,
) -> None:
    """打开问答网页 · serve the web chat."""
    from rag.web.feed import Feed
    from rag.web.login import Passwords
    from rag.web.server import serve

    known = Passwords(passwords) if passwords else None
    if auth is not None:
        user, colon, password = auth.partition(":")
        if not (user and colon and password):
            raise BaowenError("--auth 要写成 用户:密码 (must be user:password)")
        known = Passwords.of_one(user, password)
    opened = open_archive(archive)
    fed = Feed(feed, archive_folder(archive), opened.embedder, opened.settings) if feed else None
    serve(opened, host, port, passwords=known, feed=fed)


def passwd(
    name: Annotated[str, typer.Argument(help="用户名 · user name", metavar="NAME")],
    file: Annotated[Path, typer.Option(help="密码文件 · the password file")] = Path("data/passwords.txt"),
) -> None:
    """设置网页登录的密码 · set a password for the web chat."""
    from rag.web.login import set_password

    password = typer.prompt("密码 (password)", hide_input=True, confirmation_prompt=True, err=True)
    set_password(file, name, password)
    say(f"已写入 {file}；请用 baowen chat --passwords {file}")


def feedback(
    liked: Annotated[bool, typer.Option("--liked", help="只要点了赞的 · only those that were liked")] = False,
) -> None:
    """导出读者的评价，每行一个问题，可供 baowen eval · export what readers thought, a question a line."""
    from index.config import Settings
    from rag.web.history import History, as_question

    for turn in History(Settings.load().history).rated():
        if turn.liked or not liked:
            print_json(as_question(turn))


def forget(
    name: Annotated[
        str, typer.Argument(help="用户名，或此人任一回答的编号 · user name, or id of an answer", metavar="NAME")
    ],
) -> None:
    """抹去一个人问过的、得到的和评价过的 · erase what somebody asked, was answered and thought of it.

    没有登录的读者没有用户名：用其任一回答的分享链接 /answers/编号 末尾的编号。
    Readers without a login have no name: give the id at the end of the link to one of their answers.
    """
    from index.config import Settings
    from rag.web.history import History

    path = Settings.load().history
    if not path.is_file():
        raise BaowenError(f"没有历史文件 {path} (no history); 请查配置 history")
    history = History(path)
    try:
        shared = history.turn(name)
        gone = history.forget(shared.person if shared else name)
    finally:
        history.close()
    if not gone:
        raise BaowenError(f"历史 {path} 里没有 {name} (nothing of theirs in the history)")
    say(f"已抹去 {gone} 条问答 (erased)")
