"""The demo town whose pages are taken, on free ports, its own files apart."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tools.postgres import free_port

_PREAU = Path(sys.executable).with_name("preau")
_START_SECONDS = 90


@contextmanager
def demo(folder: Path) -> Iterator[dict[str, Any]]:
    """The demo town on free ports, with everything it writes in `folder`; gives its `demo.json`.

    Raises:
        RuntimeError: it did not start.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))}
    env = {**kept, "PREAU_PORT": str(port), "PREAU_BANKSIM_PORT": str(free_port())}
    log = folder / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [_PREAU, "demo"], cwd=folder, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_answers(f"{url}/sante/", process)
        yield json.loads((folder / "build" / "demo.json").read_text(encoding="utf-8"))
    except Exception:
        print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310  (our own address)
        except (URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the demo did not start")
