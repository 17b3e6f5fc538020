"""What an archive offers without a language model: full search results, names, threads, reprints."""

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
from .query.validation import check_text
from .search.hits import Hits, find_by, of_snapshot
from .search.meaning import by_meaning
from .search.merging import merged_counts
from .stories.comparing import Compared, compare
from .stories.reprints import Reprint, reprints
from .stories.threads import DAYS, Thread, thread


class Browsing:
    """The part of an opened archive that people browse instead of asking questions.

    Args:
        store: returns the snapshot to read.
        embedder: the model the archive was built with.
        settings: the configuration.
        overlay: the corrections made by hand; None: there are none.
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
        """The archive's current snapshot."""
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
        """Return every article that matches a query (docs/search.md).

        ``snapshot`` is that of the earlier pages of results; other arguments as ``find_by``.
        """
        check_text("检索式", query)
        store = of_snapshot(self._store, snapshot)
        meaning = by_meaning(self.embedder, self.settings.retrieval)
        return find_by(mode, meaning, store, query, sort, visible, self.name_edits)

    @property
    def name_edits(self) -> NameEdits:
        """The names that people merged or hid."""
        return read_names(self.overlay) if self.overlay else NameEdits()

    def name(self, name: str, kind: str | None = None, **options: Unpack[NameOptions]) -> NamePage:
        """Return the page of a person, an organisation or a place; arguments and errors as ``name_page``."""
        return name_page(self.store, self.name_edits, check_text("名字", name), kind, **options)

    def names_in(self, identity: str) -> dict[str, list[str]]:
        """Return the names in a report by kind, with people's merges applied; empty if no names are recorded."""
        try:
            search = self.store.search
            named = Numbers(tuple(search.numbers_of([identity])))
            counts = merged_counts(search, named, KINDS, EVERY, None, self.name_edits)
        except BaowenError:  # in Milvus
            return {}
        return {kind: list(held) for kind, held in counts.items() if held}

    def thread(self, identity: str, days: int = DAYS, visible: Expression | None = None) -> Thread:
        """Return the earlier and later reports on the same matter as a report; arguments and errors as ``thread``."""
        return thread(self.store, self.embedder, identity, days, visible=visible)

    def reprints(self, identity: str, visible: Expression | None = None) -> list[Reprint]:
        """Return the reports that reprint a report's text, with their changes; arguments as ``reprints``."""
        return reprints(self.store, identity, visible=visible)

    def compare(self, query: str, other: str, visible: Expression | None = None) -> Compared:
        """Compare two searches; arguments and errors as ``search_all``."""
        a, b = (self.search_all(text, "newest", visible=visible) for text in (query, other))
        return compare(a, b)
