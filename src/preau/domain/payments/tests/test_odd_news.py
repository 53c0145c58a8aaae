"""News that are lost, late, forged or about something else, to the end: books, people told, alerts (N1–N10, G5)."""

import logging
from datetime import datetime, timedelta

import pytest

from preau.domain.ledger.models import LedgerEntry
from preau.domain.payments.errors import PaymentError
from preau.domain.payments.models import AttemptLine, Capture, FamilyCredit, GatewayMessage, Receipt, ReviewCase
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket
from preau.domain.payments.services.inbox import MANY_FORGED, STRANGER_BODY, process_due
from preau.domain.payments.services.moves import move
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import AttemptState, MessageVerdict, Verdict
from preau.domain.payments.tests.conftest import PARENT, links
from preau.domain.payments.tests.test_inbox import notify
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import GatewayContract
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_household, make_invoice, user_of

pytestmark = pytest.mark.django_db


def _minutes(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def _suspended() -> list[int]:
    return list(LedgerEntry.objects.filter(account__kind="suspense").values_list("amount_cents", flat=True))


@pytest.mark.parametrize("paid_after", [0.1, 3, 9.9, 14.9])
def test_a_notice_that_never_comes_costs_ten_minutes_after_the_window_at_most(scene, bank, paid_after):
    """N1: nobody returns, nobody notifies; the worker looks every minute."""
    attempt = scene.send()
    for minute in range(1, 26):
        if minute > paid_after:
            bank.pay(attempt.gateway_reference)
        with clock.frozen(_minutes(minute)):
            ask_due()
            release_expired()
    attempt.refresh_from_db()
    assert (attempt.state, Receipt.objects.count()) == (AttemptState.CAPTURED, 1)
    assert attempt.capture.recorded_at <= attempt.window_ends_at + timedelta(minutes=10)


def test_a_notice_late_by_half_an_hour_confirms_the_invoice_that_nobody_paid(scene, bank):
    """N4."""
    attempt = scene.send()
    with clock.frozen(_minutes(30)):
        assert release_expired() == 1
    bank.pay(attempt.gateway_reference)
    with clock.frozen(_minutes(31)):
        notify(attempt)
        process_due()
    scene.invoice.refresh_from_db()
    assert (scene.invoice.left_cents, FamilyCredit.objects.count(), ReviewCase.objects.count()) == (0, 0, 0)
    assert broken() == {}


def test_a_notice_late_by_half_an_hour_on_an_invoice_paid_meanwhile_is_a_credit_that_everybody_is_told(scene, bank):
    """N5: the family by its receipt, the régie by a case and a mail."""
    first = scene.send()
    with clock.frozen(_minutes(31)):
        second = scene.send()
        bank.pay(second.gateway_reference, transaction="SECOND")
        notify(second)
        bank.pay(first.gateway_reference, transaction="FIRST")
        notify(first)
        assert process_due() == 2
    assert FamilyCredit.objects.get().capture.attempt == first
    told = OutgoingMail.objects.filter(kind="receipt").order_by("id").values_list("recipient", "text")
    assert [
        ("24,00\u202f€ dépassent ce qui restait dû" in text.replace("\u00a0", "\u202f"), to) for to, text in told
    ] == [
        (False, "parent@example.org"),
        (True, "parent@example.org"),
    ]
    case, mail = ReviewCase.objects.get(), OutgoingMail.objects.get(kind="review_case")
    assert (case.kind, mail.recipient, case.detail in mail.text) == (ReviewCase.Kind.SURPLUS, scene.regie.email, True)
    assert broken() == {}


@pytest.mark.parametrize(
    ("late", "alerted"),
    [(timedelta(hours=23), 0), (timedelta(hours=25), 1), (timedelta(days=8), 1), (timedelta(days=400), 1)],
    ids=str,
)
def test_a_payment_heard_of_a_day_later_counts_and_is_told(scene, bank, caplog, late, alerted):
    """N6: age never refuses; whoever watches the installation learns that a notice was lost."""
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + late), caplog.at_level(logging.WARNING):
        notify(attempt)
        process_due()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED
    assert len([one for one in caplog.messages if f"payment {attempt.reference} was heard of late" in one]) == alerted


def test_a_week_without_a_word_then_paid_is_paid_and_the_regie_knew(scene, bank):
    """N6 after the schedule has given up: the case says so before the money comes."""
    attempt = scene.send()
    bank.down = True
    for day in range(8):
        with clock.frozen(NOON + timedelta(days=day, minutes=30)):
            ask_due()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.next_check_at) == (AttemptState.EXPIRED, None)
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.LONG_SILENCE
    assert OutgoingMail.objects.get(kind="review_case").recipient == scene.regie.email
    bank.down = False
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(days=8)):
        notify(attempt)
        process_due()
    attempt.refresh_from_db()
    assert (attempt.state, broken()) == (AttemptState.CAPTURED, {})


@pytest.mark.parametrize(("forged", "alerts"), [(MANY_FORGED - 1, 0), (MANY_FORGED, 1)])
def test_many_forged_notices_within_an_hour_are_told(scene, bank, caplog, forged, alerts):
    """N7: each is kept and does nothing; past a threshold, somebody is told."""
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON - timedelta(hours=2)):
        notify(attempt, query="op=forgotten")  # long ago: it does not count
    for rank in range(forged):
        notify(attempt, query=["", "op=invented", f"{'A=1&' * 200}"][rank % 3])
    with caplog.at_level(logging.ERROR):
        process_due()
    attempt.refresh_from_db()
    assert (attempt.state, bank.asked, Capture.objects.count()) == (AttemptState.SENT, 0, 0)
    assert not GatewayMessage.objects.filter(verdict=MessageVerdict.AUTHENTIC).exists()
    said = [one for one in caplog.messages if "are not from the bank" in one]
    assert said == [f"{forged} messages within an hour are not from the bank"] * alerts


