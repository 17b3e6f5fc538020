"""The web chat's entry point for other servers and programs; ``rag/web/server.py`` builds it."""

from __future__ import annotations

from rag.web.server import create_app, serve, warm  # rag sets variables before its dependencies are imported

__all__ = ["create_app", "serve", "warm"]
