"""A build on a Ray cluster of four machines, all on this one, gives the archive of a build without it."""

import json
import socket
import sqlite3
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import ray
from ray.cluster_utils import Cluster

from index.build import build
from index.config import PassageSettings
from index.on_ray import RayReader, reader
from index.storage.dense import ROWS
from index.storage.local import DATABASE
from index.storage.snapshots import ArchiveFolder
from tests.conftest import ISSUES, ROOT, FakeEmbedder

from .standin import RecordingEmbedder, embedded, nodes, under_way

pytestmark = pytest.mark.cluster

SETTINGS = PassageSettings()
MACHINE = {"num_cpus": 1, "object_store_memory": 80 << 20}
TABLES = ("articles", "passages", "facets", "sources", "files", "problems")
TEXT = "本报讯（记者 沈南乔）青石桥第{number}段封闭检修{number}天，行人请绕行云山路。"


@pytest.fixture(scope="module")
def cluster():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))  # what machines of the cluster import
        head = {"num_cpus": 0, "ray_client_server_port": port, "include_dashboard": False}
        made = Cluster(initialize_head=True, head_node_args=MACHINE | head)
        try:
            for _ in range(3):
                made.add_node(**MACHINE)
            yield made
        finally:
            ray.shutdown()
            made.shutdown()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The sample issue, pages of several kinds, a dump of more passages than are embedded at once, a broken file."""
    folder = tmp_path_factory.mktemp("source") / "pages"
    for number in range(1, 13):
        day = folder / f"2031-03-{number:02}"
        day.mkdir(parents=True)
        text = TEXT.format(number=number)
        (day / "01.md").write_text(f"# 检修{number}\n\n{text}\n", encoding="utf-8")
        (day / "02.html").write_text(f"<html><body><h1>通告{number}</h1><p>{text}</p></body></html>", encoding="utf-8")
    records = [
        {"id": f"r{n}", "title": f"快讯{n}", "date": "2031-04-01", "text": TEXT.format(number=n)} for n in range(1500)
    ]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (folder / "dump.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 no zip")
    return folder


@pytest.fixture(scope="module")
def local(tmp_path_factory, pages):
    """The archive of a build on this machine, and its report."""
    folder = tmp_path_factory.mktemp("local") / "archive"
    return folder, build([pages, ISSUES], folder, FakeEmbedder(), SETTINGS)


@pytest.fixture
def record(tmp_path):
    """Where the cluster's models say what they embed."""
    (tmp_path / "embedded").mkdir()
    return tmp_path / "embedded"


def on_cluster(cluster: Cluster, record: Path, seconds: float = 0.0) -> RayReader:
    """Each issue is a task of its own."""
    port = cluster.head_node._ray_params.ray_client_server_port
    return RayReader(f"ray://127.0.0.1:{port}", partial(RecordingEmbedder, record, seconds), block=1)


def held(archive: Path):
    """All that an archive has of its articles, passages, vectors and files; their places lie in one folder each."""
    snapshot = ArchiveFolder(archive).require_current()
    with closing(sqlite3.connect(snapshot / DATABASE)) as database:
        rows = {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    return rows | {"vectors": (snapshot / ROWS).read_bytes()}


def test_the_archive_is_that_of_a_local_build(cluster, pages, local, record, tmp_path, embedder):
    archive, expected = local
    report = build([pages, ISSUES], tmp_path / "a", embedder, SETTINGS, reader=on_cluster(cluster, record))
    assert held(tmp_path / "a") == held(archive)
    assert report.problems == expected.problems
    assert any("broken.docx" in problem for problem in report.problems)
    assert len(embedded(record)) == len(set(embedded(record))) == report.passages
    assert embedder.calls == [], "nothing is embedded on this machine"

    calls = len(nodes(record))
    (pages / "2031-03-01" / "03.md").write_text("# 新事\n\n新地发生一件事。\n", encoding="utf-8")
    try:
        build([pages, ISSUES], tmp_path / "a", embedder, SETTINGS, reader=on_cluster(cluster, record))
    finally:
        (pages / "2031-03-01" / "03.md").unlink()
    assert len(nodes(record)) == calls + 1
    assert embedded(record)[-1] == "新事\n新地发生一件事。"


def test_an_interrupted_build_goes_on_after_the_last_file_that_came_back(
    cluster, pages, local, record, tmp_path, embedder, monkeypatch
):
    read = on_cluster(cluster, record)

    def interrupted(sources, job):
        with closing(read(sources, job)) as issues:
            for number, issue in enumerate(issues):
                if number == 5:
                    raise KeyboardInterrupt
                yield issue

    with pytest.raises(KeyboardInterrupt):
        build([pages, ISSUES], tmp_path / "a", embedder, SETTINGS, reader=interrupted)
    sent = []
    table = reader._table
    monkeypatch.setattr(reader, "_table", lambda numbered: sent.append(numbered[1].key) or table(numbered))
    build([pages, ISSUES], tmp_path / "a", embedder, SETTINGS, reader=read)
    assert held(tmp_path / "a") == held(local[0])
    keys = [key for key, _ in held(tmp_path / "a")["sources"]]
    assert sent == keys[6:]


def test_a_machine_that_is_lost_before_its_results_are_taken_costs_nothing(
    cluster, pages, local, record, tmp_path, embedder
):
    read, lost = on_cluster(cluster, record, seconds=1.0), []

    def killing(sources, job):
        for number, issue in enumerate(read(sources, job)):
            if number == 3:
                working = nodes(record)[-1]
                node = next(node for node in cluster.worker_nodes if node.node_id == working)
                cluster.remove_node(node, allow_graceful=False)
                lost.append(working)
            yield issue

    try:
        build([pages, ISSUES], tmp_path / "a", embedder, SETTINGS, reader=killing)
    finally:
        cluster.add_node(**MACHINE)
    assert held(tmp_path / "a") == held(local[0])
    assert lost


def test_a_machine_that_is_lost_while_it_embeds_costs_nothing(cluster, pages, local, record, tmp_path, embedder):
    lost = []

    def kill():
        while not (working := under_way(record)):
            time.sleep(0.05)
        node = next(node for node in cluster.worker_nodes if node.node_id == working[0])
        cluster.remove_node(node, allow_graceful=False)
        lost.append(working[0])

    killer = threading.Thread(target=kill, daemon=True)  # a build that fails before it embeds leaves it waiting
    killer.start()
    try:
        build([pages, ISSUES], tmp_path / "a", embedder, SETTINGS, reader=on_cluster(cluster, record, seconds=3.0))
    finally:
        killer.join(60)
        cluster.add_node(**MACHINE)
    assert held(tmp_path / "a") == held(local[0])
    assert under_way(record) == lost, "it was in the middle of a call, which never ended"
    assert lost[0] not in nodes(record)
    assert embedder.calls == []
