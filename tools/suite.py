"""`make test`: the whole suite on both databases.

SQLite first, without what needs a server or starts programs; then PostgreSQL with whatever the database can change
and the rest: races, journeys in the browser, real programs. Rules, documents, sources and random stories are tried
once, on SQLite; the walks over every address once, on PostgreSQL.
What cannot be found is said at the end; with CI=true it fails.
Each run leaves `build/rows-<database>.json` for `make rows`.
"""

import os
import subprocess
import sys
from pathlib import Path

from tools import postgres
from tools.chromium import ChromiumMissing, find_chromium

ROOT = Path(__file__).resolve().parent.parent
_WORKERS = "2"
_WITHOUT_WALKS = "--ignore=tests/security"


def _pytest(database: str, selection: str, *more: str, env: dict[str, str]) -> int:
    print(f"\n── The suite on {database} ──", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", _WORKERS, "-m", selection]
    report = ROOT / "build" / f"rows-{database}.json"
    # Set-up of one worker must not wait for the other's last long journey.
    options = ["--dist=worksteal", f"--rows-to={report}", *more, *sys.argv[1:]]
    return subprocess.run([*command, *options], cwd=ROOT, env=env, check=False).returncode


def _on_postgresql(selection: str) -> int:
    with postgres.server() as url:
        return _pytest("postgresql", selection, "--server-only", env={**os.environ, postgres.VARIABLE: url})


def main() -> int:
    """Run everything, say what was missing, return non-zero if anything failed (or is missing in CI)."""
    missing = []
    everywhere = "not race and not process and not browser"
    on_server = ""
    try:
        find_chromium()
    except ChromiumMissing as reason:
        missing.append(f"journeys in a browser were not run: {reason}")
        on_server = "not browser"
    # Compiled files are kept whatever the machine's habit: workers and programs start several times.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    without_server = {name: value for name, value in os.environ.items() if name != postgres.VARIABLE}
    codes = {"SQLite": _pytest("sqlite", everywhere, _WITHOUT_WALKS, env=without_server)}
    try:
        codes["PostgreSQL"] = _on_postgresql(on_server)
    except postgres.PostgresMissing as reason:
        missing.append(f"nothing was run on PostgreSQL, no race was shown: {reason}")
    print()
    for database, code in codes.items():
        print(f"{database}: {'all passed' if code == 0 else f'FAILED (pytest ended with {code})'}")
    for sentence in missing:
        print(f"MISSING: {sentence}")
    failed = any(codes.values()) or (missing and os.environ.get("CI") == "true")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
