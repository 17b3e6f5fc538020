"""What a build has to do: the difference between the given files and those in the archive."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.report import Report
from index.sources import File, Source, digest_of, grouped

from .folder_names import name_files
from .ledger import Held, HeldFile, Problem


@dataclass
class Plan:
    """``stale``: issues to read; ``gone``: files to remove; ``aliases``: a file → its other names in the archive."""

    held: Held
    sources: list[Source]
    stale: list[Source]
    gone: set[str]
    aliases: dict[str, list[str]]

    @classmethod
    def of(cls, files: Sequence[File], held: Held, *, keep_others: bool) -> Plan:
        """Compare ``files`` with the archive; with ``keep_others``, only files found under other names are ``gone``."""
        named = name_files(files, held.folders, keep_others=keep_others)
        sources = grouped(named.files, held.by_source if keep_others else ())
        wanted = {file.source for source in sources for file in source.files}
        if keep_others:
            gone = _renamed(named.files, held, wanted)
            for source in sources:
                _complete(source, held, gone)
        else:
            gone = held.files.keys() - wanted
        aliases = {name: [other for other in others if other in held.files] for name, others in named.aliases.items()}
        found = {name: kept for name, others in aliases.items() if (kept := [o for o in others if o not in gone])}
        return cls(held, sources, _stale(sources, held, gone), gone, found)

    def __bool__(self) -> bool:
        return bool(self.stale or self.gone or self.aliases)

    def leaving(self) -> dict[str, list[str]]:
        """Key of an issue in the archive → its files that are removed, read again or moved to another issue."""
        stale = {source.key: source for source in self.stale}
        homes = {file.source: source.key for source in self.sources for file in source.files}
        moved = {path for path, file in self.held.files.items() if homes.get(path, file.source) != file.source}
        gone = self.gone | moved
        keys = {self.held.files[path].source for path in gone} | (stale.keys() & self.held.hashes.keys())
        result = {}
        for key in keys:
            read_again = key in stale
            paths = self.held.by_source.get(key, [])
            result[key] = [p for p in paths if p in gone or (read_again and p not in stale[key].kept)]
        return result

    def unplaced(self) -> Iterable[tuple[str, File]]:
        """Yield files whose location is new or has changed and must be recorded, each with its issue's key."""
        read_again = {source.key for source in self.stale}
        for source in self.sources:
            for file in source.files:
                held = self.held.files.get(file.source)
                if source.key in read_again or held is None or held.location != location(file):
                    yield source.key, file

    def when(self, file: File) -> HeldFile:
        """When the bytes of a file were added: now, unless the archive already had them under any name."""
        digest = file.digest.hex()
        held = self.held.files.get(file.source)
        if held is None and digest in self.held.by_digest:
            held = self.held.files[self.held.by_digest[digest]]
        if held is not None and held.digest == digest:
            return held
        return HeldFile(digest, "", None, self.held.updates + 1, file.modified)

    def report(self, fresh: dict[str, list[Problem]]) -> Report:
        """Count the files by outcome; ``fresh``: the problems of the issues read now."""
        report = Report(removed=len(self.gone))
        read_again = {source.key for source in self.stale}
        for source in self.sources:
            problems = (fresh if source.key in read_again else self.held.problems).get(source.key, [])
            report.problems.extend(problem.text for problem in problems)
            report.lost_records += sum(problem.lost for problem in problems)
            failed = {problem.path for problem in problems}
            for file in source.files:
                held = self.held.files.get(file.source)
                if file.source in failed:
                    continue
                if held is None:
                    report.added += 1
                elif held.digest != file.digest.hex():
                    report.changed += 1
                else:
                    report.unchanged += file.given
        return report


def location(file: File) -> bytes | None:
    """The location of a file's folder, in the recorded form; None if the file is not on this machine."""
    return os.fsencode(os.path.realpath(file.folder)) if file.folder else None


def _renamed(files: Sequence[File], held: Held, wanted: set[str]) -> set[str]:
    """Files in the archive that no longer exist at their location, while the same bytes arrived under a new name."""
    gone = set()
    for file in files:
        if file.source in held.files:
            continue
        path = held.by_digest.get(file.digest.hex())
        if path is None or path in wanted:
            continue
        place = held.files[path].location
        if place is not None and os.path.isdir(os.path.dirname(place)) and not os.path.exists(_file_at(place, path)):
            gone.add(path)
    return gone


def _file_at(place: bytes, path: str) -> bytes:
    return os.path.join(place, os.fsencode(path.rpartition("/")[2]))


def _complete(source: Source, held: Held, gone: set[str]) -> None:
    """Add the other files of an existing issue to it, so that it can be read as a whole."""
    present = {file.source for file in source.files}
    known = source.files[0]
    for path in held.by_source.get(source.key, ()):
        if path in present or path in gone:
            continue
        folder, _, name = path.rpartition("/")
        place = held.files[path].location
        at = known.folder if place is None or folder == known.source.rpartition("/")[0] else os.fsdecode(place)
        whole = os.path.join(at, name)
        try:
            digest, modified = digest_of(whole), os.stat(whole).st_mtime_ns
        except OSError:
            source.kept[path] = held.files[path].digest
            continue
        source.files.append(replace(known, folder=at, source=path, digest=digest, modified=modified, given=False))
    source.files.sort(key=lambda file: file.source)


def _stale(sources: Sequence[Source], held: Held, gone: set[str]) -> list[Source]:
    """Issues that changed, or with an article whose later text, in another file, is removed or read again."""
    stale = {source.key for source in sources if held.hashes.get(source.key) != source.hash}
    by_file = {file.source: source.key for source in sources for file in source.files}
    todo = [*gone, *(path for key in stale for path in held.by_source.get(key, ()))]
    while todo:
        for loser in held.superseded.get(todo.pop(), ()):
            key = by_file.get(loser)
            if key is not None and key not in stale:
                stale.add(key)
                todo.extend(held.by_source.get(key, ()))
    return [source for source in sources if source.key in stale]
