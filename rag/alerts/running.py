"""Finds new hits and sends alerts in a thread next to the server, so that publishing does not wait for them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from index.article import Article
from index.config import AlertSettings
from index.errors import BaowenError

from .kept import Kept, SavedSearch
from .outbox import Message, Searchable, deliver, gather
from .sending import Sender

log = logging.getLogger(__name__)

Archives = Mapping[str, Searchable]  # by their names


def run_once(
    kept: Kept, archives: Archives, settings: AlertSettings, may: Callable[[SavedSearch], bool] = lambda search: True
) -> tuple[int, int]:
    """Find new hits in each archive and send due messages; return how many were sent and how many were refused."""
    for name, archive in archives.items():
        gather(kept, archive, may, name)

    def articles(message: Message) -> Sequence[Article]:
        if message.search.archive not in archives or not may(message.search):
            return ()
        search = archives[message.search.archive].store.search
        return search.articles(search.numbers_of(message.told))

    return deliver(kept, Sender(settings, articles))


class Runner(threading.Thread):
    """Runs repeatedly until ``stop`` is called; failures are tried again."""

    def __init__(
        self, kept: Kept, archives: Archives, settings: AlertSettings, may: Callable[[SavedSearch], bool]
    ) -> None:
        super().__init__(name="alerts", daemon=True)
        self._work = (kept, archives, settings, may)
        self._every = settings.seconds
        self._ended = threading.Event()

    def run(self) -> None:
        """Look for new hits every few seconds."""
        while not self._ended.wait(self._every):
            try:
                run_once(*self._work)
            except BaowenError as error:
                log.warning("提醒：%s", error)
            except Exception:
                log.exception("提醒出错，稍后再试 (alerts failed, will try again)")

    def stop(self) -> None:
        """End after the message that is being sent."""
        self._ended.set()
