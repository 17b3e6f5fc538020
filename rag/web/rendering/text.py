"""The page's messages: English in the code and the templates, Chinese in a gettext catalogue (``locales/``)."""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")
LOCALES = Path(__file__).parent.parent / "locales"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; English needs none."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Translator:
    """Translates messages into one language (``zh`` or ``en``)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._translations = translations(language)

    def say(self, message: str, **values: object) -> str:
        """Return a message in the language, with its ``%(name)s`` filled in."""
        said = self._translations.gettext(message)
        return said % values if values else said

    def say_many(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the singular or plural form of a message as ``say``; ``count`` is filled in too."""
        return self._translations.ngettext(one, many, count) % (values | {"count": count})
