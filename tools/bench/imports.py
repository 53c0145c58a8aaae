"""How fast another software's files come in, beside the same rows inserted raw, and in how much memory."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from tools.bench import town
from tools.bench.figures import Figure, ratio

_BASE = "the same database rows inserted by executemany into copies of the tables, indexes included"
_PREAU = str(Path(sys.executable).with_name("preau"))


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def _raw_seconds(tables: list[str]) -> float:
    """Insert again, in one transaction, all the rows that these tables hold."""
    seconds = 0.0
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608  (names come from the database itself)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            cursor.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING INDEXES INCLUDING CONSTRAINTS)")
            places = ", ".join(["%s"] * len(rows[0]))
            began = time.perf_counter()
            with transaction.atomic():
                cursor.executemany(f"INSERT INTO bench_copy VALUES ({places})", rows)  # noqa: S608
            seconds += time.perf_counter() - began
            cursor.execute("DROP TABLE bench_copy")
    return seconds


def _run(command: list[str]) -> tuple[float, int]:
    """Seconds and peak resident kilobytes of one command; its own start is part of what a person waits for.

    Raises:
        RuntimeError: the command failed.
    """
    began = time.perf_counter()
    with subprocess.Popen([_PREAU, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        output = process.stdout.read().decode() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"preau {' '.join(command)} failed:\n{output[-4000:]}")
    return seconds, usage.ru_maxrss


def _import(command: str, file: Path, label: str) -> list[Figure]:
    lines = len(re.findall("\n", file.read_text(encoding="utf-8"))) - 1
    before = _counts()
    seconds, kilobytes = _run([command, str(file), "--apply"])
    after = _counts()
    grown = [table for table in after if after[table] > before[table]]
    raw = _raw_seconds(grown)
    return [
        ratio(
            f"{label}: rows a second",
            measured=lines / seconds,
            base_measured=lines / raw,
            unit="× a raw insert",
            base=_BASE,
        ),
        Figure(f"{label}: peak memory", kilobytes / 1024, f"MB for {lines} lines"),
    ]


def measure(folder: Path) -> list[Figure]:
    """Import the reference town; the tables must be empty of families, and the régies be there."""
    families, invoices = town.write_files(folder)
    return [
        *_import("import-families", families, f"Import of {town.FAMILIES} families"),
        *_import("import-invoices", invoices, f"Import of {town.INVOICES} invoices"),
    ]
