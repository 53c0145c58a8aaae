"""Writes about invoices: each moves the invoice and the books together."""

from datetime import date

import pytest
from django.db import transaction

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import (
    NothingLeftError,
    apply_allocation,
    record_credit_note,
    record_invoice,
    record_receipt_elsewhere,
)
from preau.domain.ledger.queries import household_balances, household_credit_cents, statement
from tests.support.factories import make_household, make_invoice, make_regie

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 5)


@pytest.fixture
def invoice(db) -> Invoice:
    household = make_household(with_login=False, children=0)
    return make_invoice(household, make_regie(), cents=2400, issued_on=date(2026, 10, 1))


def _note(on: Invoice, cents: int, **values) -> CreditNote:
    return CreditNote(
        **{
            "regie": on.regie,
            "household": on.household,
            "invoice": on,
            "number": f"AV-{cents}",
            "label": "Repas non servi",
            "issued_on": DAY,
            "total_cents": cents,
            **values,
        },
    )


def _told(invoice) -> tuple[int, date | None, int]:
    invoice.refresh_from_db()
    balance = household_balances(invoice.household)[invoice.regie_id]
    return invoice.left_cents, invoice.settled_on, balance


def test_an_issued_invoice_is_owed(invoice):
    assert _told(invoice) == (2400, None, -2400)


def test_lines_that_do_not_add_up_are_refused(invoice):
    lines = list(invoice.lines.all())
    wrong = Invoice(
        regie=invoice.regie,
        household=invoice.household,
        number="F2",
        label="Cantine",
        billed_month=date(2026, 9, 1),
        issued_on=DAY,
        total_cents=2401,
    )
    with pytest.raises(ValueError, match="do not add up"):
        record_invoice(invoice=wrong, lines=lines)
    assert Invoice.objects.count() == 1


def test_money_received_elsewhere_lowers_the_debt(invoice):
    record_receipt_elsewhere(invoice=invoice, amount_cents=1000, means="espèces", received_on=DAY)
    assert _told(invoice) == (1400, None, -1400)
    record_receipt_elsewhere(invoice=invoice, amount_cents=1400, means="chèque", received_on=DAY)
    assert _told(invoice) == (0, DAY, 0)


def test_more_than_what_is_left_is_refused_whole(invoice):
    with pytest.raises(NothingLeftError, match="1 cents too many"):
        record_receipt_elsewhere(invoice=invoice, amount_cents=2401, means="espèces", received_on=DAY)
    assert _told(invoice) == (2400, None, -2400)


def test_a_credit_note_lowers_its_invoice(invoice):
    record_credit_note(note=_note(invoice, 400))
    assert _told(invoice) == (2000, None, -2000)
    record_credit_note(note=_note(invoice, 2000))
    assert _told(invoice) == (0, DAY, 0)


def test_a_credit_note_beyond_its_invoice_is_refused_whole(invoice):
    with pytest.raises(NothingLeftError):
        record_credit_note(note=_note(invoice, 2401))
    assert (CreditNote.objects.count(), _told(invoice)) == (0, (2400, None, -2400))


def test_a_credit_note_without_invoice_is_owed_to_the_family(invoice):
    record_credit_note(note=_note(invoice, 400, invoice=None))
    assert household_credit_cents(invoice.household) == {invoice.regie_id: 400}
    assert _told(invoice) == (2400, None, -2000)


def test_an_allocation_beyond_what_is_left_is_refused(invoice):
    with pytest.raises(NothingLeftError), transaction.atomic():
        apply_allocation(invoice=invoice, amount_cents=2401, on=DAY)
    assert _told(invoice)[0] == 2400


def test_everything_shows_on_the_statement(invoice):
    record_receipt_elsewhere(invoice=invoice, amount_cents=1000, means="espèces", received_on=DAY)
    record_credit_note(note=_note(invoice, 400))
    record_credit_note(note=_note(invoice, 50, invoice=None))
    movements = statement(invoice.household, regie_id=invoice.regie_id)
    assert [(m.source_kind, m.amount_cents, m.balance_cents) for m in movements] == [
        ("invoice", -2400, -2400),
        ("receipt_elsewhere", 1000, -1400),
        ("credit_note", 400, -1000),
        ("credit_note", 50, -950),
    ]
