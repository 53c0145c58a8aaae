"""Money that arrives while something else happens, on PostgreSQL: nothing is lost, whoever comes first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import NothingLeftError, record_credit_note, record_receipt_elsewhere
from preau.domain.ledger.models import LedgerAccount
from preau.domain.ledger.queries import household_balances
from preau.domain.payments import receipts
from preau.domain.payments.models import AttemptLine, Capture, FamilyCredit, PaymentAttempt, Receipt, ReceiptLink
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.settlement import Settled
from preau.domain.payments.services.sweep import ask, ask_due, release_expired
from preau.domain.payments.states import AttemptState, Origin, Verdict
from preau.domain.payments.tests.conftest import PARENT, links
from preau.domain.payments.tests.crossing import (
    ONE_CHAIN,
    ONE_HISTORY,
    ONE_RECEIPT_NUMBER,
    crossing,
    no_row_locks,
    without,
)
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import NumberSequence
from preau.domain.regies.services import take_number
from preau.foundation import clock, faults
from tests.support.factories import NOON, make_invoice

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

DAY = NOON.date()


def _ask(attempt: PaymentAttempt) -> Settled:
    """What a notice, a return or the sweep does once the bank has answered."""
    return ask(PaymentAttempt.objects.get(id=attempt.id), origin=Origin.SWEEP, timeout=1)


# One invoice


def _credit_note(invoice: Invoice) -> CreditNote:
    note = CreditNote(
        regie=invoice.regie,
        household=invoice.household,
        invoice=invoice,
        number="AV-1",
        label="Annulation",
        issued_on=DAY,
        total_cents=invoice.total_cents,
    )
    return record_credit_note(note=note)


@pytest.fixture
def both_paid(scene, bank) -> tuple[Callable, Callable]:
    """Two payments of one invoice, the first one late: both are at the bank's, neither is known here."""
    first = scene.send()
    with clock.frozen(NOON + timedelta(minutes=31)):
        second = scene.send()
    for attempt in (first, second):
        bank.pay(attempt.gateway_reference, transaction=attempt.reference)
    return partial(_ask, first), partial(_ask, second)


def test_of_two_payments_of_one_invoice_one_settles_it_and_one_is_owed_to_the_family(scene, both_paid, crossing):
    crossing.before(Invoice, "save")
    assert crossing.run(*both_paid) == [Settled.CAPTURED, Settled.CAPTURED]
    scene.invoice.refresh_from_db()
    assert (scene.invoice.received_cents, FamilyCredit.objects.get().amount_cents) == (2400, 2400)
    assert household_balances(scene.household) == {scene.regie.id: 2400}
    assert broken() == {}


def test_control_without_lock_one_invoice_swallows_both_payments(scene, both_paid, crossing, no_row_locks):
    crossing.before(Invoice, "save")
    no_row_locks()
    assert crossing.run(*both_paid) == [Settled.CAPTURED, Settled.CAPTURED]
    assert FamilyCredit.objects.count() == 0
    assert set(broken()) == {"I2", "I3"}


def _at_the_desk(invoice: Invoice):
    return record_receipt_elsewhere(invoice=invoice, amount_cents=2400, means="espèces", received_on=DAY)


@pytest.mark.parametrize("regie_does", [_at_the_desk, _credit_note])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_payment_and_an_act_of_the_regie_at_once_are_both_right(scene, bank, crossing, regie_does, is_first):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    crossing.before(Invoice, "save")
    calls = [partial(regie_does, scene.invoice), partial(_ask, attempt)]
    outcomes = crossing.run(*calls if is_first else calls[::-1])
    assert Settled.CAPTURED in outcomes
    refused = [one for one in outcomes if isinstance(one, NothingLeftError)]
    assert len(refused) == (0 if is_first else 1)
    scene.invoice.refresh_from_db()
    assert scene.invoice.left_cents == 0
    assert FamilyCredit.objects.count() == (1 if is_first else 0)
    assert broken() == {}


@pytest.mark.parametrize("regie_does", [_at_the_desk, _credit_note])
def test_control_without_lock_the_debt_in_the_books_is_wrong(scene, bank, crossing, no_row_locks, regie_does):
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    crossing.before(Invoice, "save")
    no_row_locks()
    crossing.run(partial(regie_does, scene.invoice), partial(_ask, attempt))
    assert "I2" in broken()


# One attempt


def _refused(attempt, bank) -> Settled:
    bank.pay(attempt.gateway_reference, verdict=Verdict.REFUSED)
    return _ask(attempt)


