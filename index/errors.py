"""The one error that users see: a sentence in their terms, with the offending value and the next step."""

from .secret import without_logins


class BaowenError(Exception):
    """A problem that the user can fix; its text is shown without a traceback and without the logins in addresses."""

    def __str__(self) -> str:
        """The text that is shown."""
        return without_logins(super().__str__())


class DamagedSnapshotError(BaowenError):
    """A snapshot that cannot be read; the previous one may be readable."""
