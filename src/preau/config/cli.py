"""The `preau` command: `preau import-families file.csv`, `preau selfcheck`, `preau serve`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run a command; its name may be written with hyphens, as people type it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "preau.config.settings")
    argv = sys.argv[:]
    if argv[1:2] == ["demo"]:
        _demo_defaults()
    if len(argv) > 1 and not argv[1].startswith("-"):
        argv[1] = argv[1].replace("-", "_")
    execute_from_command_line(argv)


def _demo_defaults() -> None:
    """The demo needs no setting: its own folder, this machine's address."""
    port = os.environ.setdefault("PREAU_PORT", "8000")
    os.environ.setdefault("PREAU_ENV", "demo")
    os.environ.setdefault("PREAU_DATA_DIR", "build/demo")
    os.environ.setdefault("PREAU_PUBLIC_URL", f"http://127.0.0.1:{port}")