def _cancelled(attempt, bank) -> bool:
    return cancel_attempt(attempt=attempt, by=PARENT)


def _overdue(attempt, bank) -> int:
    with clock.frozen(NOON + timedelta(minutes=21)):
        return ask_due()


def _paid(attempt, bank) -> Settled:
    bank.pay(attempt.gateway_reference)
    return _ask(attempt)


SOFTER = pytest.mark.parametrize("softer", [_refused, _cancelled, _overdue])


@SOFTER
@pytest.mark.parametrize("is_first", [True, False])
def test_paid_wins_over_what_happens_at_the_same_instant(scene, bank, crossing, softer, is_first):
    attempt = scene.send()
    crossing.before(PaymentAttempt, "save")
    calls = [partial(softer, attempt, bank), partial(_paid, attempt, bank)]
    outcomes = crossing.run(*calls if is_first else calls[::-1])
    assert not [one for one in outcomes if isinstance(one, Exception)]
    attempt.refresh_from_db()
    scene.invoice.refresh_from_db()
    assert (attempt.state, scene.invoice.left_cents, Capture.objects.count()) == (AttemptState.CAPTURED, 0, 1)
    assert not AttemptLine.objects.filter(is_open=True).exists()
    assert broken() == {}


@SOFTER
def test_control_without_lock_nor_ranks_the_payment_is_forgotten(scene, bank, crossing, no_row_locks, softer):
    attempt = scene.send()
    crossing.before(PaymentAttempt, "save")
    no_row_locks()
    with without(ONE_HISTORY):
        crossing.run(partial(softer, attempt, bank), partial(_paid, attempt, bank))
        attempt.refresh_from_db()
        assert (attempt.state == AttemptState.CAPTURED, Capture.objects.count()) == (False, 1)
        assert "I5" in broken()


def test_an_amount_that_differs_holds_its_invoice_even_as_the_worker_frees_it(scene, bank, crossing):
    """The half-hour is over, nobody knows of any payment; the bank's news and the worker come together."""
    attempt = scene.send()
    crossing.before(PaymentAttempt, "save")
    assert crossing.run(*_in_doubt(attempt, bank)) == [Settled.CONTRADICTED, 0]
    assert _attempt() == (AttemptState.ANOMALY, True)
    assert broken() == {}


def test_control_without_lock_the_invoice_of_a_doubtful_payment_is_asked_again(scene, bank, crossing, no_row_locks):
    attempt = scene.send()
    crossing.before(PaymentAttempt, "save")
    no_row_locks()
    crossing.run(*_in_doubt(attempt, bank))
    assert _attempt() == (AttemptState.ANOMALY, False)


def _in_doubt(attempt, bank) -> tuple[Callable, Callable]:
    bank.pay(attempt.gateway_reference, amount_cents=2500)

    def free() -> int:
        bank.down = True  # the last question stays without answer
        with clock.frozen(NOON + timedelta(minutes=31)):
            return release_expired()

    return partial(_ask, attempt), free


@pytest.fixture
def never_sent(scene, bank) -> tuple[Callable, Callable]:
    """Five minutes after the click, the worker gives up an attempt whose bank page opens at last."""
    scene.choose(scene.invoice)
    attempt = scene.start(2400)

    def give_up() -> int:
        with clock.frozen(NOON + timedelta(minutes=5)):
            return release_expired()

    return give_up, partial(send_attempt, attempt=attempt, link_for=links, by=PARENT)


def test_nobody_is_led_to_the_bank_for_an_attempt_being_given_up(never_sent, crossing):
    crossing.before(PaymentAttempt, "save")
    give_up, leave = never_sent
    assert crossing.run(give_up, leave) == [1, None]
    assert (_attempt(), broken()) == ((AttemptState.ABANDONED, False), {})


def test_an_attempt_on_its_way_to_the_bank_is_not_given_up(never_sent, crossing):
    crossing.before(PaymentAttempt, "save")
    give_up, leave = never_sent
    redirect, given_up = crossing.run(leave, give_up)
    assert (redirect.url.startswith("https://banque.example/"), given_up) == (True, 0)
    assert (_attempt(), broken()) == ((AttemptState.SENT, True), {})


def test_control_without_lock_nor_ranks_the_payer_is_at_the_bank_and_the_invoice_is_free(
    never_sent, crossing, no_row_locks
):
    crossing.before(PaymentAttempt, "save")
    no_row_locks()
    give_up, leave = never_sent
    with without(ONE_HISTORY):
        crossing.run(leave, give_up)
        assert _attempt() == (AttemptState.SENT, False)


