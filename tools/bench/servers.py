"""The two programs under load, started alike: the portal and the bare view."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS, THREADS = 2, 2
_BIN = Path(sys.executable).parent
_START_SECONDS = 30


def environment(*, database_url: str, data_dir: Path, port: int) -> dict[str, str]:
    """Settings of a portal that holds invented data; nothing of the person's own settings comes in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))}
    return {
        **kept,
        "PREAU_ENV": "demo",
        "PREAU_SECRET_KEY": "b" * 64,
        "PREAU_DATA_DIR": str(data_dir),
        "PREAU_DATABASE_URL": database_url,
        "PREAU_PUBLIC_URL": f"http://localhost:{port}",
        "PREAU_LOG_LEVEL": "WARNING",
    }


def _wait_until_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (our own address)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing answers at {url}")


@contextmanager
def _started(command: list[str], env: dict[str, str], port: int) -> Iterator[int]:
    process = subprocess.Popen([str(_BIN / command[0]), *command[1:]], cwd=ROOT, env=env)
    try:
        _wait_until_answers(f"http://localhost:{port}/", process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def portal(*, database_url: str, data_dir: Path, worker: bool = False) -> Iterator[int]:
    """Yield the port of the real web server, with or without the worker."""
    port = free_port()
    env = environment(database_url=database_url, data_dir=data_dir, port=port)
    size = [f"--workers={WORKERS}", f"--threads={THREADS}"]
    alone = [] if worker else ["--no-worker"]
    if worker:
        env["PREAU_LOG_LEVEL"] = "CRITICAL"  # thousands of strangers' notices would each be told
    with _started(["preau", "serve", f"--port={port}", *size, *alone, "--quiet"], env, port):
        yield port


@contextmanager
def without_door(*, database_url: str, data_dir: Path) -> Iterator[int]:
    """Yield the port of the same portal, served by as many processes and threads, that keeps nobody waiting outside."""
    port = free_port()
    env = environment(database_url=database_url, data_dir=data_dir, port=port)
    size = [f"--workers={WORKERS}", f"--blocking-threads={THREADS}"]
    server = ["granian", "--interface=wsgi", f"--port={port}", *size, "--log-level=warning"]
    with _started([*server, "preau.config.wsgi:application"], env, port):
        yield port


@contextmanager
def bare(*, database_url: str) -> Iterator[int]:
    """Yield the port of `tools.bench.bare`, served by the same server with as many processes and threads."""
    port = free_port()
    env = {**os.environ, "PREAU_DATABASE_URL": database_url}
    subprocess.run([sys.executable, "-m", "tools.bench.bare"], cwd=ROOT, env=env, check=True)
    size = [f"--workers={WORKERS}", f"--blocking-threads={THREADS}"]
    server = ["granian", "--interface=wsgi", f"--port={port}", *size, "--log-level=warning"]
    with _started([*server, "tools.bench.bare:application"], env, port):
        yield port
