"""Address of an archive in Milvus: ``milvus://host:port/name``, or ``milvus:folder/file.db/name`` for milvus-lite."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.config import MilvusSettings
from index.errors import BaowenError
from index.extras import require

if TYPE_CHECKING:
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

# A path has lost one of two slashes.
_FORM = re.compile(r"milvus:(?P<slashes>/*)(?P<place>.+?)/(?P<name>[A-Za-z_]\w{0,63})/?", re.ASCII)
_PORT = 19530

_clients: dict[tuple[str, MilvusSettings], MilvusClient] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class MilvusAddress:
    """A server's address or a milvus-lite file, and the archive's name there, which is its alias."""

    uri: str
    name: str

    def __str__(self) -> str:
        """As it is written on the command line."""
        return f"milvus:{re.sub('^https?:', '', self.uri)}/{self.name}"

    def client(self, settings: MilvusSettings) -> MilvusClient:
        """A connection, shared within this process.

        Raises:
            BaowenError: the extra is not installed, or the server cannot be reached.
        """
        with _lock:
            if (known := _clients.get((self.uri, settings))) is not None:
                return known
            client = _clients[self.uri, settings] = self._connected(settings)
            return client

    def _connected(self, settings: MilvusSettings) -> MilvusClient:
        require("pymilvus", "milvus", f"{self} ")
        from pymilvus import MilvusClient

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs each error with its traceback
        options: dict[str, object] = {"timeout": settings.timeout}
        if not self.uri.startswith("http"):
            require("milvus_lite", "milvus", f"{self} ")
            Path(self.uri).parent.mkdir(parents=True, exist_ok=True)
        elif settings.token is not None:
            options["token"] = settings.token.get_secret_value()
        if settings.certificate is not None:
            options["server_pem_path"] = str(settings.certificate)
        with told(self):
            return MilvusClient(self.uri, **options)


def milvus_address(place: str | Path, settings: MilvusSettings) -> MilvusAddress | None:
    """Parse an archive's location as a Milvus address; None for a folder.

    Raises:
        BaowenError: it starts like a Milvus address but is invalid.
    """
    text = str(place)
    if not text.startswith("milvus:"):
        return None
    form = _FORM.fullmatch(text)
    if form is None:
        raise BaowenError(
            f"{text} 不是 Milvus 地址 (not an address)；要像 milvus://主机:19530/名字 或 milvus:文件夹/文件.db/名字，"
            "名字是字母、数字和下划线"
        )
    if form["place"].endswith(".db"):
        return MilvusAddress(form["slashes"][:1] + form["place"], form["name"])
    host, colon, port = form["place"].rpartition(":")
    scheme = "https" if settings.tls else "http"
    return MilvusAddress(f"{scheme}://{host}:{port}" if colon else f"{scheme}://{port}:{_PORT}", form["name"])


@contextmanager
def told(address: MilvusAddress) -> Iterator[None]:
    """Convert Milvus exceptions to BaowenError."""
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        reason = " ".join(f"{error.message or error} {_refusal(error)}".split())[:500]
        mend = "请查地址、口令 (milvus.token)、证书 (milvus.certificate) 和服务"
        raise BaowenError(f"Milvus {address.uri} 出错 (Milvus): {reason}；{mend}") from error
    except OSError as error:
        raise BaowenError(f"Milvus {address.uri} 用不了 (cannot use it): {error}") from error


def _refusal(error: MilvusException) -> str:
    """Why a connection failed; pymilvus itself only says that it did, be it the password or the certificate."""
    from grpc import Call

    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:  # an exception may be its own context's context
        if isinstance(cause, Call):
            return f"({cause.details()})"
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return ""
