"""Corrections of misread text in an opened archive: recorded with author and time, then published."""

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
from rag.stories.threads import require_article

from .browsing import Browsing
from .query.validation import check_text


class Correcting(Browsing):
    """The part of an opened archive that corrects its texts.

    Args:
        store: returns the snapshot to read.
        embedder: the model the archive was built with.
        settings: the configuration.
        overlay: the corrections made by hand; None: nothing can be corrected.
        folder: the archive's folder; None: corrections are recorded but not published from here.
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
        """Record a correction of misread text. After ``publish_corrections`` it is searched and cited.

        Args:
            identity: the article's id.
            original: the misread text.
            replacement: the correct text; empty deletes the original.
            who: the person who corrects.
            start: offset in that part; None: the only place where ``original`` occurs.
            part: body, kicker, title or subtitle; empty: the body, or the heading if the body lacks ``original``.

        Raises:
            BaowenError: the article is not in the archive, the place is not found, somebody else corrected it in the
                meantime, or the texts are not valid.
        """
        for name, text in (("原文", original), ("改成的字", replacement), ("更正的人", who)):
            check_text(name, text)
        article = require_article(self.store, identity)
        return correct(self._overlay, article, original, replacement, who=who, start=start, part=part)

    def withdraw_correction(self, number: int, *, who: str) -> Edit:
        """Withdraw the correction of text with this number.

        Raises:
            BaowenError: there is no such correction, or it is already withdrawn.
        """
        return withdraw(self._overlay, number, who)

    def keep_correction(self, number: int, *, who: str) -> Edit:
        """Confirm a correction whose article has since changed.

        Raises:
            BaowenError: there is no such correction, the article has not changed, or the corrected place is gone.
        """
        return keep(self._overlay, self.store.catalogue, number, who)

    def corrections(self) -> list[Status]:
        """Return every correction of text with its state, in the order they were made."""
        return statuses(self.overlay, self.store.catalogue) if self.overlay else []

    def publish_corrections(self) -> Report:
        """Publish the current corrections, as a build also does.

        Raises:
            BaowenError: they cannot be published now; they stay recorded.
        """
        if self.folder is None:
            raise BaowenError("更正已记下；下次在文件夹里构建馆藏时发布 (recorded; the next build publishes them)")
        from index.build import publish_corrections  # the writing side is loaded only when needed

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
            raise BaowenError("这个馆藏没有地方存更正 (corrections cannot be stored)；请配置 database")
        return self.overlay
