"""Alerts of archives that are built and published, not of fakes."""

import pytest

from index.overlay.names import merge
from rag import Archive
from rag.alerts.outbox import deliver, gather
from tests.people.conftest import ARTICLES, build_named


@pytest.fixture
def archive(tmp_path, settings):
    """Its first report; the others are yet to be published."""
    return Archive.open(build_named(tmp_path, ARTICLES[:1]), settings)


def test_an_alert_finds_what_the_feed_finds_with_names_that_were_merged(kept, archive, tmp_path):
    merge(archive.overlay, "甲", "person", ["彭望舒"], "贺知遥")
    kept.save("w", archive.search_all("人物:贺知遥"), email="w@paper.example")
    build_named(tmp_path, ARTICLES[:2])
    gather(kept, archive, lambda search: True)
    sent = []
    deliver(kept, sent.append)
    assert [message.articles for message in sent] == [("b",)]
    assert archive.search_all("人物:贺知遥", "newest").ids == ["b", "a"]
