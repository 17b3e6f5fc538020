"""Read and embed on a Ray cluster; the archive is written on this machine."""

from .reader import RayReader

__all__ = ["RayReader"]
