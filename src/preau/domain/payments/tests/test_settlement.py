"""What a verified payment does, once, whatever the order in which the news comes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.ledger.models import LedgerEntry, LedgerTransaction
from preau.domain.ledger.queries import household_balances, household_credit_cents, statement
from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.models import (
    AttemptLine,
    Capture,
    Evidence,
    FamilyCredit,
    PaymentAttempt,
    Receipt,
    ReviewCase,
)
from preau.domain.payments.queries.attempts import outcome_of
from preau.domain.payments.services.baskets import set_part
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.settlement import Settled, settle
from preau.domain.payments.services.sweep import ask, ask_due, release_expired
from preau.domain.payments.states import AttemptState, Origin, Verdict
from preau.domain.payments.tests.conftest import PARENT, links
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_invoice, make_regie, make_town

pytestmark = pytest.mark.django_db


def _ask(attempt) -> Settled:
    attempt.refresh_from_db()
    return ask(attempt, origin=Origin.SWEEP, timeout=1)


def test_a_paid_attempt_settles_its_invoices_books_it_and_queues_the_receipt(scene, bank):
    second = make_invoice(scene.household, scene.regie, cents=1230)
    attempt = scene.send(scene.invoice, second)
    bank.pay(attempt.gateway_reference)

    assert _ask(attempt) == Settled.CAPTURED

    attempt.refresh_from_db()
    scene.invoice.refresh_from_db()
    second.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED
    assert (scene.invoice.left_cents, second.left_cents) == (0, 0)
    assert scene.invoice.settled_on == NOON.date()
    assert list(attempt.events.values_list("name", flat=True)) == ["prepared", "sent_to_gateway", "captured"]
    booked = LedgerTransaction.objects.get(source_kind="capture", source_key=attempt.public_id)
    assert sorted(booked.entries.values_list("account__kind", "amount_cents")) == [
        ("clearing", 3630),
        ("receivable", -3630),
    ]
    receipt = Receipt.objects.get()
    assert (receipt.year, receipt.number) == (2026, 1)
    mail = OutgoingMail.objects.get(kind="receipt")
    assert (mail.recipient, mail.subject_key) == ("parent@example.org", receipt.code)
    assert household_balances(scene.household) == {scene.regie.id: 0}
    assert not AttemptLine.objects.filter(is_open=True).exists()
    assert scene.user.basket_lines.count() == 0


def test_the_same_news_again_changes_nothing(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    _ask(attempt)
    before = LedgerEntry.objects.count(), Receipt.objects.count(), OutgoingMail.objects.count()

    assert _ask(attempt) == Settled.DUPLICATE
    assert settle(evidence_id=Evidence.objects.earliest("id").id, by=SYSTEM) == Settled.DUPLICATE

    assert (LedgerEntry.objects.count(), Receipt.objects.count(), OutgoingMail.objects.count()) == before


@pytest.mark.parametrize(
    ("news", "event"),
    [
        ([Verdict.REFUSED, Verdict.PAID], "captured_late"),
        ([Verdict.PAID, Verdict.REFUSED], "captured"),
        ([Verdict.CANCELLED, Verdict.PAID], "captured_late"),
        ([Verdict.PAID, Verdict.CANCELLED], "captured"),
    ],
)
def test_paid_wins_in_every_order(scene, bank, news, event):
    attempt = scene.send()
    for verdict in news:
        bank.pay(attempt.gateway_reference, verdict=verdict)
        _ask(attempt)
    attempt.refresh_from_db()
    scene.invoice.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED
    assert scene.invoice.left_cents == 0
    assert attempt.events.last().name == event
    assert Capture.objects.count() == 1


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.CANCELLED])
def test_a_refusal_frees_the_invoices_at_once(scene, bank, verdict):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, verdict=verdict)
    assert _ask(attempt) == Settled.ENDED
    assert not AttemptLine.objects.filter(is_open=True).exists()
    assert scene.user.basket_lines.count() == 1


def test_paid_late_on_an_invoice_paid_meanwhile_becomes_a_credit_a_case_and_a_mail(scene, bank):
    first = scene.send()
    with clock.frozen(NOON + timedelta(minutes=31)):
        second = scene.send()
        bank.pay(second.gateway_reference, transaction="B")
        _ask(second)
        bank.pay(first.gateway_reference, transaction="A")
        assert _ask(first) == Settled.CAPTURED

    scene.invoice.refresh_from_db()
    assert scene.invoice.left_cents == 0
    assert FamilyCredit.objects.get().amount_cents == 2400
    assert household_credit_cents(scene.household) == {scene.regie.id: 2400}
    assert household_balances(scene.household) == {scene.regie.id: 2400}
    assert Receipt.objects.count() == 2
    case = ReviewCase.objects.get()
    assert case.kind == ReviewCase.Kind.SURPLUS
    assert OutgoingMail.objects.get(kind="review_case").recipient == scene.regie.email


def test_an_invoice_partly_paid_at_the_desk_meanwhile_takes_what_is_left(scene, bank):
    attempt = scene.send()
    record_receipt_elsewhere(invoice=scene.invoice, amount_cents=1000, means="espèces", received_on=NOON.date())
    bank.pay(attempt.gateway_reference)
    _ask(attempt)
    scene.invoice.refresh_from_db()
    assert (scene.invoice.left_cents, FamilyCredit.objects.get().amount_cents) == (0, 1000)


@pytest.mark.parametrize(
    ("changes", "suspended"),
    [
        ({"amount_cents": 2401}, 2401),
        ({"amount_cents": 2399}, 2399),
        ({"amount_cents": 0}, 0),
        ({"amount_cents": -2400}, 0),
        ({"amount_cents": None}, 0),
        ({"currency": "USD"}, 0),
        ({"mode": "production"}, 0),
        ({"reference": "OTHER"}, 2400),
        ({"merchant": "999999"}, 0),
        ({"gateway_reference": "another"}, 0),
    ],
)
def test_a_verified_payment_that_differs_settles_nothing_and_waits_for_a_person(scene, bank, changes, suspended):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, **changes)

    assert _ask(attempt) == Settled.CONTRADICTED

    attempt.refresh_from_db()
    scene.invoice.refresh_from_db()
    assert (attempt.state, scene.invoice.left_cents) == (AttemptState.ANOMALY, 2400)
    assert AttemptLine.objects.filter(is_open=True).count() == 1
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.CONTRADICTION
    booked = LedgerEntry.objects.filter(account__kind="suspense").values_list("amount_cents", flat=True)
    assert list(booked) == ([-suspended] if suspended else [])
    with clock.frozen(NOON + timedelta(days=2)):
        assert release_expired() == 0


def test_an_unverified_payment_does_nothing(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, authentic=False)
    assert _ask(attempt) == Settled.IGNORED
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SENT


def _suspended() -> list[int]:
    entries = LedgerEntry.objects.filter(account__kind="suspense")
    return list(entries.order_by("id").values_list("amount_cents", flat=True))


def test_each_further_payment_of_one_operation_goes_to_suspense_once(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, transaction="FIRST")
    _ask(attempt)
    for reference, booked in (("SECOND", [-2400]), ("THIRD", [-2400, -2400])):
        bank.pay(attempt.gateway_reference, transaction=reference)
        assert [_ask(attempt), _ask(attempt)] == [Settled.CONTRADICTED, Settled.CONTRADICTED]
        assert _suspended() == booked
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.DOUBLE_CAPTURE


def test_a_captured_payment_told_otherwise_is_a_case_and_no_second_sum(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    _ask(attempt)
    bank.pay(attempt.gateway_reference, amount_cents=2500)
    assert _ask(attempt) == Settled.CONTRADICTED
    case = ReviewCase.objects.get()
    assert (case.kind, case.detail) == (
        ReviewCase.Kind.CONTRADICTION,
        "montant (centimes) : demandé 2400, annoncé 2500",
    )
    assert _suspended() == []


def test_money_announced_while_a_person_decides_is_booked_once(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, transaction="FIRST", amount_cents=2401)
    _ask(attempt)
    assert _ask(attempt) == Settled.DUPLICATE
    bank.pay(attempt.gateway_reference, transaction="SECOND")
    assert [_ask(attempt), _ask(attempt)] == [Settled.CONTRADICTED, Settled.DUPLICATE]
    assert _suspended() == [-2401, -2400]
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.ANOMALY


def test_another_merchants_second_payment_stays_out_of_our_books(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    _ask(attempt)
    bank.pay(attempt.gateway_reference, transaction="SECOND", merchant="999999")
    assert _ask(attempt) == Settled.CONTRADICTED
    assert _suspended() == []


@pytest.mark.row("L18")
def test_a_part_once_paid_leaves_the_payers_basket_and_the_next_regie_follows(scene, bank):
    scene.regie.allows_part_payment = True
    scene.regie.save()
    other = make_invoice(
        scene.household, make_regie(label="Petite enfance", position=scene.regie.position + 1), cents=2520
    )
    scene.choose(scene.invoice, other)
    set_part(user=scene.user, invoice_id=scene.invoice.public_id, amount_cents=1000)
    attempt = scene.start(1000)
    send_attempt(attempt=attempt, link_for=links, by=PARENT)
    bank.pay(PaymentAttempt.objects.get().gateway_reference)
    _ask(attempt)
    scene.invoice.refresh_from_db()
    assert scene.invoice.left_cents == 1400
    assert [line.invoice for line in scene.user.basket_lines.all()] == [other]
    assert scene.start(2520, checkout_id=attempt.checkout.public_id).regie == other.regie


def test_debit_days_are_counted_from_the_day_of_the_town(scene, bank):
    make_town(time_zone="America/Martinique")
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, occurred_at=datetime(2026, 10, 9, 1, 30, tzinfo=UTC))  # Thursday, 21 h 30
    _ask(attempt)
    outcome = outcome_of(attempt.return_token)
    assert outcome is not None
    assert outcome.debit_span == (date(2026, 10, 12), date(2026, 10, 14))
    said = "entre le 12\u00a0octobre 2026 et le 14\u00a0octobre 2026"
    assert Receipt.objects.get().sheet["debit_notice"] == said


def test_a_payment_cancelled_here_still_counts_when_the_bank_took_it(scene, bank):
    attempt = scene.send()
    assert cancel_attempt(attempt=attempt, by=PARENT) is True
    assert cancel_attempt(attempt=attempt, by=PARENT) is False
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=3)):
        assert ask_due() == 1
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED


def test_the_statement_shows_every_movement_with_its_running_balance(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    _ask(attempt)
    movements = statement(scene.household, regie_id=scene.regie.id)
    assert [(m.amount_cents, m.balance_cents) for m in movements] == [(-2400, -2400), (2400, 0)]


def test_settle_refuses_to_run_inside_another_transaction(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        _ask(attempt)


def test_a_silent_bank_is_asked_on_schedule_then_becomes_unknown_then_expired(scene, bank):
    attempt = scene.send()
    bank.down = True
    moments = [2, 5, 10, 20, 40, 60, 120, 240, *(24 * 60 * day for day in range(1, 8))]
    for minutes in moments:
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            assert ask_due() == 1, minutes
            assert ask_due() == 0, minutes
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.EXPIRED
    assert list(attempt.events.values_list("name", flat=True)) == [
        "prepared",
        "sent_to_gateway",
        "verdict_overdue",
        "expired",
    ]
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.LONG_SILENCE


def test_a_lost_notice_is_found_by_the_question(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert ask_due() == 0
    with clock.frozen(NOON + timedelta(minutes=2)):
        assert ask_due() == 1
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED


def test_never_paid_is_believed_only_after_the_window(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, verdict=Verdict.EXPIRED)
    assert _ask(attempt) == Settled.IGNORED
    with clock.frozen(NOON + timedelta(minutes=20)):
        assert _ask(attempt) == Settled.ENDED
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.EXPIRED


def test_still_in_progress_two_hours_later_is_never_paid(scene, bank):
    attempt = scene.send()
    with clock.frozen(NOON + timedelta(minutes=119)):
        assert _ask(attempt) == Settled.IGNORED
    with clock.frozen(NOON + timedelta(minutes=120)):
        assert _ask(attempt) == Settled.ENDED


@pytest.mark.parametrize("age", [timedelta(hours=25), timedelta(days=8)])
def test_a_payment_is_never_refused_because_of_its_age(scene, bank, age):
    attempt = scene.send()
    with clock.frozen(NOON + age):
        release_expired()
        bank.pay(attempt.gateway_reference)
        assert _ask(attempt) == Settled.CAPTURED


def test_a_question_without_answer_says_so(scene, bank):
    attempt = scene.send()
    bank.down = True
    with pytest.raises(GatewayUnavailableError):
        _ask(attempt)
