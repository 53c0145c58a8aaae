"""Files as they really come, by the command an agent types: read the same, or refused whole by line (F1)."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.ledger.models import LedgerEntry
from preau.foundation.audit.models import AuditEvent
from preau.interfaces.jobs.tests.test_import_invoices import HEADINGS, apply, household, regie, row, run, town

__all__ = ["household", "regie", "town"]

USUAL = row(Objet="Cantine d’été", Montant="1234,50")


def _dressed(text: str, *, separator: str = ";", end: str = "\n", encoding: str = "utf-8") -> bytes:
    return text.replace(";", separator).replace("\n", end).encode(encoding)


SAME = {
    "as it is": _dressed(f"{HEADINGS}\n{USUAL}\n"),
    "utf-8 with its mark": _dressed(f"{HEADINGS}\n{USUAL}\n", encoding="utf-8-sig"),
    "windows": _dressed(f"{HEADINGS}\n{USUAL}\n", end="\r\n", encoding="cp1252"),
    "utf-16": _dressed(f"{HEADINGS}\n{USUAL}\n", end="\r\n", encoding="utf-16"),
    "old mac": _dressed(f"{HEADINGS}\n{USUAL}\n", end="\r"),
    "tabs": _dressed(f"{HEADINGS}\n{USUAL}\n", separator="\t"),
    "mixed ends and blank lines": f"{HEADINGS}\r\n\n{USUAL}\r;;;\n\n".encode(),
    "hint of Excel": f"sep=;\n{HEADINGS}\n{USUAL}\n".encode(),
    "spaces around everything": "\n".join(
        ";".join(f" {cell}\u00a0 " for cell in line.split(";")) for line in (HEADINGS, USUAL)
    ).encode(),
    "dates and amounts of a spreadsheet": (
        f"{HEADINGS}\n" + row(Objet="Cantine d’été", Montant="1\u202f234,50 €", Date="46296", Période="sept-26")
    ).encode(),
    "iso dates, English amount": (
        f"{HEADINGS}\n"
        + row(
            Objet="Cantine d’été", Montant="1234.5", Date="2026-10-01 00:00:00", Période="2026-09", Échéance="31.10.26"
        )
    ).encode(),
    "decomposed accents and a hidden sign": (
        f"{HEADINGS}\n" + row(Objet="Cantine d’e\u0301te\u0301\u200b", Montant="1234,50")
    ).encode(),
}


@pytest.mark.parametrize("content", SAME.values(), ids=SAME)
def test_an_invoice_is_the_same_however_its_file_is_dressed(household, tmp_path, content):
    path = tmp_path / "factures.csv"
    path.write_bytes(content)
    assert run(path)[1] == 0
    assert Invoice.objects.count() == 0
    apply(path)
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.household, invoice.label) == ("F1", household, "Cantine d’été")
    assert (invoice.total_cents, invoice.billed_month) == (123450, date(2026, 9, 1))
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 1), date(2026, 10, 31))
    before = LedgerEntry.objects.count()
    assert "1 déjà à jour" in apply(path)
    assert (Invoice.objects.count(), LedgerEntry.objects.count()) == (1, before)


SOUND = row(**{"N° facture": "SAINE"})


def _after_a_sound_one(line: str) -> bytes:
    return f"{HEADINGS}\n{SOUND}\n{line}\n".encode()


#: Content of each file, and what is said of it.
REFUSED = {
    "empty": (b"", "fichier vide"),
    "headings alone": (f"{HEADINGS}\n".encode(), "ligne 1 – refus : aucune ligne sous la ligne d’en-tête"),
    "columns missing": (b"A;B\n1;2\n", "ligne 1, colonne « N° facture » – refus : colonne absente"),
    "quote left open": (_after_a_sound_one(f'"{USUAL}'), "ligne 3 – refus : guillemet ouvert"),
    "line cut": (_after_a_sound_one("CANTINE;F1;101"), "ligne 3 – refus : 3 cellules pour 11 colonnes"),
    "nul": (_after_a_sound_one(row(Objet="a\0")), "n’est pas du texte"),
    "100,000 signs": (_after_a_sound_one(row(Objet="x" * 100_000)), "ligne 3 – refus : ligne de plus de"),
    "10,000 signs": (_after_a_sound_one(row(Objet="x" * 10_000)), "ligne 3, colonne « Objet » – refus"),
    "full-width digit": (_after_a_sound_one(row(**{"N° facture": "F１"})), "ligne 3, colonne « N° facture » – refus"),
    "Cyrillic letter": (_after_a_sound_one(row(**{"N° famille": "1О1"})), "ligne 3, colonne « N° famille » – refus"),
    "spoilt": (_after_a_sound_one(row(**{"N° facture": "2,026E+09"})), "ligne 3, colonne « N° facture » – refus"),
    "twice": (_after_a_sound_one(SOUND), "ligne 2, colonne « N° facture » – refus : même numéro que ligne 3"),
    "no such day": (_after_a_sound_one(row(Date="29/02/2026")), "ligne 3, colonne « Date » – refus"),
    "a workbook": (b"PK\x03\x04" + b"x" * 500, "ce fichier est un classeur Excel"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_one_bad_line_is_named_and_nothing_at_all_is_written(household, tmp_path, content, said):
    path = tmp_path / "factures.csv"
    path.write_bytes(content)
    for options in ({}, {"apply": True}):
        told, code = run(path, **options)
        assert code == 1
        assert said in told.replace("\u202f", " ")
    assert (Invoice.objects.count(), LedgerEntry.objects.count(), AuditEvent.objects.count()) == (0, 0, 0)


FAMILIES = "N° famille;Nom;Prénom;E-mail;CP;Enfant - Nom;Enfant - Prénom;Enfant - Né(e) le"
REFUSED_FAMILIES = {
    "empty": (b"", "fichier vide"),
    "quote left open": (f'{FAMILIES}\n1;ROUX;Lina;;;;;\n2;"NOIR;Max;;;;;\n'.encode(), "ligne 3 – refus : guillemet"),
    "line cut": (f"{FAMILIES}\n1;ROUX;Lina;;;;;\n2;NOIR\n".encode(), "ligne 3 – refus : 2 cellules pour 8 colonnes"),
    "look-alike": (f"{FAMILIES}\n1;ROUX;Lina;;;;;\n1О1;NOIR;Max;;;;;\n".encode(), "ligne 3, colonne « N° famille »"),
    "two families, one number": (
        f"{FAMILIES}\n1;ROUX;Lina;;;;;\n1;NOIR;Max;;;;;\n".encode(),
        "ligne 3, colonne « Nom » – refus : la famille « 1 » a un autre responsable ligne 2",
    ),
}


@pytest.mark.parametrize(("content", "said"), REFUSED_FAMILIES.values(), ids=REFUSED_FAMILIES)
def test_one_bad_family_is_named_and_no_family_is_written(town, tmp_path, content, said):
    path, out = tmp_path / "familles.csv", StringIO()
    path.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        call_command("import_families", path, apply=True, stdout=out, stderr=StringIO())
    assert stop.value.code == 1
    assert said in out.getvalue().replace("\u202f", " ")
    assert (Household.objects.count(), AuditEvent.objects.count()) == (0, 0)
