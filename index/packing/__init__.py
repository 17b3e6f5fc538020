"""An archive as one file: ``pack`` writes it, ``unpack`` restores it. What is in it: docs/backup.md."""

from .manifest import Manifest
from .restoring import Unpacked, unpack
from .writing import Packed, free_bytes, pack

__all__ = ["Manifest", "Packed", "Unpacked", "free_bytes", "pack", "unpack"]
