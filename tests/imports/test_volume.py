"""Files of 50,000 lines: memory measured in a process of its own, progress told (issue 2, point 3)."""

import subprocess
import sys
from importlib import import_module

import pytest

LINES = 50_000
MOST_KILOBYTES = 150 * 1024

MEASURE = """
import resource, sys
from importlib import import_module
from pathlib import Path
reader = getattr(import_module(sys.argv[1]), sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = reader(Path(sys.argv[3]))
print(report.rows_read, len(report.faults), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""

FAMILIES_HEADINGS = (
    "N° famille;Qualité;Nom;Prénom;Date de naissance;Adresse 1;CP;Commune;Tél. mobile;E-mail;QF;QF au;"
    "Enfant - Nom;Enfant - Prénom;Enfant - Né(e) le;Enfant - Sexe;École;Classe"
)
INVOICES_HEADINGS = "Régie;N° facture;N° famille;Période;Date;Échéance;Objet;Montant;Réglé;Reste dû;Mode;PDF"


def families(row):
    number = row // 2
    return (
        f"{number};Madame;NOMÉ{number};Amélie;14/02/1988;{number} rue des Lilas;59000;LILLE;06 39 98 01 01;"
        f"a{number}@exemple.invalid;1 250,00;01/01/2026;NOMÉ{number};Léa{row};09/03/2018;F;École Jules-Ferry;CE2"
    )


def invoices(row):
    return f"CANTINE;F{row};{row};09/2026;01/10/2026;31/10/2026;Cantine;84,60 €;20,00;64,60;CB;F{row}.pdf"


READERS = [
    ("preau.plugins.imports.families.generic", "read_families", FAMILIES_HEADINGS, families),
    ("preau.plugins.imports.invoices.generic", "read_invoices", INVOICES_HEADINGS, invoices),
]


def write(path, headings, row_of, *, lines):
    with path.open("w", encoding="utf-8") as handle:
        handle.write(f"{headings}\n")
        handle.writelines(f"{row_of(row)}\n" for row in range(lines))
    return path


@pytest.mark.parametrize(("module", "reader", "headings", "row_of"), READERS, ids=["families", "invoices"])
def test_50_000_lines_stay_under_150_megabytes(tmp_path, module, reader, headings, row_of):
    file = write(tmp_path / "grand.csv", headings, row_of, lines=LINES)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, module, reader, str(file)], capture_output=True, text=True, check=True
    )
    rows, faults, kilobytes = map(int, done.stdout.split())
    assert (rows, faults) == (LINES, 0)
    assert kilobytes < MOST_KILOBYTES


@pytest.mark.parametrize(("module", "reader", "headings", "row_of"), READERS, ids=["families", "invoices"])
def test_the_reading_tells_its_progress(tmp_path, module, reader, headings, row_of):
    file = write(tmp_path / "petit.csv", headings, row_of, lines=1200)
    told = []
    getattr(import_module(module), reader)(file, progress=lambda *sign: told.append(sign))
    assert [rows for rows, _, _ in told] == [500, 1000, 1200]
    assert told[-1][1] == told[-1][2] == file.stat().st_size
