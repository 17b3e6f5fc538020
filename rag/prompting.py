"""What the model is told: the texts of ``rag/prompts/``, filled in."""

from __future__ import annotations

from functools import cache
from importlib import resources

from .evidence import harmless
from .generators import Message


@cache
def prompt(name: str) -> str:
    """The text of a prompt file."""
    return resources.files(__package__).joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8").strip()


def messages(question: str, read: str, check: str = "") -> list[Message]:
    """The chat that the model continues.

    Args:
        read: the evidence, as it stands in a prompt.
        check: what is asked about it in place of the answer.
    """
    said, _, call = prompt("question").format(evidence=read, question=harmless(question)).rpartition("\n")
    return [{"role": "system", "content": prompt("answer")}, {"role": "user", "content": f"{said}\n{check or call}"}]
