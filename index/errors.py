"""The one error a user sees: a sentence in their terms, with the offending value and the next step."""

from .secret import without_logins


class BaowenError(Exception):
    """Something the user can mend; its text is shown as it is, without a traceback and the logins in addresses."""

    def __str__(self) -> str:
        """What is shown."""
        return without_logins(super().__str__())


class DamagedSnapshotError(BaowenError):
    """A snapshot that cannot be read; the one before it may be."""
