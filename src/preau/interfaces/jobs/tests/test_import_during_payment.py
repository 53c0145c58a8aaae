"""What the town's software says of an invoice that a family is paying at that very moment (U5)."""

import pytest

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.ledger.queries import household_balances, household_credit_cents
from preau.domain.payments.models import FamilyCredit, PaymentAttempt, ReviewCase
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import AttemptState, Origin
from preau.foundation.audit.actors import Actor
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.jobs.tests.test_import_invoices import apply, regie, row, run, table, town
from tests.support.factories import make_household, user_of

__all__ = ["regie", "table", "town"]

PARENT = Actor(kind="family", key="parent")
WARNING = "facture F1 : un paiement en ligne est en cours ; ce qui dépassera son montant ira au crédit de la famille"


@pytest.fixture
def household(town, regie):
    return make_household(file_number="101")


@pytest.fixture
def paying(table, household, bank, frozen_clock) -> PaymentAttempt:
    """F1, 84,60 €, was taken over; a parent is on the bank's pages for it."""
    apply(table(row()))
    add_to_basket(
        user=user_of(household), household=household, invoice_ids=[Invoice.objects.get(number="F1").public_id]
    )
    attempt = start_payment(
        household=household,
        user=user_of(household),
        receipt_email="parent@example.org",
        form_key=new_form_key(),
        shown_cents=8460,
        by=PARENT,
    )
    send_attempt(attempt=attempt, link_for=lambda _: ("http://n.example/", "http://r.example/"), by=PARENT)
    attempt.refresh_from_db()
    return attempt


def _money_arrives(attempt: PaymentAttempt, bank) -> None:
    bank.pay(attempt.gateway_reference)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED
    assert violations() == []


@pytest.mark.parametrize(("received", "credited"), [("84,60", 8460), ("20,00", 2000)])
def test_received_elsewhere_while_being_paid_is_told_and_what_comes_too_much_is_credited(
    paying, table, household, regie, bank, received, credited
):
    said = apply(table(row(Réglé=received)))
    assert WARNING in said.replace("\u202f", " ")
    _money_arrives(paying, bank)
    assert Invoice.objects.get().left_cents == 0
    assert FamilyCredit.objects.get().amount_cents == credited
    assert household_credit_cents(household) == {regie.id: credited}
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.SURPLUS
    assert OutgoingMail.objects.get(kind="review_case").recipient == regie.email


def test_it_is_told_before_anything_is_written(paying, table):
    said, code = run(table(row(Réglé="84,60")))
    assert (code, WARNING in said.replace("\u202f", " ")) == (0, True)
    assert Invoice.objects.get().received_cents == 0


def test_an_invoice_that_nobody_is_paying_is_told_as_before(table, household):
    apply(table(row()))
    assert "paiement en ligne" not in apply(table(row(Réglé="20,00")))


def test_a_credit_note_while_being_paid_is_owed_and_the_payment_is_whole(paying, table, household, regie, bank):
    """A credit note of a file names no invoice: it is owed, and the invoice is paid as it was asked."""
    apply(table(row(**{"N° facture": "AV1", "Montant": "-84,60"})))
    _money_arrives(paying, bank)
    assert (CreditNote.objects.get().total_cents, Invoice.objects.get().left_cents) == (8460, 0)
    assert household_balances(household) == {regie.id: 8460}


def test_a_correction_while_being_paid_is_refused_and_changes_nothing(paying, table, bank):
    said, code = run(table(row(Montant="50,00")), apply=True)
    assert (code, "facture F1 déjà reprise avec un autre contenu" in said) == (1, True)
    _money_arrives(paying, bank)
    assert Invoice.objects.get().total_cents == 8460
