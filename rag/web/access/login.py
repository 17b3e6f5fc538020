"""People in a password file, and browsers recognised by a signed cookie."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

import bcrypt
from starlette.requests import HTTPConnection

from index.errors import BaowenError

from .rereading import Rereading
from .rights import user

NAME = re.compile(r"[^:\s]{1,64}")
_LONGEST = 72  # bytes that bcrypt uses
_NOBODY = bcrypt.hashpw(b"nobody", bcrypt.gensalt(10))


class Passwords:
    """Names and bcrypt hashes, one ``name:hash`` per line as written by ``htpasswd -B``; read again when changed.

    If it cannot be read later, the people last read stay, and the log says so.

    Raises:
        BaowenError: the file cannot be read the first time, or a line is not a name and a hash.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read_at = -1
        self._rereading = Rereading("people")
        self._hashes: dict[str, bytes] = {}
        self._known: set[bytes] = set()  # digests of passwords that were right, since bcrypt is slow by design
        self._read()

    @classmethod
    def of_one(cls, name: str, password: str) -> Passwords:
        """Return the password of one person, given on the command line."""
        alone = cls.__new__(cls)
        alone._path, alone._lock, alone._read_at, alone._known = Path(), threading.Lock(), 0, set()
        alone._hashes = {name: hashed(password)}
        return alone

    def check(self, name: str, password: str) -> bool:
        """Return whether the password is right."""
        self._refresh()
        kept = self._hashes.get(name)
        digest = hashlib.sha256(b"\0".join((name.encode(), password.encode(), kept or b""))).digest()
        if digest in self._known:
            return True
        right = bcrypt.checkpw(password.encode()[:_LONGEST], kept or _NOBODY) and kept is not None
        if right:
            self._known.add(digest)
        return right

    def mark(self, name: str) -> str:
        """Return a value that changes with the password but does not reveal it; empty for an unknown name."""
        self._refresh()
        kept = self._hashes.get(name)
        return hashlib.sha256(b"session\0" + kept).hexdigest()[:16] if kept else ""

    @property
    def names(self) -> list[str]:
        """The names of people who have a password."""
        self._refresh()
        return sorted(self._hashes)

    def __contains__(self, name: str) -> bool:
        self._refresh()
        return name in self._hashes

    def _refresh(self) -> None:
        if self._path == Path():
            return
        with self._lock:
            self._rereading.run(self._read)

    def _read(self) -> None:
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._read_at:
                self._hashes = dict(_entries(self._path))
                self._read_at = changed
        except (OSError, UnicodeDecodeError) as error:
            raise BaowenError(
                f"无法读取密码文件 {self._path} (cannot read): {error}；"
                f"请运行 (run) baowen passwd 用户名 --file {self._path}"
            ) from error


def _entries(path: Path) -> list[tuple[str, bytes]]:
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, colon, kept = line.strip().partition(":")
        if not line.strip():
            continue
        if not (colon and kept.startswith("$2")):
            raise BaowenError(f"{path} 第 {number} 行不是 用户名:bcrypt散列 (not a name and a bcrypt hash)")
        entries.append((name, kept.encode()))
    return entries


def hashed(password: str) -> bytes:
    """Return the hash of a password.

    Raises:
        BaowenError: the password is empty or longer than bcrypt can use.
    """
    if not 0 < len(password.encode()) <= _LONGEST:
        raise BaowenError(f"密码要有 1 到 {_LONGEST} 个字节 (1 to {_LONGEST} bytes)")
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(10))


def set_password(path: Path, name: str, password: str) -> None:
    """Add a person to a password file, or change their password.

    Raises:
        BaowenError: the name or the password is invalid, or the file cannot be written.
    """
    if not NAME.fullmatch(name):
        raise BaowenError(f"用户名 {name!r} 不能用：不要空格和冒号 (no spaces or colons)")
    try:
        entries = dict(_entries(path)) if path.exists() else {}
        entries[name] = hashed(password)
        partial = path.with_name(path.name + ".partial")
        partial.touch(mode=0o600)
        partial.write_text("".join(f"{n}:{kept.decode()}\n" for n, kept in entries.items()), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise BaowenError(f"无法写入密码文件 {path} (cannot write): {error}") from error


def person(request: HTTPConnection) -> str:
    """Return the login's name, or the browser's id if nobody is logged in."""
    return user(request.scope) or str(request.session.get("person") or "")
