"""Read files and pictures in separate processes with limits, so that a hostile file harms only its own process."""

from .limits import Limits
from .pictures import page_image
from .reading import read_issue

__all__ = ["Limits", "page_image", "read_issue"]
