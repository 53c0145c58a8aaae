"""What time does, when something else goes wrong at the same time."""

from datetime import timedelta

import pytest

from preau.domain.payments.models import AttemptLine
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import AttemptState, Verdict
from preau.foundation import clock
from tests.support.factories import NOON, make_invoice

pytestmark = pytest.mark.django_db


def _stumble_on(bank, monkeypatch, attempt) -> None:
    """The gateway plug-in meets a bug of its own on one attempt."""
    ask = bank.ask

    def stumbles(merchant, gateway_reference, *, timeout):
        if gateway_reference == attempt.gateway_reference:
            raise ZeroDivisionError
        return ask(merchant, gateway_reference, timeout=timeout)

    monkeypatch.setattr(bank, "ask", stumbles)


def test_an_attempt_in_trouble_keeps_no_other_waiting_and_is_asked_again(scene, bank, monkeypatch, caplog):
    poison, sound = scene.send(), scene.send(make_invoice(scene.household, scene.regie, cents=1000))
    bank.pay(sound.gateway_reference)
    _stumble_on(bank, monkeypatch, poison)
    with clock.frozen(NOON + timedelta(minutes=2)):
        assert ask_due() == 1
    poison.refresh_from_db()
    sound.refresh_from_db()
    assert (sound.state, poison.state) == (AttemptState.CAPTURED, AttemptState.SENT)
    assert poison.next_check_at == NOON + timedelta(minutes=7)
    assert poison.reference in caplog.text


def test_an_attempt_in_trouble_still_frees_its_invoices(scene, bank, monkeypatch):
    attempt = scene.send()
    _stumble_on(bank, monkeypatch, attempt)
    with clock.frozen(NOON + timedelta(minutes=30)):
        assert release_expired() == 1
    assert not AttemptLine.objects.filter(is_open=True).exists()


def test_questions_are_asked_in_the_order_in_which_they_fell_due(scene, bank):
    attempts = [scene.send(make_invoice(scene.household, scene.regie)) for _ in range(3)]
    for attempt, minutes in zip(attempts, (3, 1, 2), strict=True):
        attempt.next_check_at = NOON + timedelta(minutes=minutes)
        attempt.save(update_fields=["next_check_at"])
        bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=4)):
        assert ask_due(limit=2) == 2
    for attempt in attempts:
        attempt.refresh_from_db()
    assert [attempt.state for attempt in attempts] == ["sent", "captured", "captured"]


@pytest.mark.parametrize(
    ("verdict", "planned"),
    [
        (Verdict.PENDING, timedelta(minutes=5)),
        (Verdict.CANCELLED, timedelta(minutes=5)),
        (Verdict.REFUSED, None),
        (Verdict.PAID, None),
    ],
)
def test_only_what_may_still_change_is_asked_again(scene, bank, verdict, planned):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, verdict=verdict)
    with clock.frozen(NOON + timedelta(minutes=2)):
        ask_due()
    attempt.refresh_from_db()
    assert attempt.next_check_at == (planned and NOON + planned)


def test_past_the_window_an_attempt_without_verdict_is_unknown_and_still_asked(scene, bank):
    attempt = scene.send()
    for minutes, state in ((10, AttemptState.SENT), (20, AttemptState.UNKNOWN)):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            ask_due()
        attempt.refresh_from_db()
        assert attempt.state == state
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=40)):
        ask_due()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED
