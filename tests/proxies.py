"""Debian's nginx with the configuration of deploy/; skipped where it is not installed."""

import shutil
import socket
import subprocess
from contextlib import contextmanager

import pytest

from tests.certificates import certificate
from tests.conftest import ROOT

SITE = ROOT / "deploy" / "nginx" / "baowen.conf"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def nginx(folder, ports):
    """Its address, before servers at two ports; its addresses and certificate alone are put in."""
    if not shutil.which("nginx"):
        pytest.skip("nginx or openssl is not installed (Debian: nginx-light, openssl)")
    port = free_port()
    certificate(folder)
    site = SITE.read_text("utf-8")
    site = site.replace("/etc/nginx/certificates", str(folder)).replace("listen 443", f"listen 127.0.0.1:{port}")
    for name, own in zip(("chat1", "chat2"), ports, strict=True):
        site = site.replace(f"{name}:7860", f"127.0.0.1:{own}")
    (folder / "site.conf").write_text(site, encoding="utf-8")
    folders = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"daemon off; user root; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
    http_block = f"http {{ access_log off; {folders} include {folder}/site.conf; }}"
    (folder / "nginx.conf").write_text(f"{main} {http_block}", encoding="utf-8")
    process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
