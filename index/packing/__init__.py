"""An archive as one file: ``pack`` writes it, ``unpack`` restores it. What is in it: docs/backup.md."""

from .contents import copied, copy_database
from .manifest import Manifest
from .restoring import Unpacked, unpack
from .writing import Packed, free_bytes, pack

__all__ = ["Manifest", "Packed", "Unpacked", "copied", "copy_database", "free_bytes", "pack", "unpack"]
