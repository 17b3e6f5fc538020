"""Certificates that nobody vouches for, made by openssl; skipped where it is not installed."""

import shutil
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress
from socket import create_server

import pytest


def certificate(folder):
    """``site.crt`` and ``site.key`` in a folder."""
    if not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed (Debian: nginx-light, openssl)")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    files = ["-keyout", folder / "site.key", "-out", folder / "site.crt", "-subj", "/CN=papers.example"]
    subprocess.run([*make, *files], check=True, capture_output=True)


@contextmanager
def untrusted(folder):
    """The port of a server that shows such a certificate."""
    certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.crt", folder / "site.key")
    context.set_alpn_protocols(["h2"])
    with create_server(("127.0.0.1", 0)) as listening:

        def accept():
            while True:
                try:
                    came = listening.accept()[0]
                except OSError:
                    return
                with suppress(OSError), context.wrap_socket(came, server_side=True) as shown:
                    shown.recv(1)

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
