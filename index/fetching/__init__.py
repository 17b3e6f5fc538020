"""Editions of e-papers, fetched into a folder that a build then reads. Only ``baowen fetch`` calls this."""

from .crawl import Fetched, fetch

__all__ = ["Fetched", "fetch"]
