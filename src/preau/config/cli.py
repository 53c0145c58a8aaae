"""The `preau` command: `preau import-families file.csv`, `preau selfcheck`, `preau serve`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run a command; its name may be written with hyphens, as people type it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "preau.config.settings")
    argv = sys.argv[:]
    if len(argv) > 1 and not argv[1].startswith("-"):
        argv[1] = argv[1].replace("-", "_")
    execute_from_command_line(argv)
