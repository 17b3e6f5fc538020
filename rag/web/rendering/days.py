"""Earlier conversations by the day somebody last asked in them."""

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
    """Conversations, latest first, under the name of their day in the time of this machine.

    Args:
        now: the time with its zone; None for the clock's.
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
