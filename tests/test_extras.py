"""What only some uses need may be missing: then its use is refused in one sentence that ends with the install line."""

import importlib.util
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from index.article import Article
from index.config import GeneratorSettings, OpenIDSettings, Settings
from index.errors import BaowenError
from index.extras import require
from index.on_ray import RayReader
from rag.llm import load_generator
from rag.search.exports import export
from rag.web.rendering import exports
from rag.web.views.openid import openid

from .conftest import ROOT, FakeEmbedder

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = ("accelerate", "authlib", "docx", "mcp", "openai", "openpyxl", "ray", "reportlab", "xllamacpp")
LOGIN = OpenIDSettings(issuer="http://login.example", client_id="baowen", client_secret="secret")


def generator(tmp_path, backend, url=None):
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    options = GeneratorSettings(backend=backend, model=str(model), url=url)
    return load_generator(Settings(generator=options, cache=tmp_path))


@pytest.fixture
def without(monkeypatch):
    """Make one module look as if it were not installed."""
    find = importlib.util.find_spec

    def remove(module):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == module else find(name))

    return remove


@pytest.mark.parametrize(
    ("module", "extra", "use"),
    [
        ("openai", "openai", lambda folder: generator(folder, "openai", "http://127.0.0.1:1/v1")),
        ("xllamacpp", "llama", lambda folder: generator(folder, "llama")),
        ("accelerate", "transformers", lambda folder: generator(folder, "transformers")),
        ("openpyxl", "office", lambda folder: export([Article("1", "题", "文。")], "xlsx")),
        ("docx", "office", lambda folder: exports.docx([], "对话")),
        ("reportlab", "office", lambda folder: exports.pdf([], "对话")),
        ("ray", "ray", lambda folder: list(RayReader("ray", FakeEmbedder)([], None))),
        (
            "authlib",
            "openid",
            lambda folder: openid(None, OpenIDSettings(issuer="http://a", client_id="b", client_secret="c"), None),
        ),
    ],
    ids=["模型服务", "llama.cpp", "transformers 读 GGUF", "导出 XLSX", "导出 Word", "导出 PDF", "Ray", "统一登录"],
)
def test_a_missing_package_is_named_with_its_install_line(tmp_path, without, module, extra, use):
    without(module)
    with pytest.raises(BaowenError, match=rf"需要 {module} \(not installed\).*pip install -e '\.\[{extra}\]'$"):
        use(tmp_path)
    assert extra in PROJECT["optional-dependencies"]


def test_nothing_asks_a_registry_for_the_project_which_is_on_none():
    texts = [p for folder in ("rag", "index", "docs", "deploy") for p in (ROOT / folder).rglob("*") if p.is_file()]
    texts += ROOT.glob("*.md")
    assert [str(path) for path in texts if re.search(rb"install\b[^\n]*\bbaowen\[", path.read_bytes())] == []


def test_what_is_installed_is_not_asked_for():
    require("numpy", "none", "计算")


def test_the_default_chat_imports_none_of_them():
    blocked = f"import sys; sys.modules.update(dict.fromkeys({OPTIONAL}))"  # None: importing it fails
    run = f"{blocked}; import app, rag.cli, rag.web.server, rag.llm.onnx, index.build, index.watching"
    done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_core_has_none_of_them():
    core = {Requirement(line).name for line in PROJECT["dependencies"] if "platform_machine" not in line}
    assert not core & {*OPTIONAL, "python-docx"}
    assert not any(Requirement(line).extras for line in PROJECT["dependencies"])


def test_the_lock_has_a_version_of_everything_that_the_core_allows():
    lines = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert not [line for line in lines if "/" in line or "@" in line]  # names and versions, no places
    locked = {canonicalize_name(Requirement(line).name): Requirement(line).specifier for line in lines}
    assert "+" not in str(locked["torch"])  # a CPU or CUDA build of it is kept
    for requirement in map(Requirement, PROJECT["dependencies"]):
        (pin,) = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin.version), requirement.name
