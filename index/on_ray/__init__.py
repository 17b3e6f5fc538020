"""Reading and embedding on a Ray cluster, for one archive that is written here."""

from .reader import RayReader

__all__ = ["RayReader"]
