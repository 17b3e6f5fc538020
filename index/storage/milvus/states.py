"""The states of an archive in Milvus: list them, find the published one, and return to an earlier one."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.config import MilvusSettings
from index.errors import BaowenError
from index.types import JsonObject

from ..store import FORMAT, Stamp
from .address import MilvusAddress, told
from .schema import META, PARTS

if TYPE_CHECKING:
    from pymilvus import MilvusClient


@dataclass(frozen=True)
class State:
    """Collections with the same prefix; ``complete``: the row that describes them exists."""

    prefix: str
    begun: datetime.datetime
    complete: bool


def prefixes(client: MilvusClient, name: str) -> list[State]:
    """The states of an archive, oldest first."""
    form = re.compile(rf"({re.escape(name)}_(\d{{14}})_[0-9a-f]{{6}})_(?:{'|'.join(PARTS)})")
    found = {m[1]: m[2] for held in client.list_collections() if (m := form.fullmatch(held))}
    states = []
    for prefix, begun in sorted(found.items()):
        at = datetime.datetime.strptime(begun, "%Y%m%d%H%M%S").replace(tzinfo=datetime.UTC)
        states.append(State(prefix, at, described(client, prefix) is not None))
    return states


def described(client: MilvusClient, prefix: str) -> JsonObject | None:
    """The description of a state; None if it is incomplete."""
    collection = f"{prefix}_articles"
    if not all(client.has_collection(f"{prefix}_{part}") for part in PARTS):
        return None
    client.load_collection(collection)
    rows = client.query(collection, filter=f"number == {META}", output_fields=["body"])
    return json.loads("".join(rows[0]["body"])) if rows else None


def load(client: MilvusClient, prefix: str) -> None:
    """Have a state ready for searching; milvus-lite forgets at its end what was."""
    for part in PARTS:
        client.load_collection(f"{prefix}_{part}")


def is_loaded(client: MilvusClient, prefix: str) -> bool:
    """Whether a state can be searched."""
    from pymilvus.client.types import LoadState

    return all(client.get_load_state(f"{prefix}_{part}")["state"] == LoadState.Loaded for part in PARTS)


def current_prefix(client: MilvusClient, name: str) -> str | None:
    """The prefix of the published state; None if nothing is published."""
    from pymilvus.exceptions import MilvusException

    try:
        collection = str(client.describe_alias(name)["collection_name"])
    except MilvusException as error:
        if "not" in str(error.message) and name in str(error.message):  # "not found" or "does not exist"
            return None
        raise
    return collection.removesuffix("_passages")


def require_current(client: MilvusClient, address: MilvusAddress) -> str:
    """The prefix of the published state.

    Raises:
        BaowenError: nothing is published; the message ends with the command that publishes an archive.
    """
    prefix = current_prefix(client, address.name)
    if prefix is None:
        raise BaowenError(
            f"{address} 里没有馆藏 {address.name} (no archive there)；请先运行 (run): "
            f"baowen build 报纸文件夹 --archive 馆藏，再 baowen copy 馆藏 milvus:…/{address.name}"
        )
    return prefix


def drop(client: MilvusClient, prefix: str) -> None:
    """Remove a state."""
    for part in PARTS:
        if client.has_collection(f"{prefix}_{part}"):
            client.drop_collection(f"{prefix}_{part}")


def rollback(address: MilvusAddress, settings: MilvusSettings) -> str:
    """Publish the complete state before the current one again.

    Raises:
        BaowenError: there is no earlier state.
    """
    client = address.client(settings)
    with told(address):
        current = require_current(client, address)
        earlier = [
            state.prefix for state in prefixes(client, address.name) if state.complete and state.prefix < current
        ]
        if not earlier:
            raise BaowenError(f"馆藏 {address} 没有更早的快照 (no earlier snapshot)")
        client.alter_alias(f"{earlier[-1]}_passages", address.name)
        return earlier[-1]


def describe(address: MilvusAddress, settings: MilvusSettings) -> list[JsonObject]:
    """Return one object per complete state, oldest first, like ``index.maintenance.describe``."""
    client = address.client(settings)
    with told(address):
        current = require_current(client, address)
        found = []
        for state in prefixes(client, address.name):
            if (held := described(client, state.prefix)) is not None:
                stamp, dates = Stamp(**held["stamp"]), sorted(date for date in held["dates"] if date)
                values = {"created": stamp.created, "articles": stamp.articles, "passages": stamp.passages}
                spread = {"first_date": dates[0] if dates else None, "last_date": dates[-1] if dates else None}
                named = {"snapshot": state.prefix, "current": state.prefix == current}
                found.append(named | values | spread | {"embedder": stamp.embedder})
        return found


def stamp_of(held: JsonObject, address: MilvusAddress) -> Stamp:
    """The stamp of a state.

    Raises:
        BaowenError: it has another format.
    """
    stamp = Stamp(**held["stamp"])
    if stamp.format != FORMAT:
        raise BaowenError(f"{address} 的格式是 {stamp.format}，本版本读 {FORMAT} (format)；请再 baowen copy 一次")
    return stamp
