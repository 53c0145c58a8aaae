"""The invoices table: what a well-filled file gives, and each thing that can be wrong in it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.domain.billing.intake import READERS, InvoiceIntake, LineIntake, register_reader
from preau.foundation import clock
from preau.plugins.imports.invoices import generic
from preau.plugins.imports.invoices.generic import MOST_LINES, read_invoices

EXAMPLE = Path(generic.__file__).parent / "exemple-factures.csv"
KEYS = ("N° facture", "N° famille", "Période", "Date", "Échéance", "Objet", "Montant", "Réglé", "Reste dû", "PDF")
LINE_KEYS = ("Ligne libellé", "Enfant", "Jour", "Quantité", "Prix unitaire", "Total ligne")
HEADINGS = ";".join((*KEYS, *LINE_KEYS))
USUAL = dict(
    zip(KEYS, ("F1", "101", "09/2026", "01/10/2026", "31/10/2026", "Cantine", "84,60", "", "", ""), strict=True)
)


@pytest.fixture(autouse=True)
def _autumn_2026():
    with clock.frozen(datetime(2026, 10, 4, 8, 0, tzinfo=UTC)):
        yield


def row(**cells):
    """A usual row, but for the cells given by their headings."""
    values = {**USUAL, **cells}
    return ";".join(values.get(key, "") for key in (*KEYS, *LINE_KEYS))


def line(**cells):
    return row(**{"Ligne libellé": "Repas", "Total ligne": "84,60", **cells})


def read(folder, *rows, headings=HEADINGS):
    file = folder / "factures.csv"
    file.write_text("\n".join((headings, *rows)), encoding="utf-8")
    return read_invoices(file)


def told(report, severity=None):
    return [
        str(fault).replace("\u202f", " ") for fault in report.faults if severity is None or fault.severity == severity
    ]


def test_the_reader_is_known_by_its_code():
    assert READERS["generique"] is read_invoices
    with pytest.raises(ValueError, match="already registered"):
        register_reader("generique", read)


def test_the_example_is_read_without_a_word():
    report = read_invoices(EXAMPLE)
    assert (report.faults, report.rows_read) == ([], 7)
    assert [(one.regie_code, one.number, one.kind, one.total_cents) for one in report.invoices] == [
        ("RESTAURATION", "2026-000123", "invoice", 8460),
        ("RESTAURATION", "2026-000124", "invoice", 4230),
        ("RESTAURATION", "AV-000007", "credit_note", 470),
        ("LOISIRS", "2026-L-0031", "invoice", 103456),
        ("LOISIRS", "2026-L-0032", "invoice", 5750),
    ]
    assert report.invoices[0] == InvoiceIntake(
        line=2,
        regie_code="RESTAURATION",
        number="2026-000123",
        household_number="1001",
        kind="invoice",
        label="Cantine et accueil du soir, septembre",
        billed_month=date(2026, 9, 1),
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
        total_cents=8460,
        received_cents=0,
        received_by="",
        pdf_name="2026-000123.pdf",
        titre_number="",
        lines=(
            LineIntake("Repas", "Lina VASSEUR", None, Decimal(16), 360, 5760),
            LineIntake("Accueil du soir", "Adam VASSEUR", None, Decimal("22.5"), 120, 2700),
        ),
    )
    assert (report.invoices[3].received_cents, report.invoices[3].received_by) == (103456, "CESU")


def test_an_invoice_may_have_neither_due_date_nor_lines_nor_regie(tmp_path):
    report = read(tmp_path, row(Échéance=""))
    (invoice,) = report.invoices
    assert (invoice.due_on, invoice.lines, invoice.regie_code, invoice.pdf_name) == (None, (), None, None)


@pytest.mark.parametrize("amount", ["84,60", "84.60", "84,60 €", "84,6", "0084,60", "+84,60 EUR"])
def test_amounts_are_read_in_each_french_style(tmp_path, amount):
    assert read(tmp_path, row(Montant=amount)).invoices[0].total_cents == 8460


@pytest.mark.parametrize("amount", ["-4,70", "−4,70 €", "(4,70)", "- 4.7"])
def test_a_negative_amount_is_a_credit_note(tmp_path, amount):
    (note,) = read(tmp_path, row(Montant=amount)).invoices
    assert (note.kind, note.total_cents) == ("credit_note", 470)


def test_the_lines_of_a_credit_note_add_up_to_its_positive_total(tmp_path):
    report = read(
        tmp_path,
        line(Montant="-9,40", Quantité="-1", **{"Prix unitaire": "4,70", "Total ligne": "-4,70"}),
        line(Montant="-9,40", **{"Prix unitaire": "-4,70", "Total ligne": "-4,70"}),
    )
    assert report.faults == []
    (note,) = report.invoices
    assert [(one.quantity, one.unit_price_cents, one.total_cents) for one in note.lines] == [(1, 470, 470)] * 2


def test_lines_of_an_invoice_may_be_apart(tmp_path):
    report = read(
        tmp_path,
        line(**{"Total ligne": "80,00"}),
        row(**{"N° facture": "F2"}),
        line(**{"Ligne libellé": "Garderie", "Total ligne": "4,60"}),
    )
    assert report.faults == []
    assert [(one.number, [item.total_cents for item in one.lines]) for one in report.invoices] == [
        ("F1", [8000, 460]),
        ("F2", []),
    ]


def test_identical_further_lines_are_lines(tmp_path):
    report = read(tmp_path, *[line(**{"Total ligne": "42,30"})] * 2)
    assert (report.faults, len(report.invoices[0].lines)) == ([], 2)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"N° facture": ""}, "colonne « N° facture » : case vide"),
        ({"N° famille": ""}, "colonne « N° famille » : case vide"),
        ({"Période": ""}, "colonne « Période » : case vide"),
        ({"Date": ""}, "colonne « Date » : case vide"),
        ({"Objet": ""}, "colonne « Objet » : case vide"),
        ({"Montant": ""}, "colonne « Montant » : case vide"),
        ({"Montant": "NC"}, "colonne « Montant » : « NC » n’est pas un montant"),
        (
            {"Montant": "12345678,00"},
            "colonne « Montant » : « 12345678,00 » : montant de plus de 9 999 999,99 €",
        ),
        ({"Réglé": "?"}, "colonne « Réglé » : « ? » n’est pas un montant"),
        ({"Réglé": "90"}, "colonne « Réglé » : 90,00 € dépasse le montant, 84,60 €"),
        (
            {"Réglé": "-4"},
            "colonne « Réglé » : −4,00 € et un montant de 84,60 € : les signes diffèrent",
        ),
        (
            {"Réglé": "20", "Reste dû": "60"},
            "colonne « Reste dû » : 60,00 €, alors que montant moins réglé font 64,60 €",
        ),
        ({"Date": "32/10/2026"}, "colonne « Date » : « 32/10/2026 » n’existe pas dans le calendrier"),
        ({"Échéance": "32/10/2026"}, "colonne « Échéance » : « 32/10/2026 » n’existe pas dans le calendrier"),
        (
            {"Échéance": "30/09/2026"},
            "colonne « Échéance » : échéance avant la date de la facture, 01/10/2026",
        ),
        ({"Période": "13/2026"}, "colonne « Période » : « 13/2026 » n’existe pas dans le calendrier"),
        (
            {"PDF": "dossier/F1.pdf"},
            "colonne « PDF » : « dossier/F1.pdf » n’est pas un nom de fichier PDF (sans dossier, en .pdf)",
        ),
        (
            {"PDF": "..\\F1.pdf"},
            "colonne « PDF » : « ..\\F1.pdf » n’est pas un nom de fichier PDF (sans dossier, en .pdf)",
        ),
        (
            {"PDF": "C:\\F1.pdf"},
            "colonne « PDF » : « C:\\F1.pdf » n’est pas un nom de fichier PDF (sans dossier, en .pdf)",
        ),
        (
            {"PDF": "../F1.pdf"},
            "colonne « PDF » : « ../F1.pdf » n’est pas un nom de fichier PDF (sans dossier, en .pdf)",
        ),
        ({"PDF": "F1.exe"}, "colonne « PDF » : « F1.exe » n’est pas un nom de fichier PDF (sans dossier, en .pdf)"),
        (
            {"N° facture": "2,026E+09"},
            "colonne « N° facture » : « 2,026E+09 » : numéro abîmé par le tableur, mettez la colonne au format texte",
        ),
        ({"Total ligne": "84,60"}, "colonne « Ligne libellé » : case vide"),
        ({"Ligne libellé": "Repas"}, "colonne « Total ligne » : case vide"),
        (
            {"Ligne libellé": "Repas", "Quantité": "2", "Total ligne": "84,60"},
            "colonne « Prix unitaire » : case vide",
        ),
        (
            {"Ligne libellé": "Repas", "Quantité": "x", "Total ligne": "84,60"},
            "colonne « Quantité » : « x » n’est pas une quantité",
        ),
        (
            {"Ligne libellé": "Repas", "Total ligne": "84,00"},
            "colonne « Montant » : 84,60 €, alors que ses lignes font 84,00 €",
        ),
    ],
)
def test_a_row_is_refused(tmp_path, cells, said):
    report = read(tmp_path, row(**cells))
    assert (told(report), report.invoices) == ([f"Ligne 2, {said}"], [])
    assert [fault.severity for fault in report.faults] == ["error"]


def test_the_amount_left_may_be_told(tmp_path):
    report = read(tmp_path, row(**{"Réglé": "20,00", "Reste dû": "64.60"}))
    assert (report.faults, report.invoices[0].received_cents) == ([], 2000)


def test_one_number_with_two_contents_refuses_both_rows(tmp_path):
    report = read(tmp_path, row(), row(**{"N° facture": "F2"}), row(Montant="-84,60", Objet="Garderie"))
    assert [one.number for one in report.invoices] == ["F2"]
    assert told(report) == [
        "Ligne 2, colonne « N° facture » : même numéro que ligne 4, avec un autre contenu : « Objet », « Montant »",
        "Ligne 4, colonne « N° facture » : même numéro que ligne 2, avec un autre contenu : « Objet », « Montant »",
    ]


def test_a_repeated_row_is_refused(tmp_path):
    report = read(tmp_path, row(), row())
    assert report.invoices == []
    assert told(report) == [
        "Ligne 2, colonne « N° facture » : même numéro que ligne 3, avec le même contenu",
        "Ligne 3, colonne « N° facture » : même numéro que ligne 2, avec le même contenu",
    ]


def test_lines_that_disagree_on_their_invoice_refuse_it(tmp_path):
    report = read(tmp_path, line(**{"Total ligne": "42,30"}), line(**{"Total ligne": "42,30", "N° famille": "102"}))
    assert report.invoices == []
    assert [fault.line for fault in report.faults] == [2, 3]
    assert "« N° famille »" in told(report)[0]


def test_a_row_with_lines_and_a_row_without_do_not_mix(tmp_path):
    assert read(tmp_path, line(), row()).invoices == []


def test_one_wrong_line_refuses_the_whole_invoice(tmp_path):
    report = read(tmp_path, line(**{"Total ligne": "42,30"}), line(**{"Total ligne": "abc"}))
    assert report.invoices == []
    assert told(report) == ["Ligne 3, colonne « Total ligne » : « abc » n’est pas un montant"]


def test_one_number_may_serve_two_regies(tmp_path):
    headings = "Régie;N° facture;N° famille;Période;Date;Objet;Montant"
    rows = [f"{regie};F1;101;09/2026;01/10/2026;Cantine;84,60" for regie in ("A", "B")]
    report = read(tmp_path, *rows, headings=headings)
    assert (report.faults, [one.regie_code for one in report.invoices]) == ([], ["A", "B"])


def test_a_product_that_misses_its_total_is_told(tmp_path):
    report = read(
        tmp_path, line(Quantité="3", **{"Prix unitaire": "4,00", "Total ligne": "84,60"}), line(**{"N° facture": "F2"})
    )
    assert len(report.invoices) == 2
    assert told(report, "warning") == ["Ligne 2, colonne « Total ligne » : 3 × 4,00 € ne font pas 84,60 €"]


def test_a_unit_price_rounded_to_the_cent_is_no_fault(tmp_path):
    report = read(
        tmp_path,
        line(Quantité="3", **{"Prix unitaire": "28,20"}),
        line(
            **{"N° facture": "F2", "Montant": "4,00", "Quantité": "3", "Prix unitaire": "1,33", "Total ligne": "4,00"}
        ),
    )
    assert report.faults == []


def test_an_invoice_of_zero_is_left_aside_aloud(tmp_path):
    report = read(tmp_path, row(Montant="0,00"))
    assert (report.invoices, told(report)) == (
        [],
        ["Ligne 2, colonne « Montant » : rien à payer : facture non chargée"],
    )
    assert report.faults[0].severity == "warning"


def test_an_invoice_has_a_believable_number_of_lines(tmp_path):
    report = read(tmp_path, *[line(**{"Total ligne": "0,01"})] * (MOST_LINES + 1))
    assert report.invoices == []
    assert told(report) == [f"Ligne {MOST_LINES + 2}, colonne « N° facture » : plus de 1000 lignes pour une facture"]


def test_a_missing_column_stops_the_reading(tmp_path):
    report = read(tmp_path, "F1;101", headings="N° facture;N° famille")
    assert (report.invoices, report.rows_read) == ([], 0)
    assert [fault.column for fault in report.faults] == ["Période", "Date", "Objet", "Montant"]


def test_the_generic_export_of_the_samples(shared_data):
    report = read_invoices(shared_data / "rivals" / "generique" / "factures-soldes.csv")
    assert report.rows_read == 7
    assert told(report) == [
        "Ligne 4, colonne « N° facture » : même numéro que ligne 5, avec un autre contenu : « N° titre »",
        "Ligne 5, colonne « N° facture » : même numéro que ligne 4, avec un autre contenu : « N° titre »",
        "Ligne 8, colonne « Échéance » : « 32/10/2026 » n’existe pas dans le calendrier",
    ]
    assert {fault.severity for fault in report.faults} == {"error"}
    assert [
        (one.number, one.household_number, one.kind, one.total_cents, one.received_cents, one.received_by)
        for one in report.invoices
    ] == [
        ("2026-000123", "101", "invoice", 8460, 8460, "PRLV"),
        ("2026-000124", "102", "invoice", 4230, 2000, "CB"),
        ("AV-000007", "101", "credit_note", 470, 0, ""),
        ("2025-009999", "999", "invoice", 12000, 0, "CESU"),
    ]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_report(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "octets.csv"
    file.write_bytes(f"{HEADINGS}\n".encode() + content)
    report = read_invoices(file)
    assert report.invoices or report.faults


amounts = st.integers(min_value=1, max_value=999_999_999)


@settings(deadline=None)
@given(amounts, st.integers(min_value=0, max_value=100), st.dates(date(2000, 1, 1), date(2036, 12, 31)))
def test_what_is_written_is_read_back(tmp_path_factory, total, percent, day):
    received = total * percent // 100
    written = {
        "Montant": f"{total // 100},{total % 100:02}",
        "Réglé": f"{received // 100}.{received % 100:02}",
        "Reste dû": f"{(total - received) // 100},{(total - received) % 100:02} €",
        "Date": day.isoformat(),
        "Période": f"{day.month:02}/{day.year}",
        "Échéance": "",
    }
    report = read(tmp_path_factory.getbasetemp(), row(**written))
    (invoice,) = report.invoices
    assert (invoice.total_cents, invoice.received_cents) == (total, received)
    assert (invoice.issued_on, invoice.billed_month) == (day, day.replace(day=1))
