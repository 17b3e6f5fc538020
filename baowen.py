"""The ``baowen`` command: a Ctrl-C while its modules are still being imported ends it with 130 and a word too."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command."""
    try:
        from rag.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("\n已中断 (interrupted)\n")
        sys.exit(130)
