"""`make check`: every part runs, the summary comes last, any failure fails."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_BIN = Path(sys.executable).parent
_PYTHON_FOLDERS = ["src", "tests", "tools", "conftest.py"]


def _parts() -> dict[str, list[str]]:
    return {
        "lint": ["ruff", "check", *_PYTHON_FOLDERS],
        "format": ["ruff", "format", "--check", *_PYTHON_FOLDERS],
        "types": ["mypy"],
        "import contracts": ["lint-imports"],
        "migrations match the models": ["preau", "makemigrations", "--check", "--dry-run"],
        "templates": ["djlint", "src", "--lint", "--quiet"],
        "dead code": ["vulture"],
        "security of a production set-up": ["preau", "check", "--deploy", "--fail-level", "WARNING"],
    }


def _production_like(folder: str) -> dict[str, str]:
    """What a town's own settings would be; nothing of the person's environment must leak in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))}
    return {
        **kept,
        "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",
        "PREAU_ENV": "production",
        "PREAU_SECRET_KEY": "a-key-made-of-many-letters-for-the-checks-only-0123456789",
        "PREAU_PUBLIC_URL": "https://famille.ville-exemple.fr",
        "PREAU_DATA_DIR": folder,
        "TMPDIR": folder,
    }


def main() -> int:
    """Run all the parts and return the number that failed."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="preau-check-") as folder:
        env = _production_like(folder)
        for name, command in _parts().items():
            print(f"\n── {name}: {' '.join(command)}", flush=True)
            began = time.monotonic()
            done = subprocess.run([_BIN / command[0], *command[1:]], cwd=ROOT, env=env, check=False)
            if done.returncode != 0:
                failed.append(name)
            verdict = "FAILED" if done.returncode else "ok"
            print(f"   {verdict} in {time.monotonic() - began:.1f} s", flush=True)
    print(f"\n{'All parts passed.' if not failed else 'FAILED: ' + ', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
