"""What the database refuses about invoices, credit notes and receipts, whoever writes."""

from datetime import date

import pytest

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note, record_receipt_elsewhere
from preau.foundation import clock
from tests.support.factories import make_household, make_invoice, make_regie
from tests.support.refusals import (
    columns_of,
    refused_by,
    refused_frozen,
    refused_whole,
    refused_with,
    save_again,
)

DAY = date(2026, 10, 1)


@pytest.fixture
def invoice(db) -> Invoice:
    household = make_household(with_login=False, children=0)
    return make_invoice(household, make_regie(), issued_on=DAY, due_on=date(2026, 10, 31))


@pytest.fixture
def note(invoice) -> CreditNote:
    return record_credit_note(
        note=CreditNote(
            regie=invoice.regie,
            household=invoice.household,
            invoice=invoice,
            number="AV-1",
            label="Repas non servi",
            issued_on=DAY,
            total_cents=400,
        ),
    )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "invoice_number_is_unique_in_its_regie"),
        ({"number": "F2", "total_cents": 0, "settled_on": DAY}, "invoice_total_is_positive"),
        ({"number": "F2", "billed_month": date(2026, 10, 2)}, "invoice_month_is_a_first_day"),
        ({"number": "F2", "settled_on": DAY}, "invoice_is_dated_settled_iff_nothing_is_left"),
        ({"number": "F2", "received_cents": 2400}, "invoice_is_dated_settled_iff_nothing_is_left"),
        ({"number": "F2", "due_on": date(2026, 9, 30)}, "invoice_is_due_after_it_is_issued"),
    ],
)
def test_an_invoice_that_makes_no_sense_is_refused(invoice, changes, constraint):
    with refused_by(constraint):
        save_again(invoice, **changes)


def test_one_number_may_serve_two_regies(invoice):
    assert save_again(invoice, regie_id=make_regie().id).number == invoice.number


def test_an_invoice_belongs_to_one_regie(invoice):
    assert columns_of(Invoice, "an_invoice_belongs_to_one_regie") == ["id", "regie_id"]


@pytest.mark.parametrize(
    "change",
    [{"received_cents": 2401}, {"credited_cents": 2401}, {"received_cents": 1200, "credited_cents": 1201}],
    ids=str,
)
@pytest.mark.parametrize("settled_on", [None, DAY])
def test_more_than_its_amount_is_never_put_on_an_invoice(invoice, change, settled_on):
    """Two constraints say so; PostgreSQL names one of them."""
    with refused_with("invoice_left_to_pay_is_never_negative|invoice_is_dated_settled_iff_nothing_is_left"):
        Invoice.objects.filter(id=invoice.id).update(**change, settled_on=settled_on)


@pytest.mark.parametrize("change", [{"settled_on": DAY}, {"credited_cents": 2400}], ids=str)
def test_an_invoice_is_dated_settled_exactly_when_nothing_is_left(invoice, change):
    with refused_by("invoice_is_dated_settled_iff_nothing_is_left"):
        Invoice.objects.filter(id=invoice.id).update(**change)


def test_an_issued_invoice_is_never_rewritten(invoice):
    refused_frozen(
        invoice,
        {
            "public_id": "x" * 22,
            "regie_id": make_regie().id,
            "household_id": make_household(with_login=False).id,
            "source": Invoice.Source.ISSUED,
            "number": "F2",
            "label": "Autre",
            "billed_month": date(2026, 11, 1),
            "issued_on": date(2026, 10, 2),
            "due_on": None,
            "total_cents": 2300,
            "content_digest": "0" * 64,
            "titre_number": "T-77",
            "recorded_at": clock.now(),
        },
    )


def test_what_happens_to_an_invoice_may_be_written(invoice):
    Invoice.objects.filter(id=invoice.id).update(received_cents=2400, settled_on=DAY, sent_to_treasury_on=DAY)
    invoice.refresh_from_db()
    assert (invoice.left_cents, invoice.settled_on) == (0, DAY)


def test_two_lines_of_one_rank_are_refused(invoice):
    with refused_by("invoice_lines_have_ranks"):
        save_again(invoice.lines.get())


def test_a_credit_note_number_serves_once_in_its_regie(note):
    with refused_by("credit_note_number_is_unique_in_its_regie"):
        save_again(note)


def test_a_credit_note_of_nothing_is_refused(note):
    with refused_by("credit_note_total_is_positive"):
        save_again(note, number="AV-2", total_cents=0)


def test_a_credit_note_on_another_regies_invoice_is_refused(note):
    with refused_with("billing_creditnote.invoice_id"):
        save_again(note, number="AV-2", regie_id=make_regie().id)


def test_a_receipt_of_nothing_is_refused(invoice):
    receipt = record_receipt_elsewhere(invoice=invoice, amount_cents=400, means="espèces", received_on=DAY)
    with refused_by("receipt_elsewhere_is_positive"):
        save_again(receipt, amount_cents=0)


def test_lines_notes_and_receipts_are_written_once(invoice, note):
    refused_whole(invoice.lines.get())
    refused_whole(note)
    refused_whole(record_receipt_elsewhere(invoice=invoice, amount_cents=400, means="espèces", received_on=DAY))
