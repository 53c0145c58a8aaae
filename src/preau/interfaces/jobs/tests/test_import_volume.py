"""A year's invoices in one file: written in one process, within the memory that was promised (issue 2, point 3)."""

import subprocess
import sys

import pytest

from tests.support.places import ROOT

#: Memory grows with the lines above what the program takes empty: measured on a fifth, held for the whole.
LINES, PROMISED_LINES = 10_000, 50_000
MOST_KILOBYTES = 300 * 1024

#: Fills a new installation with families, takes over a file twice; says how many invoices, and kilobytes at each step.
#: The program's own peak (VmHWM): `ru_maxrss` begins at that of whoever started it.
MEASURE = """
import re, sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.foundation import clock
from tests.support.factories import make_regie, make_town
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

call_command("migrate", verbosity=0)
make_town()
make_regie(code="CANTINE", contract=False)
Household.objects.bulk_create(
    Household(file_number=str(n), file_name=f"N{n}", created_at=clock.now()) for n in range(500)
)
empty = peak()
with open("/dev/null", "w") as silence:
    for _ in range(2):
        call_command("import_invoices", sys.argv[1], apply=True, stdout=silence, stderr=silence)
print(Invoice.objects.count(), empty, peak())
"""


@pytest.mark.process
def test_a_large_file_is_written_twice_within_the_memory_promised(tmp_path):
    file = tmp_path / "factures.csv"
    with file.open("w", encoding="utf-8") as handle:
        handle.write("Régie;N° facture;N° famille;Période;Date;Échéance;Objet;Montant;Réglé\n")
        handle.writelines(
            f"CANTINE;F{n};{n % 500};09/2026;01/10/2026;31/10/2026;Cantine;84,60;20,00\n" for n in range(LINES)
        )
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)],
        env={
            "PREAU_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "preau.config.settings",
            "PREAU_DATA_DIR": str(tmp_path / "data"),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written, empty, peak = map(int, done.stdout.split())
    assert written == LINES
    assert empty + (peak - empty) * PROMISED_LINES / LINES < MOST_KILOBYTES