def _attempt() -> tuple[str, bool]:
    """The state of the one attempt, and whether it holds its invoice."""
    line = AttemptLine.objects.select_related("attempt").get()
    return line.attempt.state, line.is_open


# One series of receipts


@pytest.fixture
def payments(scene, bank) -> list[Callable]:
    """Payments of one régie that has never been paid before: its accounts and its counter are still to open."""
    attempts = [scene.send(make_invoice(scene.household, scene.regie, cents=1000 + n)) for n in range(8)]
    for attempt in attempts:
        bank.pay(attempt.gateway_reference)
    return [partial(_ask, attempt) for attempt in attempts]


def _numbers() -> list[int]:
    return sorted(Receipt.objects.values_list("number", flat=True))


@pytest.mark.parametrize(
    "stop", [(NumberSequence, "save"), (receipts, "take_number"), (LedgerAccount.objects, "bulk_create")]
)
def test_receipts_of_payments_at_once_follow_each_other(payments, crossing, stop):
    crossing.before(*stop)
    assert crossing.run(*payments) == [Settled.CAPTURED] * 8
    assert (_numbers(), broken()) == ([1, 2, 3, 4, 5, 6, 7, 8], {})


def test_control_without_lock_two_receipts_would_have_one_number(payments, crossing, no_row_locks):
    """The database still refuses the second: its payment is undone whole, and done again with the next number."""
    payments[0]()
    crossing.before(NumberSequence, "save")
    no_row_locks()
    late, captured = crossing.run(*payments[1:3])
    assert (type(late), captured) == (IntegrityError, Settled.CAPTURED)
    assert (payments[1](), _numbers(), broken()) == (Settled.CAPTURED, [1, 2, 3], {})


def test_control_without_lock_nor_refusal_two_receipts_have_one_number(payments, crossing, no_row_locks):
    payments[0]()
    crossing.before(NumberSequence, "save")
    no_row_locks()
    with without(ONE_RECEIPT_NUMBER, ONE_CHAIN):
        crossing.run(*payments[1:3])
        assert _numbers() == [1, 2, 2]
        assert "I12" in broken()


def test_links_of_payments_at_once_make_one_chain(payments, crossing):
    payments[0]()
    crossing.before(ReceiptLink.objects, "create")
    assert crossing.run(*payments[1:4]) == [Settled.CAPTURED] * 3
    links = ReceiptLink.objects.order_by("receipt__number")
    assert [link.previous for link in links[1:]] == [link.digest for link in links[:3]]
    assert broken() == {}


def _taken_apart(**values) -> int:
    """A number taken in a transaction of its own: its counter is free before the receipt is written."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_committed, values).result()


def test_control_a_counter_freed_too_early_would_fork_the_chain(payments, crossing, monkeypatch):
    """The numbers differ and nothing waits; the database still refuses a second link after the same one."""
    payments[0]()
    crossing.before(ReceiptLink.objects, "create")
    monkeypatch.setattr(receipts, "take_number", _taken_apart)
    late, captured = crossing.run(*payments[1:3])
    assert (type(late), captured) == (IntegrityError, Settled.CAPTURED)
    assert "a_chain_of_receipts_does_not_fork" in str(late)


def test_control_a_counter_freed_too_early_and_no_refusal_forks_the_chain(payments, crossing, monkeypatch):
    payments[0]()
    crossing.before(ReceiptLink.objects, "create")
    monkeypatch.setattr(receipts, "take_number", _taken_apart)
    with without(ONE_CHAIN):
        assert crossing.run(*payments[1:3]) == [Settled.CAPTURED] * 2
        assert [fault for fault in broken()["I12"] if "ne suit pas le maillon précédent" in fault] != []


def _dies_once_numbered(payment, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(faults, "reach", lambda name: 1 // (name != "capture-receipted"))
        with pytest.raises(ZeroDivisionError):
            payment()


def test_a_capture_that_dies_leaves_its_number_to_the_next(payments, monkeypatch):
    _dies_once_numbered(payments[0], monkeypatch)
    payments[1]()
    assert (_numbers(), broken()) == ([1], {})


def test_control_a_number_taken_in_its_own_transaction_leaves_a_gap(payments, monkeypatch):
    monkeypatch.setattr(receipts, "take_number", _taken_apart)
    _dies_once_numbered(payments[0], monkeypatch)
    payments[1]()
    assert (_numbers(), set(broken())) == ([2], {"I12"})


def _committed(values) -> int:
    try:
        with transaction.atomic():
            return take_number(**values)
    finally:
        connection.close()
