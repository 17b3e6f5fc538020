"""Corrections of misread text in an opened archive: recorded with who and when, then published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import Embedder
from index.overlay.log import Edit, Overlay
from index.overlay.texts import Status, correct, keep, statuses, withdraw
from index.report import Report
from index.search.names import tagger_of
from index.storage.store import Store
from rag.stories.threads import require

from .browsing import Browsing


class Correcting(Browsing):
    """The part of an opened archive by which its texts are corrected.

    Args:
        store: returns the state to read.
        embedder: the model the archive was built with.
        settings: everything that is configured.
        overlay: what people corrected by hand; None: nothing can be corrected.
        folder: the archive's; None: corrections are recorded and not published from here.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        embedder: Embedder,
        settings: Settings,
        overlay: Overlay | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(store, embedder, settings, overlay)
        self.folder = folder

    def correct_text(
        self, identity: str, original: str, replacement: str, *, who: str, start: int | None = None, part: str = ""
    ) -> Edit:
        """Record that a place of an article was misread; ``publish_corrections`` then has it searched and cited.

        Args:
            identity: the article's id.
            original: what stands there.
            replacement: what should; empty: nothing.
            who: who says so.
            start: where, in that part; None: at the one place that has ``original``.
            part: body, kicker, title or subtitle; empty: the body, or where that has no such words, the heading.

        Raises:
            BaowenError: the article is not held, the place is not found or was corrected by somebody else meanwhile,
                or the texts do not do.
        """
        article = require(self.store, identity)
        return correct(self._overlay, article, original, replacement, who=who, start=start, part=part)

    def withdraw_correction(self, number: int, *, who: str) -> Edit:
        """Withdraw a correction of text, by its number.

        Raises:
            BaowenError: there is none, or it is withdrawn already.
        """
        return withdraw(self._overlay, number, who)

    def keep_correction(self, number: int, *, who: str) -> Edit:
        """Confirm a correction whose article has changed since.

        Raises:
            BaowenError: there is none, nothing has changed, or its place is gone.
        """
        return keep(self._overlay, self.store.catalogue, number, who)

    def corrections(self) -> list[Status]:
        """Every correction of text with its state, in the order in which they were made."""
        return statuses(self.overlay, self.store.catalogue) if self.overlay else []

    def publish_corrections(self) -> Report:
        """Publish the corrections as they stand; a build does so too.

        Raises:
            BaowenError: it cannot be done now; the corrections stay recorded.
        """
        if self.folder is None:
            raise BaowenError("更正已记下；下次在文件夹里构建馆藏时发布 (recorded; the next build publishes them)")
        from index.build import publish_corrections  # reading and writing are loaded where they are needed

        tagger = tagger_of(self.settings.search)
        try:
            return publish_corrections(
                self.folder, self.embedder, self.settings.passages, tagger=tagger, overlay=self.overlay
            )
        except BaowenError as error:
            raise BaowenError(f"更正已记下，还没有发布 (recorded, not published yet)：{error}") from error

    @property
    def _overlay(self) -> Overlay:
        if self.overlay is None:
            raise BaowenError("这个馆藏没有地方存更正 (corrections cannot be kept)；请配置 database")
        return self.overlay
