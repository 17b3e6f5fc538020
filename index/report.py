"""The result of a build, and its text for users."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from index.types import JsonObject

from .sources import unread_kinds

_NAMED = 3  # files named per note
_MOST = 20  # failures listed one by one


@dataclass
class Report:
    """The result of a build. ``added`` to ``failed`` count files; ``articles`` and ``passages`` count the archive's.

    A file of which nothing could be read counts only as ``failed``; ``problems`` says why, on every build until it is
    fixed, and ``lost_records`` counts the records of JSONL files that were not read. ``replaced`` counts articles for
    which another file contained a later text; ``unread`` counts files by unsupported kinds.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    articles: int = 0
    passages: int = 0
    seconds: float = 0.0
    replaced: int = 0
    lost_records: int = 0
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> JsonObject:
        """The report as JSON values."""
        return asdict(self)

    @property
    def read(self) -> int:
        """The number of given files that are in the archive."""
        return self.added + self.changed + self.unchanged

    def join(self, earlier: Report) -> None:
        """Add the counts of an update that directly preceded this one."""
        since = max(0, earlier.failed - self.failed)  # the earlier update left them for this one
        for name, more in (
            ("added", earlier.added + since),
            ("changed", earlier.changed),
            ("removed", earlier.removed),
        ):
            setattr(self, name, getattr(self, name) + more)
        self.unchanged = max(0, self.unchanged - earlier.added - earlier.changed - since)
        self.replaced += earlier.replaced
        self.seconds = round(self.seconds + earlier.seconds, 3)

    def __str__(self) -> str:
        parts = [
            f"新增 {self.added}、改动 {self.changed}、删除 {self.removed}、未变 {self.unchanged}、"
            f"失败 {self.failed} 个文件",
            f"丢失 {self.lost_records} 条记录 (records lost)" if self.lost_records else "",
            f"{self.replaced} 篇换成了后来的文本 (replaced)" if self.replaced else "",
            f"馆藏现有 {self.articles} 篇、{self.passages} 段",
            f"{self.seconds:.1f} 秒",
            unread_kinds(self.unread) if self.unread else "",
        ]
        return "；".join(part for part in parts if part)

    @property
    def notes(self) -> list[str]:
        """``problems`` and ``warnings`` as log lines; equal messages about many files are combined."""
        failures = [f"跳过 (skipped): {problem}" for problem in self.problems[:_MOST]]
        if len(self.problems) > _MOST:
            failures.append(f"跳过 (skipped): 另有 {len(self.problems) - _MOST} 处 (more)；全部见 --json")
        return failures + [f"注意 (note): {note}" for note in notes(self.warnings)]


def notes(warnings: Iterable[str]) -> list[str]:
    """Combine messages of the form ``file: what`` into few lines.

    Messages that differ only in file and number become one: 300 个文件共 812 行认不出归属，如 a.md、b.md、c.md.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for warning in warnings:
        name, _, what = warning.partition(": ")
        groups.setdefault(re.sub(r"\d+", "#", what), []).append((name, what))
    lines: list[str] = []
    for same in groups.values():
        if len(same) <= _NAMED:
            lines.extend(f"{name}: {what}" for name, what in same)
            continue
        counts = [re.findall(r"\d+", what) for _, what in same]
        what = same[0][1]
        if len(counts[0]) == 1:
            what = re.sub(r"\d+", str(sum(int(count[0]) for count in counts)), what)
        names = "、".join(name for name, _ in same[:_NAMED])
        lines.append(f"{len(same)} 个文件 (files): 共 {what}，如 {names}")
    return lines
