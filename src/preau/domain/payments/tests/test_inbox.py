"""Messages from outside (N1–N12): stored first, believed never, and one gateway question at most for each."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction

from preau.domain.payments.gateway import Message
from preau.domain.payments.models import Capture, Evidence, FamilyCredit, GatewayMessage, PaymentAttempt, Receipt
from preau.domain.payments.services.inbox import (
    MAX_BODY,
    STRANGER_BODY,
    payer_returned,
    process,
    process_due,
    receive,
)
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import AttemptState, MessageVerdict, Origin, Verdict
from preau.foundation import clock
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_invoice

pytestmark = pytest.mark.django_db


def _message(query: str = "", body: bytes = b"") -> Message:
    return Message(query=query, body=body, content_type="application/x-www-form-urlencoded")


def notify(attempt, *, query: str | None = None, **values) -> GatewayMessage:
    """The bank tells about an attempt, at the address that the attempt gave it."""
    return receive(
        **{
            "gateway": "fake",
            "origin": Origin.NOTIFICATION,
            "return_token": attempt.return_token,
            "method": "POST",
            "message": _message(f"op={attempt.gateway_reference}" if query is None else query),
            "source_address": "192.0.2.7",
            **values,
        },
    )


def come_back(attempt, query: str = "") -> None:
    payer_returned(
        return_token=attempt.return_token,
        method="GET",
        message=_message(query),
        source_address="198.51.100.4",
    )


def _state(attempt) -> AttemptState:
    attempt.refresh_from_db()
    return AttemptState(attempt.state)


def _counts() -> tuple[int, int, int]:
    return Capture.objects.count(), Receipt.objects.count(), OutgoingMail.objects.filter(kind="receipt").count()


def test_a_message_is_kept_as_it_came_before_anybody_reads_it(scene):
    attempt = scene.send()
    message = notify(attempt, message=_message("op=x&é=1", b"\xff\x00raw"))
    kept = GatewayMessage.objects.get()
    assert (kept.attempt, kept.verdict, kept.processed_at) == (attempt, MessageVerdict.WAITING, None)
    assert (kept.query, bytes(kept.body), kept.body_size) == ("op=x&é=1", b"\xff\x00raw", 5)
    assert (kept.received_at, kept.source_address, kept.method) == (NOON, "192.0.2.7", "POST")
    assert message == kept


def test_a_message_is_on_disk_before_anything_acts_on_it(scene):
    """Inside somebody else's transaction it could still vanish: that is refused (K6)."""
    attempt = scene.send()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        notify(attempt)


