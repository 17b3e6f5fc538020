"""Corrections made by hand, in the database that several servers share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from index.config import Settings
from index.errors import BaowenError
from index.overlay.log import Edit, Overlay
from index.storage.milvus import milvus_address
from index.types import JsonObject
from rag.serving.refreshed import Refreshed

from .connecting import Database, opened

_ADDING = 0x65646974  # PostgreSQL advisory lock for adding one


def open_overlay(place: str | Path, settings: Settings) -> Overlay | None:
    """Open an archive's corrections: in the configured database, otherwise in the archive's folder.

    The database identifies the archive by its name if it has one, otherwise by its location. The result is None if
    there is neither a database nor a folder.
    """
    if settings.database is not None:
        url = settings.database.get_secret_value()
        named = (name for name, held in settings.archives.items() if held.path == Path(place))
        return SharedOverlay(lambda: opened(url), next(named, str(Path(place))))
    return Overlay(Path(place)) if milvus_address(place, settings.milvus) is None else None


def require_overlay(place: str | Path, settings: Settings) -> Overlay:
    """Open an archive's corrections as ``open_overlay``, but never return None.

    Raises:
        BaowenError: the archive is in Milvus, and no database is configured.
    """
    overlay = open_overlay(place, settings)
    if overlay is None:
        address = milvus_address(place, settings.milvus)
        raise BaowenError(
            f"馆藏 {address} 在 Milvus 里，更正要存到共享数据库 (corrections need a database)；请配置 database"
        )
    return overlay


class SharedOverlay(Overlay):
    """The corrections of one archive, visible to every server within 2 seconds.

    While the database is unreachable, the last known ones are used.

    Args:
        database: opens the database on first use.
        archive: the archive's name or location, the same on every server.
    """

    def __init__(self, database: Callable[[], Database], archive: str) -> None:
        super().__init__(Path())
        self._database, self._archive = database, archive
        self._seen = Refreshed(self._read)

    def _entries(self) -> list[Edit]:
        return self._seen.value()

    def _read(self) -> list[Edit]:
        from .tables import edits

        with self._database().writing() as connection:
            rows = connection.execute(edits.select().where(edits.c.archive == self._archive).order_by(edits.c.number))
            return [Edit(r.number, r.time, r.who, r.action, json.loads(r.details), r.undoes) for r in rows]

    def _insert(self, time: str, who: str, action: str, details: JsonObject, undoes: int | None) -> int:
        import sqlalchemy as sa

        from .tables import edits

        values = {"archive": self._archive, "time": time, "who": who, "action": action, "undoes": undoes}
        with self._database().writing(_ADDING) as connection:
            taken = sa.select(edits.c.number).where(edits.c.undoes == undoes)
            if undoes is not None and connection.scalar(taken) is not None:
                raise BaowenError(f"更正 {undoes} 已经撤销过 (already taken back)")
            text = json.dumps(details, ensure_ascii=False)
            inserted = edits.insert().values(**values, details=text).returning(edits.c.number)
            number: int = connection.execute(inserted).scalar_one()
        self._seen.expire()
        return number
