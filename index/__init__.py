"""The write side: newspaper files → articles → passages → vectors → a published snapshot."""

from . import privacy  # must come first: the dependencies read what it sets
from .article import Article
from .build import build, remove
from .errors import BaowenError
from .report import Report

__all__ = ["Article", "BaowenError", "Report", "build", "privacy", "remove"]
