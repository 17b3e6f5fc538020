"""The chat as a Gradio page."""

from __future__ import annotations

import gradio as gr

from ..chat.chat import Chat
from ..programs.programs import programs
from .events import connect
from .layout import laid_out

_AT_ONCE = 64  # questions in progress; rag.serving.fair_queue gives the model to one after another


def page(chat: Chat) -> gr.Blocks:
    """Return the page in the chat's language."""
    with gr.Blocks(title=chat.say("Baowen"), analytics_enabled=False, fill_width=True) as blocks:
        connect(blocks, chat, laid_out(chat))
        if chat.render.language == chat.site.archive.settings.language:
            programs(chat.site)
    blocks.queue(default_concurrency_limit=_AT_ONCE)
    return blocks
