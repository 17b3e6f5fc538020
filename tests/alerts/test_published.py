"""Alerts of archives that are built and published, not of fakes."""

import os
import signal
import subprocess
import sys

import pytest

from index.overlay.names import merge
from rag import Archive
from rag.alerts.outbox import deliver, gather
from rag.alerts.running import run_once
from tests.conftest import ROOT
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


def test_nothing_is_lost_by_processes_that_are_killed_between_sending_and_noting_it(
    kept, archive, hook, options, tmp_path
):
    configured = {
        "BAOWEN_EMBEDDER__MODEL": "fake",
        "BAOWEN_KEPT": str(kept.path),
        "BAOWEN_ALERTS__ALLOW_INTERNAL": '["127.0.0.1"]',
        "PYTHONPATH": str(ROOT),
    }
    kept.save("w", archive.search_all("夜校 OR 通知"), webhook=hook.url)
    for published in (2, 3):
        build_named(tmp_path, ARTICLES[:published])
        looking = [sys.executable, "-m", "rag", "alerts", "--archive", tmp_path / "archive"]
        hook.kills = subprocess.Popen(looking, env=os.environ | configured)
        assert hook.kills.wait(120) == -signal.SIGKILL
    hook.kills = None
    assert run_once(kept, {"": archive}, options) == (2, 0)
    posts = [(key, [told["id"] for told in post["articles"]]) for key, _, post in hook.posts]
    (first, *_), (last, *_) = posts[0], posts[-1]
    assert posts == [(first, ["b"]), (first, ["b"]), (first, ["b"]), (last, ["c"])]
    assert first != last
    assert run_once(kept, {"": archive}, options) == (0, 0)
