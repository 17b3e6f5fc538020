"""What can go wrong with Milvus: a server that is lost, refuses or is full, and two writers."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from benchmarks.milvus import MARK, marked
from index.build import build
from index.config import MilvusSettings, PassageSettings, Settings
from index.errors import BaowenError
from index.storage.local import LocalStore
from index.storage.milvus import milvus_address
from index.storage.milvus.copying import copy_to_milvus
from index.storage.milvus.states import describe, prefixes
from index.storage.milvus.store import CurrentMilvus
from index.storage.opening import copy_archive, current_store
from index.storage.snapshots import ArchiveFolder
from index.storage.store import Filter
from rag import Archive
from tests.certificates import untrusted
from tests.conftest import ISSUES, ROOT, FakeEmbedder

grpc = pytest.importorskip("grpc", reason="milvus-lite is not installed (extra milvus)")
pytest.importorskip("milvus_lite", reason="milvus-lite is not installed (extra milvus)")

# Standard input: the size in bytes that its files may have from then on, in place of a full disk.
SERVER = """
import resource, signal, sys
from milvus_lite.adapter.grpc.server import start_server_in_thread
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
server, database, port = start_server_in_thread(sys.argv[1], port=int(sys.argv[2]))
print(port, flush=True)
for size in sys.stdin:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), resource.RLIM_INFINITY))
    print("limited", flush=True)
"""
OPTIONS = MilvusSettings(timeout=10)


class Server:
    """milvus-lite in a process of its own."""

    def __init__(self, folder):
        self._folder, self._port = folder, 0
        self.start()

    def start(self):
        command = [sys.executable, "-c", SERVER, str(self._folder), str(self._port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._port = int(self._process.stdout.readline())

    def limit_files(self, size):
        self._process.stdin.write(f"{size}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def kill(self):
        self._process.kill()
        self._process.wait(10)

    def place(self, name):
        return f"milvus://127.0.0.1:{self._port}/{name}"


@pytest.fixture
def server(tmp_path):
    started = Server(tmp_path / "milvus")
    yield started
    started.kill()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "archive"
    build([ISSUES], folder, FakeEmbedder(), PassageSettings())
    return folder


@contextmanager
def refusing(code, details):
    """The port of a server that refuses everything, as Milvus refuses a wrong password."""

    class Refusal(grpc.GenericRpcHandler):
        def service(self, call):
            return grpc.unary_unary_rpc_method_handler(lambda request, context: context.abort(code, details))

    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((Refusal(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None)


def opened(port, **options):
    settings = Settings(embedder={"model": "fake"}, milvus={"timeout": 1, **options})
    return Archive.open(f"milvus://127.0.0.1:{port}/news", settings)


def test_a_wrong_password_is_said_and_not_shown():
    details = "auth check failure, please check username and password are correct"
    with (
        refusing(grpc.StatusCode.UNAUTHENTICATED, details) as port,
        pytest.raises(BaowenError, match=rf"127\.0\.0\.1:{port} 出错 .*{details}.*请查地址、口令") as refused,
    ):
        opened(port, token="root:geheim")
    assert "geheim" not in str(refused.value)


def test_a_server_that_is_not_there_is_said():
    with pytest.raises(BaowenError, match=r"Milvus http://127\.0\.0\.1:1 出错.*Connection refused"):
        opened(1)


def test_a_certificate_that_is_not_trusted_is_said(tmp_path):
    message = r"Milvus https://127\.0\.0\.1:\d+ 出错.*CERTIFICATE_VERIFY_FAILED.*milvus\.certificate"
    with untrusted(tmp_path) as port, pytest.raises(BaowenError, match=message):
        opened(port, tls=True)


def test_a_full_disk_on_the_server_publishes_nothing_and_readers_go_on(server, built):
    place = server.place("news")
    copy_archive(str(built), place, OPTIONS)
    address, reader = milvus_address(place, OPTIONS), current_store(place, OPTIONS)
    before = reader().snapshot
    server.limit_files(20_000)
    with pytest.raises(BaowenError, match="File too large"):
        copy_archive(str(built), place, OPTIONS)
    assert (reader().snapshot, len(reader().articles(100))) == (before, reader().stamp.articles)
    assert [state["snapshot"] for state in describe(address, OPTIONS)] == [before]
    server.limit_files(1 << 40)  # somebody has made room
    copy_archive(str(built), place, OPTIONS)
    assert reader().snapshot > before


def test_a_server_that_is_lost_is_said_and_asked_again_once_it_is_back(server, built):
    place = server.place("news")
    options = MilvusSettings(timeout=2)
    copy_archive(str(built), place, options)
    reader = current_store(place, options)
    before = reader().articles(3)
    server.kill()
    started = time.monotonic()
    with pytest.raises(BaowenError, match="Milvus http://127"):
        reader().articles(3)
    assert time.monotonic() - started < 20
    server.start()
    assert tried(lambda: reader().articles(3)) == before
    assert reader().documents_with(["塔吊"])["塔吊"] > 0
    assert reader().lexical(["塔吊"], 3, Filter())


def tried(ask):
    """What is answered once gRPC has found the server again, which takes it a second or two."""
    for _ in range(100):
        with suppress(BaowenError):
            return ask()
        time.sleep(0.2)
    return ask()


def test_a_file_of_milvus_lite_is_searched_by_another_process_than_the_one_that_wrote_it(built, tmp_path):
    place = f"milvus:{tmp_path}/lite.db/news"
    subprocess.run([sys.executable, "-m", "rag", "copy", str(built), place], cwd=ROOT, check=True)
    store, local = current_store(place, OPTIONS)(), LocalStore(ArchiveFolder(built).require_current())
    assert len(store.lexical(["塔吊"], 3, Filter())) == len(local.lexical(["塔吊"], 3, Filter())) > 0
    assert store.documents_with(["塔吊"]) == local.documents_with(["塔吊"])


def test_two_writers_at_once_give_two_whole_states(server, built):
    place = server.place("news")
    copy_archive(str(built), place, OPTIONS)
    address = milvus_address(place, OPTIONS)
    source, failed = CurrentMilvus(address, OPTIONS)().source(), []

    def copy(one):
        try:
            copy_to_milvus(one, address, OPTIONS)
        except BaseException as error:
            failed.append(error)

    writers = [threading.Thread(target=copy, args=(one,)) for one in (source, marked(source))]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    states = [state.prefix for state in prefixes(address.client(OPTIONS), "news") if state.complete]
    assert len(states) == 3
    store = CurrentMilvus(address, OPTIONS)()
    assert store.snapshot in states[1:]
    assert len({article.body.endswith(MARK) for article in store.articles(100)}) == 1
    assert {len(whole.spans) for whole in store.source().articles()} <= {1, 2, 3, 4}
