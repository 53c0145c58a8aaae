"""Mistakes of a delivery that would show a family what is not theirs, or stop every delivery for ever."""

import pytest

from preau.domain.billing.models import Invoice
from preau.interfaces.jobs.tests.test_import_invoices import F1, F2, household, put, regie, row, run, table, town
from tests.support.factories import make_household

__all__ = ["household", "put", "regie", "table", "town"]  # fixtures

OF_ANOTHER = {"N° facture": "F2", "N° famille": "102"}


@pytest.fixture
def neighbours(household):
    return make_household(file_number="102", with_login=False)


def test_a_pdf_named_by_two_families_is_refused(table, put, neighbours):
    """A cell copied down: the second family would read the name, the address and the children of the first."""
    put("F1.pdf")
    said, code = run(table(F1, row(**OF_ANOTHER, PDF="F1.pdf")), apply=True)
    reason = "«\u202fF1.pdf\u202f» est nommé pour deux familles\u202f: chacune lirait la facture de l’autre"
    assert [line for line in said.splitlines() if "F1.pdf" in line] == [
        f"ligne 2, colonne « PDF » – refus : {reason}",
        f"ligne 3, colonne « PDF » – refus : {reason}",
    ]
    assert (code, Invoice.objects.count()) == (1, 0)


def test_a_pdf_of_several_invoices_of_one_family_is_theirs(table, put):
    put("F1.pdf")
    said, code = run(table(F1, row(**{"N° facture": "F2", "PDF": "F1.pdf"})), apply=True)
    assert (code, Invoice.objects.filter(pdf__isnull=False).count()) == (0, 2), said


def test_refusals_that_are_accepted_leave_out_the_invoice_of_a_wrong_pdf(table, put):
    put("F1.pdf", b"PK, no PDF")
    put("F2.pdf")
    run(table(F1, F2), apply=True, accepter_les_refus=True)
    assert list(Invoice.objects.values_list("number", flat=True)) == ["F2"]


def test_one_number_named_with_and_without_its_regie_is_told_as_a_repeat(table):
    """Both rows are of the same régie once the command names it; « somebody writes at the same time » helps nobody."""
    said, code = run(table(row(), row(Régie="")), apply=True, regie="cantine")
    assert (code, Invoice.objects.count()) == (1, 0)
    assert "ligne 3, colonne « N° facture » – refus : même numéro que ligne 2, dans la même régie\n" in said
