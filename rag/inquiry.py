"""A question in a conversation, and how it is understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Generator as Steps
from dataclasses import dataclass

from .answering import TOLD_EVERY
from .llm import Generator
from .query.rewriting import leans, rewritten, with_subject
from .results import Event, Waiting
from .serving.cancellation import model_failed
from .serving.fair_queue import FairQueue


@dataclass(frozen=True)
class Inquiry:
    """A question with the conversation before it, oldest first, the person who asks, and how to read its dates."""

    question: str
    history: Sequence[tuple[str, str]]
    person: str
    as_of: str | None
    read_dates: bool


def understood(
    inquiry: Inquiry, model: Callable[[], Generator], queue: FairQueue, longest: int
) -> Steps[Event, None, str]:
    """Return the question rewritten to stand alone; yield ``Waiting`` while queueing for the language model.

    Args:
        longest: the most characters of a question; if the rewritten one is longer, the original is asked.
    """
    if not leans(inquiry.question, inquiry.history):
        return rewritten(None, inquiry.question, inquiry.history)
    with queue.join(inquiry.person) as ticket:
        for place in ticket.places(TOLD_EVERY):
            yield Waiting(place)
        try:
            alone = rewritten(model(), inquiry.question, inquiry.history)
        except Exception as error:
            model_failed(error)
            alone = with_subject(inquiry.question, inquiry.history)
    return alone if len(alone) <= longest else inquiry.question
