"""Broken and hostile files of every kind: no crash, no hang, clear words."""

import resource

import pytest

from index.reading.formats import scan
from tests.reading.broken import SECONDS, broken, read
from tests.reading.samples import samples

SAMPLES = samples()
HOSTILE = (
    b"<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><a>&c;&c;</a>",
    b"<div>" * 20000,
    b"[" * 100000,
    b'{"a":' * 50000,
    "《".encode() * 40000,
    ("第" * 50 + "\n").encode() * 2000,
)


@pytest.fixture(autouse=True)
def no_recognition(monkeypatch):
    monkeypatch.setattr(scan, "can_recognise", lambda: False)


@pytest.mark.parametrize("suffix", sorted(SAMPLES))
def test_broken_files_are_read_or_refused(tmp_path, suffix):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = 0
    for data in broken(SAMPLES[suffix], HOSTILE):
        issue, seconds = read(tmp_path, suffix, data)
        assert seconds < SECONDS
        assert issue.articles or issue.failed or issue.pages
        for sentence in issue.failed:
            assert len(sentence) < 600
            assert "(" in sentence
        count += 1
    assert count >= 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 << 10  # KiB
