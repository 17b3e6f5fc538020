"""The one error a user sees: a sentence in their terms, with the offending value and the next step."""


class BaowenError(Exception):
    """Something the user can mend; its text is shown as it is, without a traceback."""


class DamagedSnapshotError(BaowenError):
    """A snapshot that cannot be read; the one before it may be."""
