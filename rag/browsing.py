"""What an archive answers without a language model: every hit of a query, names, threads, reprints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import Embedder
from index.overlay.log import Overlay
from index.overlay.names import KINDS, NameEdits, read_names
from index.search.expression import Expression, Numbers
from index.search.facets import EVERY
from index.storage.store import Store

from .people.page import NameOptions, NamePage, name_page
from .search.hits import Hits, find, of_snapshot
from .search.meaning import by_meaning
from .search.merging import merged_counts
from .stories.comparing import Compared, compare
from .stories.reprints import Reprint, reprints
from .stories.threads import DAYS, Thread, thread


class Browsing:
    """The part of an opened archive that people look through rather than ask.

    Args:
        store: returns the state to read.
        embedder: the model the archive was built with.
        settings: everything that is configured.
        overlay: what people corrected by hand; None: nothing.
    """

    def __init__(
        self, store: Callable[[], Store], embedder: Embedder, settings: Settings, overlay: Overlay | None = None
    ) -> None:
        self._store = store
        self.embedder = embedder
        self.settings = settings
        self.overlay = overlay

    @property
    def store(self) -> Store:
        """The archive's current state."""
        return self._store()

    def search_all(
        self,
        query: str,
        sort: str = "relevance",
        mode: str = "words",
        *,
        visible: Expression | None = None,
        snapshot: str | None = None,
    ) -> Hits:
        """Every article that a query (docs/search.md) fits; ``snapshot``: of earlier pages; else as ``find``."""
        store = of_snapshot(self._store, snapshot)
        meaning = by_meaning(self.embedder, self.settings.retrieval)
        return find(store, query, sort, mode, meaning, visible, self.name_edits)

    @property
    def name_edits(self) -> NameEdits:
        """The names that people merged or hid."""
        return read_names(self.overlay) if self.overlay else NameEdits()

    def name(self, name: str, kind: str | None = None, **options: Unpack[NameOptions]) -> NamePage:
        """What the archive has of a person, an organisation or a place; arguments and errors as ``name_page``."""
        return name_page(self.store, self.name_edits, name, kind, **options)

    def names_in(self, identity: str) -> dict[str, list[str]]:
        """The names in a report by kind, merged as people merged them; empty where no names are recorded."""
        try:
            search = self.store.search
            named = Numbers(tuple(search.numbers_of([identity])))
            counts = merged_counts(search, named, KINDS, EVERY, None, self.name_edits)
        except BaowenError:  # in Milvus
            return {}
        return {kind: list(held) for kind, held in counts.items() if held}

    def thread(self, identity: str, days: int = DAYS, visible: Expression | None = None) -> Thread:
        """The later and earlier reports on the matter of a report; arguments and errors as ``thread``."""
        return thread(self.store, identity, days, visible=visible)

    def reprints(self, identity: str, visible: Expression | None = None) -> list[Reprint]:
        """The reports that print a report's text again, with what they change; arguments as ``reprints``."""
        return reprints(self.store, identity, visible=visible)

    def compare(self, query: str, other: str, visible: Expression | None = None) -> Compared:
        """Two searches side by side; arguments and errors as ``search_all``."""
        a, b = (self.search_all(text, "newest", visible=visible) for text in (query, other))
        return compare(a, b)
