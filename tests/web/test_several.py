"""What `baowen chat` makes of the archives that it is given."""

import pytest

from index.build import build
from index.config import ArchiveSettings, PassageSettings, Settings
from index.errors import BaowenError
from rag.cli.chat import _sites, served

from ..conftest import ISSUES


def test_archives_are_named_by_the_command_or_the_configuration():
    configured = Settings(archives={"内部": ArchiveSettings(path="a", read=("组",))})
    assert served(configured, []) == configured.archives
    assert served(configured, ["data/one"]) == {}
    named = served(configured, ["内部=b", "公开=c"])
    assert named["内部"] == ArchiveSettings(path="b", read=("组",))
    assert named["公开"] == ArchiveSettings(path="c")
    for wrong in (["内部=a", "b"], ["内部="], ["=a"], ["内部=a", "内部=b"]):
        with pytest.raises(BaowenError, match="NAME=FOLDER"):
            served(configured, wrong)


def test_sites_of_several_archives_share_what_is_shared(archive_folder, embedder, tmp_path):
    build([ISSUES / "2025-04-18" / "01.md"], tmp_path / "open", embedder, PassageSettings())
    settings = Settings(
        embedder={"model": "fake"}, archives={"内部": {"path": archive_folder}, "公开": {"path": tmp_path / "open"}}
    )
    inner, outer = _sites(settings, [], None, tmp_path / "added", None)
    assert (inner.name, outer.name) == ("内部", "公开")
    assert outer.workers is inner.workers
    assert outer.models is inner.models
    assert outer.archive.queue is inner.archive.queue
    assert outer.feed.folder == tmp_path / "added" / "公开"
    assert inner.archive.store.stamp.articles > outer.archive.store.stamp.articles
    with pytest.raises(BaowenError, match="several archives"):
        _sites(Settings(embedder={"model": "fake"}), ["a", "b"], None, None, None)
