"""Groups earlier conversations by the day of their last question."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import groupby

from ..history.conversations import Conversation
from .text import Translator

_THIS_WEEK = 7  # days


def by_day(
    conversations: Sequence[Conversation], text: Translator, now: datetime.datetime | None = None
) -> list[tuple[str, list[Conversation]]]:
    """Return conversations, latest first, grouped under the name of their day in this machine's time zone.

    Args:
        now: the current time with its time zone; None: the machine's clock.
    """
    today = (now or datetime.datetime.now()).astimezone()

    def name(conversation: Conversation) -> str:
        asked = datetime.datetime.fromisoformat(conversation.asked).astimezone(today.tzinfo)
        days = (today.date() - asked.date()).days
        if days <= 0:
            return text.say("Today")
        if days == 1:
            return text.say("Yesterday")
        return text.say("This week") if days < _THIS_WEEK else f"{asked:%Y-%m}"

    return [(day, list(held)) for day, held in groupby(conversations, name)]
