"""Shows the progress of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from rag.results import Event, Found, Passage, Token, Waiting

from .render import Renderer


class Working:
    """The progress of an answer, as HTML."""

    def __init__(self, render: Renderer) -> None:
        self._render = render
        self._status = ""
        self._passages: Sequence[Passage] = ()
        self._draft = ""

    def after(self, event: Event) -> str:
        """Return what is shown after an event, even if nothing changed, since the page can only cancel then."""
        text = self._render.text
        if isinstance(event, Found):
            self._passages, count = event.passages, len({passage.article.id for passage in event.passages})
            self._status = text.say_many("%(count)s report found; reading…", "%(count)s reports found; reading…", count)
        elif isinstance(event, Waiting):
            self._status = text.say_many(
                "%(count)s question before yours; please wait…",
                "%(count)s questions before yours; please wait…",
                event.place,
            )
        elif isinstance(event, Token):
            if event.text:
                self._status = text.say("Writing; not checked yet")
            elif self._draft:  # the model has finished
                self._status = text.say("Checking each sentence…")
            self._draft += event.text
        return self._render.working(self._status, self._passages, draft=self._draft)
