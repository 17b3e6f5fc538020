"""Files and pictures are read in a process of their own, with limits: a hostile one costs itself alone."""

from .limits import Limits
from .pictures import page_image
from .reading import read_issue

__all__ = ["Limits", "page_image", "read_issue"]
