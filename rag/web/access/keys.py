"""API keys, each with a name, an owner, its archives and an expiry date; only their hashes are stored."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import secrets
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from index.errors import BaowenError
from index.types import JsonObject

from .rereading import Rereading

_MARK = "bw_"
_NAME = re.compile(r"[\w.-]{1,64}")


@dataclass(frozen=True)
class Key:
    """A key as it is stored.

    ``person`` is its owner; ``archives`` are the names of those it may read, empty for all that the person may read;
    ``until`` is the last day it is valid, empty for no expiry. A key can only read, not add or administer.
    """

    name: str
    person: str
    sha256: str
    archives: tuple[str, ...] = ()
    until: str = ""
    made: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the key has expired."""
        return bool(self.until) and datetime.date.today().isoformat() > self.until


class Keys:
    """The keys in a file, which is read again when it changes.

    Raises:
        BaowenError: the file cannot be read, for all but ``find``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read_at = -1
        self._rereading = Rereading("keys")
        self._keys: dict[str, Key] = {}

    def find(self, given: str) -> Key | None:
        """Return the given key if it exists and has not expired, otherwise None; an unreadable file changes nothing."""
        if not self.is_like(given):
            return None
        self._rereading.run(self._refresh)
        found = self._keys.get(_hash(given))
        return found if found is not None and not found.is_over else None

    @staticmethod
    def is_like(given: str) -> bool:
        """Return whether a token looks like one of our keys."""
        return given.startswith(_MARK)

    def all(self) -> list[Key]:
        """Return all keys, including expired ones."""
        self._refresh()
        return list(self._keys.values())

    def add(self, name: str, person: str, archives: tuple[str, ...] = (), until: str = "") -> str:
        """Create a key and return it; it cannot be read again later.

        Raises:
            BaowenError: the name is invalid or taken, the date is invalid, or the file cannot be written.
        """
        if not _NAME.fullmatch(name):
            raise BaowenError(f"密钥的名字 {name!r} 不能用：只用字、数字、点和横线 (letters, digits, dots, hyphens)")
        if any(key.name == name for key in self.all()):
            raise BaowenError(f"已有名为 {name} 的密钥 (the name is taken)；请先 baowen key {name} --remove")
        try:
            until = until and datetime.date.fromisoformat(until).isoformat()
        except ValueError:
            raise BaowenError(f"{until} 不是日期 (not a date)，要写成 2026-12-31") from None
        key = _MARK + secrets.token_urlsafe(32)
        made = datetime.date.today().isoformat()
        self._write([*self.all(), Key(name, person, _hash(key), archives, until, made)])
        return key

    def remove(self, name: str) -> None:
        """Revoke a key immediately.

        Raises:
            BaowenError: there is no key with this name.
        """
        kept = [key for key in self.all() if key.name != name]
        if len(kept) == len(self._keys):
            raise BaowenError(f"没有名为 {name} 的密钥 (no such key)")
        self._write(kept)

    def _refresh(self) -> None:
        with self._lock:
            try:
                changed = self._path.stat().st_mtime_ns
                if changed != self._read_at:
                    held = json.loads(self._path.read_text(encoding="utf-8"))
                    self._keys = {entry["sha256"]: _key(entry) for entry in held}
                    self._read_at = changed
            except FileNotFoundError:
                self._keys, self._read_at = {}, -1
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise BaowenError(f"无法读取密钥文件 {self._path} (cannot read the keys): {error}") from error

    def _write(self, keys: list[Key]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial = self._path.with_name(self._path.name + ".partial")
            partial.touch(mode=0o600)
            partial.write_text(json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=1), "utf-8")
            partial.replace(self._path)
        except OSError as error:
            raise BaowenError(f"无法写入密钥文件 {self._path} (cannot write the keys): {error}") from error


def _key(entry: JsonObject) -> Key:
    return replace(Key(**entry), archives=tuple(entry["archives"]))


def _hash(key: str) -> str:
    """The hash of a key; since keys are long and random, a fast hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()
