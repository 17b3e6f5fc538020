"""Commands that pack an archive into one file and restore it: pack, unpack."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import BaowenError

from .auditing import note
from .options import AsJson, archive_folder
from .printing import print_json, say

if TYPE_CHECKING:
    from index.config import Settings

_OPTIONS = {
    "history.sqlite": "--history",
    "passwords.txt": "--passwords",
    "baowen.toml": "--config",
    "kept.sqlite": "--kept",
}


def pack(
    archive: Annotated[
        Path | None,
        typer.Argument(
            help="馆藏文件夹；不写用配置的 · archive folder (default: the configured one)", metavar="ARCHIVE"
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="写成的文件；不写用馆藏的名字 · file to write (default: named after the archive)",
            metavar="FILE.baowen",
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option(min=0, help="名字里写上时间，只留最近几份 · add the time to the name; keep this many files")
    ] = 0,
    history: Annotated[
        bool, typer.Option("--history", help="也带上提问和评价 · include conversations and ratings")
    ] = False,
    kept: Annotated[
        bool, typer.Option("--kept", help="也带上保存的检索和选集 · include saved searches and collections")
    ] = False,
    images: Annotated[bool, typer.Option("--images", help="也带上版面图 · include page images")] = False,
    passwords: Annotated[Path | None, typer.Option(help="也带上这个密码文件 · include this password file")] = None,
    as_json: AsJson = False,
) -> None:
    """把馆藏写成一个文件，备份或搬家用 · pack an archive into one file, for backup or moving."""
    import tomlkit

    from index.config import Settings, without_secrets
    from index.packing import pack as write_pack

    settings = Settings.load()
    folder = archive or settings.archive
    target = file or Path(f"{folder.resolve().name}.baowen")
    with tempfile.TemporaryDirectory(prefix="baowen-pack-") as temporary:
        written = Path(temporary, "baowen.toml")
        written.write_text(tomlkit.dumps(without_secrets(settings)), encoding="utf-8")
        extras = {"baowen.toml": written} | _copies(settings, Path(temporary), history, kept)
        if passwords is not None:
            if not passwords.is_file():
                raise BaowenError(f"没有密码文件 {passwords} (no password file)")
            extras["passwords.txt"] = passwords
        packed = write_pack(folder, target, extras, keep=keep, images=images)
    note("packed", archive=str(folder), file=packed.file, snapshot=packed.snapshot, extras=sorted(extras))
    if as_json:
        print_json(asdict(packed))
        return
    removed = f"；删去较早的 {len(packed.removed)} 份 (older copies removed)" if packed.removed else ""
    say(f"已写成 {packed.file}：{packed.articles} 篇、{packed.passages} 段，{packed.bytes >> 10} KB{removed}")


def _copies(settings: Settings, folder: Path, history: bool, kept: bool) -> dict[str, Path]:
    """Copy the history and the saved searches; return the copies by their names in the pack."""
    from index.packing import copy_database
    from rag.web.history.migrations import copy_history

    if (history or kept) and settings.database:
        raise BaowenError("提问、评价和保存的检索在共享数据库里 (in the shared database)；请用数据库的备份，如 pg_dump")
    copies = {}
    if history:
        copies["history.sqlite"] = folder / "history.sqlite"
        copy_history(settings.history, copies["history.sqlite"])
    if kept:
        copies["kept.sqlite"] = folder / "kept.sqlite"
        copy_database(settings.kept, copies["kept.sqlite"])
    return copies


def unpack(
    file: Annotated[
        Path, typer.Argument(help="baowen pack 写成的文件 · file written by baowen pack", metavar="FILE.baowen")
    ],
    archive: Annotated[
        Path | None,
        typer.Argument(
            help="恢复到这个文件夹；不写用配置的 · folder to restore to (default: the configured one)",
            metavar="ARCHIVE",
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="取代那里的馆藏 · replace the archive there")] = False,
    history: Annotated[
        Path | None, typer.Option(help="提问和评价恢复到这里 · restore conversations and ratings to this file")
    ] = None,
    kept: Annotated[
        Path | None, typer.Option(help="保存的检索恢复到这里 · restore saved searches to this file")
    ] = None,
    passwords: Annotated[
        Path | None, typer.Option(help="密码文件恢复到这里 · restore the password file to this path")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="配置恢复到这里 · restore the configuration to this path")] = None,
    as_json: AsJson = False,
) -> None:
    """从 pack 写成的文件恢复馆藏 · restore an archive from a packed file."""
    from index.packing import unpack as read_pack

    wanted = {"history.sqlite": history, "passwords.txt": passwords, "baowen.toml": config, "kept.sqlite": kept}
    extras = {name: path for name, path in wanted.items() if path is not None}
    restored = read_pack(file, archive_folder(archive), extras, replace=replace)
    note("unpacked", archive=restored.archive, file=str(file), snapshot=restored.snapshot)
    if as_json:
        print_json(asdict(restored))
        return
    say(
        f"已恢复到 {restored.archive}：{restored.articles} 篇、{restored.passages} 段，"
        f"备份于 (packed) {restored.created}"
    )
    if "overlay.sqlite" in restored.left:
        say("馆藏已有更正，备份里的没有恢复 (the archive has its own corrections; those in the pack were not restored)")
    if left := [name for name in restored.left if name in _OPTIONS]:
        options = " ".join(f"{_OPTIONS[name]} 文件" for name in left)
        say(f"备份里还有 (also in the pack) {'、'.join(left)}；要恢复请加 {options}")
