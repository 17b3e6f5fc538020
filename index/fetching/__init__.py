"""Fetch editions of e-papers into a folder, which a build then reads. Only ``baowen fetch`` uses this package."""

from .crawl import Fetched, fetch

__all__ = ["Fetched", "fetch"]