@pytest.mark.parametrize(("known", "kept"), [(True, 4000), (False, STRANGER_BODY)])
def test_little_is_kept_of_a_strangers_query(scene, known, kept):
    attempt = scene.send()
    message = notify(attempt, query="a" * 4000, return_token=attempt.return_token if known else "nobody")
    assert len(message.query) == kept


@pytest.mark.parametrize(
    ("changes", "named", "suspended"),
    [
        ({"amount_cents": 2401}, "montant (centimes) : demandé 2400, annoncé 2401", [-2401]),
        ({"amount_cents": 24}, "montant (centimes) : demandé 2400, annoncé 24", [-24]),
        ({"currency": "USD"}, "monnaie : demandé EUR, annoncé USD", []),
        ({"merchant": "090999"}, "commerçant", []),
        ({"mode": "production"}, "mode : demandé test, annoncé production", []),
    ],
    ids=["higher", "cents", "currency", "merchant", "mode"],
)
def test_the_regie_is_told_by_mail_what_a_contradicted_payment_says(scene, bank, changes, named, suspended):
    """N8, N9: nothing is confirmed, the money that surely moved waits, a person is called; once."""
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, **changes)
    for second in (0, 90):
        with clock.frozen(NOON + timedelta(seconds=second)):
            notify(attempt)
            process_due()
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.recipient, named in mail.text.replace("\u202f", " ")) == (
        "review_case",
        scene.regie.email,
        True,
    )
    assert attempt.reference in mail.text
    assert (_suspended(), Capture.objects.count(), broken()) == (suspended, 0, {})


@pytest.mark.row("P08")
@pytest.mark.parametrize("said", ["test", "activation"])
def test_a_trial_payment_never_pays_a_real_invoice(scene, bank, said):
    """N9: a test-mode answer about a production contract."""
    GatewayContract.objects.update(mode=GatewayContract.Mode.PRODUCTION)
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, mode=said)
    notify(attempt)
    process_due()
    attempt.refresh_from_db()
    assert (attempt.state, Capture.objects.count(), _suspended()) == (AttemptState.ANOMALY, 0, [])
    assert ReviewCase.objects.get().detail.replace("\u202f", " ") == f"mode : demandé production, annoncé {said}"


@pytest.mark.parametrize("way", [[AttemptState.ANOMALY], [AttemptState.ANOMALY, AttemptState.CLOSED]], ids=str)
def test_a_notice_about_a_payment_that_a_person_judges_or_has_closed_is_kept_and_does_nothing(scene, bank, way):
    """N10: what the régie decided, or will decide, is not undone by a message."""
    attempt = scene.send()
    for state in way:
        move(attempt, state, by=SYSTEM)
    bank.pay(attempt.gateway_reference)
    message = notify(attempt)
    process_due()
    attempt.refresh_from_db()
    message.refresh_from_db()
    assert (attempt.state, bank.asked) == (way[-1], 0)
    assert message.processed_at is not None
    assert (Capture.objects.count(), OutgoingMail.objects.count()) == (0, 0)


def test_an_operation_that_serves_another_payment_sends_nobody_anywhere(scene, bank, caplog):
    """G5 at the opening: whoever paid it would pay somebody else's invoice."""
    mine = scene.send()
    other = make_household()
    add_to_basket(
        user=user_of(other), household=other, invoice_ids=[make_invoice(other, scene.regie, cents=2400).public_id]
    )
    theirs = start_payment(
        household=other,
        user=user_of(other),
        receipt_email="autre@example.org",
        form_key=new_form_key(),
        shown_cents=2400,
        by=PARENT,
    )
    (operation,) = bank.operations
    start = bank.start
    bank.start = lambda order, timeout: _same(start(order, timeout=timeout), operation)
    try:
        with pytest.raises(PaymentError, match="indisponible"):
            send_attempt(attempt=theirs, link_for=links, by=PARENT)
    finally:
        bank.start = start
    theirs.refresh_from_db()
    assert (theirs.state, theirs.gateway_reference) == (AttemptState.ABANDONED, None)
    assert list(AttemptLine.objects.filter(is_open=True).values_list("attempt_id", flat=True)) == [mine.id]
    assert f"the gateway gave {theirs.reference} an operation that serves another payment" in caplog.text


def _same(redirect, operation):
    return type(redirect)(url=redirect.url, gateway_reference=operation)


@pytest.mark.parametrize("after", [Verdict.REFUSED, Verdict.CANCELLED])
def test_a_softer_word_that_comes_after_paid_frees_nothing_and_says_nothing(scene, bank, after):
    """N3, "paid" then "refused": state, books, mails and locks stay those of the payment."""
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    notify(attempt)
    process_due()
    bank.pay(attempt.gateway_reference, verdict=after)
    with clock.frozen(_minutes(2)):
        notify(attempt)
        process_due()
    attempt.refresh_from_db()
    assert (attempt.state, Capture.objects.count(), ReviewCase.objects.count()) == (AttemptState.CAPTURED, 1, 0)
    assert (OutgoingMail.objects.count(), broken()) == (1, {})


def test_a_flood_of_forged_notices_is_told_once(scene, bank, caplog):
    attempt = scene.send()
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            for _ in range(MANY_FORGED):
                notify(attempt, query="op=invented")
            process_due()
    assert [one for one in caplog.messages if "are not from the bank" in one] == [
        f"{MANY_FORGED} messages within an hour are not from the bank"
    ]
