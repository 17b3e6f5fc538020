"""Newspaper files are read in a process of their own, with limits: a bad or hostile one costs that file and no more."""

from .reading import Limits, read_issue

__all__ = ["Limits", "read_issue"]
