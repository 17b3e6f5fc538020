"""The web chat's entry for other servers and programs; what it is made of is in ``rag/web/server.py``."""

from __future__ import annotations

from rag.web.server import create_app, serve, warm  # rag sets what dependencies read before it imports any

__all__ = ["create_app", "serve", "warm"]