def test_a_message_stored_by_a_process_that_died_is_taken_up_by_the_next(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    notify(attempt)
    with clock.frozen(NOON + timedelta(hours=3)):
        assert process_due() == 1
    assert _state(attempt) == AttemptState.CAPTURED


def test_a_hundred_times_the_same_notice_is_one_payment(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    for _ in range(100):
        notify(attempt)
    with clock.frozen(NOON + timedelta(seconds=1)):
        assert process_due() == 100
    assert _counts() == (1, 1, 1)
    assert bank.asked == 1
    assert set(GatewayMessage.objects.values_list("verdict", flat=True)) == {MessageVerdict.AUTHENTIC}


def test_a_hundred_notices_of_a_payment_still_under_way_are_one_question(scene, bank):
    attempt = scene.send()
    for _ in range(100):
        notify(attempt)
    with clock.frozen(NOON + timedelta(seconds=1)):
        process_due()
        assert bank.asked == 1
        notify(attempt)
        process_due()
    assert bank.asked == 2


@pytest.mark.parametrize("order", list(permutations([Verdict.REFUSED, Verdict.CANCELLED, Verdict.PAID])), ids=str)
def test_paid_wins_whatever_the_order_of_the_notices(scene, bank, order):
    attempt = scene.send()
    for minute, verdict in enumerate(order):
        with clock.frozen(NOON + timedelta(minutes=minute)):
            bank.pay(attempt.gateway_reference, verdict=verdict)
            notify(attempt)
            process_due()
    assert _state(attempt) == AttemptState.CAPTURED
    assert _counts() == (1, 1, 1)


@pytest.mark.parametrize("late", [timedelta(minutes=31), timedelta(hours=25), timedelta(days=8)], ids=str)
@pytest.mark.parametrize("paid_meanwhile", [False, True])
def test_a_late_notice_settles_the_invoice_or_credits_the_family(scene, bank, late, paid_meanwhile):
    attempt = scene.send()
    with clock.frozen(NOON + timedelta(minutes=31)):
        release_expired()
        if paid_meanwhile:
            other = scene.send()
            bank.pay(other.gateway_reference, transaction="OTHER")
            notify(other)
            process_due()
    bank.pay(attempt.gateway_reference, transaction="LATE")
    with clock.frozen(NOON + late):
        notify(attempt)
        process_due()
    scene.invoice.refresh_from_db()
    assert (_state(attempt), scene.invoice.left_cents) == (AttemptState.CAPTURED, 0)
    credited = list(FamilyCredit.objects.values_list("amount_cents", flat=True))
    assert credited == ([2400] if paid_meanwhile else [])


@pytest.mark.parametrize(
    "forged",
    ["op={op}&result=paid&amount=2400", "op={op}&signed=1&resultrans=P&montant=1"],
)
def test_a_notice_only_makes_us_ask_whatever_it_claims(scene, bank, forged):
    attempt = scene.send()
    message = notify(attempt, query=forged.format(op=attempt.gateway_reference))
    assert process(message) == MessageVerdict.AUTHENTIC
    assert (_state(attempt), bank.asked) == (AttemptState.SENT, 1)
    assert Evidence.objects.count() == 0


def test_a_notice_about_another_attempt_changes_neither(scene, bank):
    mine = scene.send()
    theirs = scene.send(make_invoice(scene.household, scene.regie, cents=1000))
    bank.pay(theirs.gateway_reference)
    message = notify(mine, query=f"op={theirs.gateway_reference}")
    assert process(message) == MessageVerdict.NOT_AUTHENTIC
    assert (_state(mine), _state(theirs), bank.asked) == (AttemptState.SENT, AttemptState.SENT, 0)


def test_a_notice_for_an_attempt_that_never_left_is_not_believed(scene, bank):
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    assert process(notify(attempt, query="op=op-1")) == MessageVerdict.NOT_AUTHENTIC
    assert (_state(attempt), bank.asked) == (AttemptState.PREPARED, 0)


def test_a_notice_at_an_unknown_address_is_kept_and_does_nothing(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    message = notify(attempt, return_token="nobody")
    assert message.attempt is None
    assert process(message) == MessageVerdict.UNKNOWN
    assert (_state(attempt), bank.asked) == (AttemptState.SENT, 0)


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc'>]>"])
def test_a_notice_that_names_nothing_is_unreadable(scene, bank, body):
    attempt = scene.send()
    assert process(notify(attempt, message=_message(body=body))) == MessageVerdict.UNREADABLE
    assert (_state(attempt), bank.asked) == (AttemptState.SENT, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"return_token": "nul\x00byte"},
        {"return_token": "t" * 500},
        {"gateway": "g" * 500},
        {"method": "PROPFINDPROPFIND"},
        {"source_address": "1" * 200},
        {"message": Message(query="\x00" * 9000, body=b"\x00" * (MAX_BODY + 1), content_type="\x00" * 200)},
    ],
    ids=["nul token", "long token", "gateway", "method", "address", "message"],
)
def test_a_strangers_bytes_fit_the_inbox_whatever_they_are(scene, values):
    message = notify(scene.send(), **values)
    message.refresh_from_db()
    assert message.verdict == MessageVerdict.WAITING
    assert message.body_size == len(values.get("message", _message()).body)
    assert len(message.body) <= MAX_BODY


def test_last_years_notice_sent_again_is_recognised(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    process(notify(attempt))
    with clock.frozen(NOON + timedelta(days=365)):
        assert process(notify(attempt)) == MessageVerdict.AUTHENTIC
    assert _counts() == (1, 1, 1)


def test_a_second_payment_of_the_operation_is_noticed_a_minute_later(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, transaction="FIRST")
    process(notify(attempt))
    bank.pay(attempt.gateway_reference, transaction="SECOND")
    process(notify(attempt))
    assert attempt.cases.count() == 0
    with clock.frozen(NOON + timedelta(minutes=1)):
        process(notify(attempt))
    assert attempt.cases.get().detail == "second paiement SECOND, premier FIRST"


def test_a_silent_gateway_is_asked_again_on_schedule_then_left_to_the_sweep(scene, bank):
    attempt = scene.send()
    bank.down = True
    message, at = notify(attempt), NOON
    for minutes in (0, 1, 2, 5, 10, 30):
        at += timedelta(minutes=minutes)
        with clock.frozen(at - timedelta(seconds=1)):
            assert process_due() == 0
        with clock.frozen(at):
            process_due()
    message.refresh_from_db()
    assert (message.verdict, message.tries, bank.asked) == (MessageVerdict.UNANSWERED, 6, 6)
    bank.down = False
    bank.pay(attempt.gateway_reference)
    with clock.frozen(at):
        assert ask_due() == 1
    assert _state(attempt) == AttemptState.CAPTURED


def test_a_gateway_that_comes_back_answers_the_waiting_message(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    bank.down = True
    message = notify(attempt)
    assert process_due() == 0
    bank.down = False
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert process_due() == 1
    message.refresh_from_db()
    assert (message.verdict, _state(attempt)) == (MessageVerdict.AUTHENTIC, AttemptState.CAPTURED)


def test_a_message_in_trouble_keeps_no_other_waiting(scene, bank, monkeypatch, caplog):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    poison, sound = notify(attempt, query="poison"), notify(attempt)
    read = bank.reference_in

    def stumbles(message):
        return 1 // 0 if message.query == "poison" else read(message)

    monkeypatch.setattr(bank, "reference_in", stumbles)
    assert process_due() == 1
    poison.refresh_from_db()
    sound.refresh_from_db()
    assert (sound.verdict, _state(attempt)) == (MessageVerdict.AUTHENTIC, AttemptState.CAPTURED)
    assert (poison.verdict, poison.next_try_at) == (MessageVerdict.WAITING, NOON + timedelta(minutes=1))
    assert "ZeroDivisionError" in caplog.text


def test_the_oldest_messages_are_read_first(scene, bank):
    attempt = scene.send()
    messages = []
    for second in (3, 1, 2):
        with clock.frozen(NOON + timedelta(seconds=second)):
            messages.append(notify(attempt))
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert process_due(limit=2) == 2
    assert [GatewayMessage.objects.get(id=m.id).processed_at is None for m in messages] == [True, False, False]


def test_what_the_browser_brings_back_is_never_believed(scene, bank):
    attempt = scene.send()
    come_back(attempt, f"op={attempt.gateway_reference}&ok=1&result=paid")
    assert _state(attempt) == AttemptState.SENT
    message = GatewayMessage.objects.get()
    assert (message.origin, message.gateway, message.verdict) == (Origin.RETURN, "fake", MessageVerdict.AUTHENTIC)


def test_a_return_naming_another_operation_asks_nothing(scene, bank):
    attempt = scene.send()
    come_back(attempt, "op=another")
    assert (bank.asked, GatewayMessage.objects.get().verdict) == (0, MessageVerdict.NOT_AUTHENTIC)


def test_a_return_settles_at_once_when_the_bank_already_knows(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    come_back(attempt)
    assert _state(attempt) == AttemptState.CAPTURED


def test_reloading_the_return_page_asks_the_bank_every_five_seconds_at_most(scene, bank):
    attempt = scene.send()
    for seconds, asked in ((0, 1), (1, 1), (4, 1), (5, 2), (9, 2), (10, 3)):
        with clock.frozen(NOON + timedelta(seconds=seconds)):
            come_back(attempt)
        assert bank.asked == asked, seconds


def test_a_return_brings_the_next_question_forward_and_never_back(scene, bank):
    attempt = scene.send()
    assert attempt.next_check_at == NOON + timedelta(minutes=2)
    come_back(attempt)
    attempt.refresh_from_db()
    assert attempt.next_check_at == NOON + timedelta(seconds=10)
    with clock.frozen(NOON + timedelta(seconds=6)):
        come_back(attempt)
    attempt.refresh_from_db()
    assert attempt.next_check_at == NOON + timedelta(seconds=10)


def test_a_return_when_all_is_over_plans_nothing(scene, bank):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    come_back(attempt)
    planned = PaymentAttempt.objects.get().next_check_at
    come_back(attempt)
    assert PaymentAttempt.objects.get().next_check_at == planned


@pytest.mark.parametrize("token", ["nobody", "nul\x00byte"])
def test_a_return_to_nowhere_is_kept_and_does_nothing(scene, bank, token):
    payer_returned(return_token=token, method="GET", message=_message(), source_address="198.51.100.4")
    assert (GatewayMessage.objects.get().verdict, bank.asked) == (MessageVerdict.UNKNOWN, 0)


def test_a_payer_sees_the_page_even_when_the_answer_cannot_be_read(scene, bank, monkeypatch):
    attempt = scene.send()
    monkeypatch.setattr(bank, "reference_in", lambda _: 1 // 0)
    come_back(attempt)
    assert GatewayMessage.objects.get().verdict == MessageVerdict.WAITING


@pytest.mark.parametrize(("known", "kept"), [(True, 2000), (False, STRANGER_BODY)])
def test_little_is_kept_of_what_a_stranger_sends(scene, bank, known, kept):
    attempt = scene.send()
    stored = receive(
        gateway="fake",
        origin=Origin.NOTIFICATION,
        return_token=attempt.return_token if known else "nobody",
        method="POST",
        message=Message(query="", body=b"x" * 2000, content_type="text/plain"),
        source_address="127.0.0.1",
    )
    assert (len(stored.body), stored.body_size) == (kept, 2000)
