"""Secrets in the configuration, and text without them: the one place that decides what may be shown."""

from __future__ import annotations

import re
from typing import get_args

from pydantic import BaseModel, SecretStr

_LOGIN = re.compile(r"(?<=://)[^/?#\s，；。（）]*@")


def without_logins(text: str) -> str:
    """The text without user names and passwords in its addresses."""
    return _LOGIN.sub("", text)


def shown(value: object, where: tuple[int | str, ...], settings: type[BaseModel]) -> str:
    """A configured value as it may be shown in an error; empty for a secret, a whole section, or an unknown name.

    Args:
        value: the given value.
        where: the path of names that leads to it.
        settings: the settings model.
    """
    kinds: list[object] = [settings]
    for name in where:
        fields = [field for kind in kinds if _is_section(kind) for field in _fields(kind, name)]
        kinds = [kind for field in fields for kind in _kinds(field)]
    public = bool(kinds) and SecretStr not in kinds and not any(map(_is_section, kinds))
    return without_logins(repr(str(value)[:80])) if public and not isinstance(value, dict | list) else ""


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(section: object, name: int | str) -> list[object]:
    """The annotation of a section's field; empty if it has no such field."""
    return [field.annotation for known, field in getattr(section, "model_fields", {}).items() if known == name]


def _kinds(annotation: object) -> list[object]:
    """The types that make up an annotation."""
    return [kind for part in get_args(annotation) for kind in _kinds(part)] or [annotation]
