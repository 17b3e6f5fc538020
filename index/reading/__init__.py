"""Read newspaper pages: files → blocks → articles of a page → articles of an issue."""

from .content.files import UnreadableFileError
from .formats import SUFFIXES
from .issue import Issue, read_issue

# Raise this when the same file would be read differently, so that archives read it again.
READER_VERSION = 11

__all__ = ["READER_VERSION", "SUFFIXES", "Issue", "UnreadableFileError", "read_issue"]
