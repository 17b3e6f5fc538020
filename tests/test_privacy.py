"""Nothing is called and nothing is kept that docs/privacy.md does not say."""

import os
import re
import shutil
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from index import privacy

from .conftest import ROOT

PAGE = ROOT / "docs" / "privacy.md"
ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"')
RESOLVERS = ("systemd/resolve", "avahi")  # who look names up for others, asked through a file
# Chromium connects a datagram socket to it, which sends nothing, to see whether there is a way out by IPv6.
CHROMIUMS_PROBE = ("443", "2001:4860:4860::8888")


def works(*command):
    return shutil.which(command[0]) and subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def calls_beyond_this_machine(trace):
    """The lines of strace's record that look a name up or reach for another machine."""
    return [line for line in trace.read_text(errors="replace").splitlines() if is_call(line, trace.stem == "browser")]


def is_call(line, by_browser):
    if "AF_UNIX" in line:
        return any(resolver in line for resolver in RESOLVERS)
    for port, address in ADDRESS.findall(line):
        probe = by_browser and "connect(" in line and (port, address) == CHROMIUMS_PROBE
        if not probe and (port == "53" or not ip_address(address).is_loopback):
            return True
    return False


def listed(section):
    """What the page lists under a heading: the names in code at the start of its rows."""
    text = PAGE.read_text(encoding="utf-8").split(f"## {section}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


@pytest.mark.browser
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is Linux's")
def test_a_session_calls_nobody_and_keeps_what_is_listed(tmp_path):
    if not works("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect", "true"):
        pytest.skip("strace is missing or not allowed here: apt-get install strace")
    way = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    alone = bool(works(*way, "true"))
    command = [sys.executable, "-m", "tests.session", str(tmp_path), *(["--alone"] if alone else [])]
    done = subprocess.run(
        [*way, *command] if alone else command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    traces = sorted(tmp_path.glob("*.trace"))
    assert {"build", "ask", "watch", "chat"} <= {trace.stem for trace in traces}
    assert any("htons" in trace.read_text(errors="replace") for trace in traces)  # strace sees what there is
    assert {trace.stem: calls_beyond_this_machine(trace) for trace in traces} == {trace.stem: [] for trace in traces}
    home = tmp_path / "home"
    kept = {
        str(path.relative_to(home)) for folder in (home, home / ".cache", home / ".config") for path in seen(folder)
    }
    assert kept - {".cache", ".config"} <= {name.removeprefix("~/").rstrip("/") for name in listed("Cache and home")}
    assert {path.name for path in seen(home / ".cache" / "baowen")} <= {"models", "weights", "reading_speed.json"}
    assert {path.name for path in seen(tmp_path / "work" / "data")} <= {
        "archive",
        "history.sqlite",
        "history.sqlite-wal",
        "history.sqlite-shm",
    }


def seen(folder: Path):
    return list(folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ('1 connect(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', False),
        ('1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0', True),
        (
            '1 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16 <unfinished',
            True,
        ),
        ('1 sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(99), sin_addr=inet_addr("192.0.2.1")}, 16)', True),
        (
            "1 connect(3, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), "
            'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1',
            True,
        ),
        ('1 connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0', True),
        ('1 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT', False),
    ],
)
def test_calls_are_told_from_strace(line, is_one):
    assert is_call(line, by_browser=False) is is_one


@pytest.mark.parametrize("package", ["index", "rag", "app", "rag.llm.onnx"])
def test_reports_are_off_before_any_dependency_is_imported(package):
    program = f"""
import os, sys
for name in {list(privacy.ALWAYS_OFF)}:
    os.environ.pop(name, None)
os.environ["GRADIO_ANALYTICS_ENABLED"] = "True"
class Spy:
    def find_spec(self, name, path=None, target=None):
        if name in ("onnxruntime", "gradio", "huggingface_hub", "transformers", "torch"):
            assert "index.privacy" in sys.modules, name
            assert os.environ["ORT_DISABLE_TELEMETRY"] == "1", name
            assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False", name
sys.meta_path.insert(0, Spy())
import {package}
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=120)


def test_what_was_imported_before_is_silenced_too(monkeypatch):
    import onnxruntime
    from gradio import analytics
    from huggingface_hub import constants

    called = []
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: called.append("onnxruntime"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "True")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "false")
    privacy.silence()
    assert called == ["onnxruntime"]
    assert constants.HF_HUB_DISABLE_TELEMETRY
    assert not analytics.analytics_enabled()
    assert os.environ["OTEL_SDK_DISABLED"] == "false"  # a collector of one's own
