"""A PostgreSQL server of Debian's package, started for the tests; skipped where it is not installed."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest


def binaries():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return Path(found[-1]).parent if found else None


@contextmanager
def postgresql():
    """The URL of an empty database, on a socket of its own folder."""
    folder = binaries()
    if folder is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    place = Path(tempfile.mkdtemp(prefix="baowen-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(place, user)
        run = {"user": user, "cwd": place, "check": True, "stdout": subprocess.DEVNULL}
        init = [folder / "initdb", "-D", place / "data", "-U", "baowen", "-A", "trust", "-N", "-E", "UTF8"]
        try:
            subprocess.run(init, **run)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"PostgreSQL cannot be set up here: {error}")
        options = f"-k {place} -c listen_addresses='' -c fsync=off"
        control = [folder / "pg_ctl", "-D", place / "data", "-w", "-l", place / "log"]
        subprocess.run([*control, "-o", options, "start"], **run)
        try:
            yield Server(f"postgresql+psycopg://baowen@/postgres?host={place}", control, options, run)
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **{**run, "check": False})
    finally:
        shutil.rmtree(place, ignore_errors=True)


class Server:
    def __init__(self, url, control, options, run):
        self.url, self._control, self._options, self._run = url, control, options, run

    def stop(self):
        subprocess.run([*self._control, "-m", "immediate", "stop"], **self._run)

    def start(self):
        subprocess.run([*self._control, "-o", self._options, "start"], **self._run)
