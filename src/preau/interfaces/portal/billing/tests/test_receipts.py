"""The family's receipts."""

import io

import pytest
from pypdf import PdfReader

from preau.domain.messaging.models import HouseholdDocument
from tests.support.factories import login_family, make_household, make_invoice, make_regie
from tests.support.pages import main_words


@pytest.mark.row("S29")
def test_a_receipt_stays_in_the_list_with_its_pdf(family):
    invoice = make_invoice(family.household, make_regie(label="Cantine"), cents=1850)
    receipt = family.pay(invoice)
    page = main_words(family.get("receipts"))
    assert "Reçu n° 2026-000001 (PDF)" in page
    assert "8 octobre 2026, 15 h 35 Cantine" in page
    assert "18,50 €" in page

    response = family.get("receipt_pdf", receipt.code)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(response.content)).pages)
    assert "2026-000001" in text
    assert "18,50" in text


@pytest.mark.row("S29")
def test_the_pdf_is_drawn_once(family):
    receipt = family.pay(make_invoice(family.household, make_regie()))
    first, second = family.get("receipt_pdf", receipt.code), family.get("receipt_pdf", receipt.code)
    assert first.content == second.content
    assert HouseholdDocument.objects.count() == 1


def test_another_familys_receipt_does_not_exist(family, client):
    receipt = family.pay(make_invoice(family.household, make_regie()))
    login_family(client, make_household())
    assert client.get(f"/recus/{receipt.code}/pdf/").status_code == 404
    assert "Aucun reçu pour le moment." in main_words(client.get("/recus/"))


@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow_with_receipts(family, count):
    regie = make_regie()
    for _ in range(count):
        family.pay(make_invoice(family.household, regie))
    assert family.queries("receipts") == 8
