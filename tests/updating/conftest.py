"""What tests of pictures of pages share."""

import pytest

from index.reading import read_issue
from index.reading.formats import scan
from index.reading.scanning.recogniser import Recognition


@pytest.fixture
def reading_no_scans(monkeypatch):
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    monkeypatch.setattr("index.reading.scanning.recogniser.recogniser", lambda: lambda dots: Recognition([], []))
    monkeypatch.setattr("index.updating.reading.read_issue", read_issue)  # in this process, where these hold
    monkeypatch.setattr("index.storage.snapshots.fsync", lambda path: None)
