"""Pages without an archive's frame: login, choice of an archive, administration."""

from __future__ import annotations

from starlette.responses import Response

from ..requests.responses import page_response
from .templating import Templates
from .text import LANGUAGES


class Alone:
    """Pages without a frame, in every language.

    Args:
        language: the default language.
    """

    def __init__(self, language: str) -> None:
        self._templates = {name: Templates(name) for name in LANGUAGES}
        self._default = self._templates[language]

    def page(self, template: str, language: str = "", status: int = 200, **values: object) -> Response:
        """Return a page rendered from a template."""
        templates = self._templates.get(language) or self._default
        return page_response(templates.render(template, **values), status)
