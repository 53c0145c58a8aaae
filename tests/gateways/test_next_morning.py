"""The morning after: the statements of the banks are taken, and nothing is missing, nothing is double (item 9.9)."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from preau.domain.payments.models import Capture, GatewayMessage, Reconciliation, ReviewCase
from preau.domain.payments.services.reconciliation import reconcile_nights
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import MessageVerdict
from tests.gateways.conftest import Office, untrue
from tests.gateways.test_each_gateway import HEARSAY, NONE, ONE, SIGNED, books, left_of, only
from tests.gateways.test_four_banks import CENTS, FOUR, offices, pay_all
from tests.support.clock import DEFAULT

__all__ = ["offices"]
pytestmark = [pytest.mark.process, pytest.mark.django_db]


PAID_ON = DEFAULT.date()


@pytest.fixture(autouse=True)
def truths():
    yield
    assert untrue() == {}


def next_morning(office: Office) -> None:
    """Six in the morning, in Paris; what time does has been done."""
    now = office.clock.now()
    office.advance(seconds=((now + timedelta(days=1)).replace(hour=4, minute=0, second=0) - now).total_seconds())
    release_expired()
    ask_due()
    while reconcile_nights():
        pass


def take_statement(office: Office, tmp_path, **faults) -> tuple[int, str]:
    """Yesterday's statement, as an operator takes it: exit code and what was said."""
    yesterday = (office.clock.now() - timedelta(days=1)).date().isoformat()
    number = office.regie.contracts.get().merchant
    path = tmp_path / f"{office.teller.gateway}.csv"
    text = office.sim.statement(office.teller.bank, number, yesterday, yesterday, **faults)
    path.write_text(text, encoding="utf-8")
    told = StringIO()
    try:
        call_command(
            "reconcile", "--statement", str(path), "--gateway", office.teller.gateway, "--day", yesterday, stdout=told
        )
    except SystemExit as ended:
        return int(ended.code or 0), told.getvalue()
    return 0, told.getvalue()


def gaps() -> set[int | None]:
    """The gaps of the constats in force of the day of the payments."""
    latest = {one.contract_id: one for one in Reconciliation.objects.filter(day=PAID_ON).order_by("number")}
    return {one.gap_cents for one in latest.values()}


@pytest.mark.row("P08")
def test_four_banks_and_no_gap(offices, tmp_path):
    """One refused first, one never notified, one brought nobody back: every cent is at its bank, here and booked."""
    pay_all(offices)
    next_morning(offices["payfip"])
    for name in FOUR:
        assert take_statement(offices[name], tmp_path)[0] == 0, name
    assert gaps() == {0}
    assert {
        one.contract.gateway: one.bank_cents for one in Reconciliation.objects.filter(day=PAID_ON).order_by("number")
    } == CENTS
    assert ReviewCase.objects.count() == 0


@pytest.mark.row("P02")
def test_a_forged_an_altered_and_a_replayed_notice_change_nothing_and_are_listed(offices, tmp_path):
    """For each bank: listed among the messages, no cent moved, and no gap the next morning."""
    attempts = pay_all(offices)
    for attempt in attempts:
        office = offices[attempt.contract.gateway]
        for lie in ("forged", "altered", "replay"):
            if lie == "replay" or lie in office.teller.lies:
                office.teller.notify(office.sim, attempt, lie if office.teller.bank != "payfip" else "forged")
    before = GatewayMessage.objects.count()
    sent = len(offices["payfip"].post.letters)
    offices["payfip"].deliver()
    assert GatewayMessage.objects.count() == before + sent
    assert sent >= 2 * len(FOUR)
    assert GatewayMessage.objects.filter(verdict=MessageVerdict.NOT_AUTHENTIC).count() >= 4
    assert {capture.contract.gateway: capture.amount_cents for capture in Capture.objects.all()} == CENTS
    next_morning(offices["payfip"])
    assert {take_statement(offices[name], tmp_path)[0] for name in FOUR} == {0}
    assert gaps() == {0}


@only(SIGNED)
def test_a_payment_nobody_told_of_is_captured_by_the_statement(office: Office, tmp_path):
    """N1 where the bank cannot be asked: no notice, no browser, the statement alone."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.pay(attempt, notify="never")
    next_morning(office)
    assert (office.state(attempt), books()) == ("unknown", NONE)
    assert take_statement(office, tmp_path)[0] == 0
    assert (office.state(attempt), left_of(invoice), books(), gaps()) == ("captured", [0], ONE, {0})


@only(HEARSAY)
def test_a_declared_payment_is_settled_by_the_return_file(office: Office, tmp_path):
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.pay(attempt)
    office.deliver()
    assert (office.state(attempt), books()) == ("declared", NONE)
    next_morning(office)
    assert take_statement(office, tmp_path)[0] == 0
    assert (office.state(attempt), left_of(invoice), books(), gaps()) == ("captured", [0], ONE, {0})


@only(HEARSAY)
def test_a_payment_announced_by_the_payer_alone_is_found_out(office: Office, tmp_path):
    """4.2: « P » typed by hand; the bank's file does not know it."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.teller.notify(office.sim, attempt, "forged")
    office.deliver()
    assert office.state(attempt) == "declared"
    for _ in range(3):
        next_morning(office)
        take_statement(office, tmp_path)
    next_morning(office)
    assert (office.state(attempt), left_of(invoice), books()) == ("declared", [2400], NONE)
    assert [case.kind for case in ReviewCase.objects.all()] == ["unconfirmed"]


@only(SIGNED)
def test_a_payer_who_never_paid_is_let_go_by_the_statements(office: Office, tmp_path):
    """E.1: gateways without question: absent from the statement of its day and of the next."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    for _ in range(2):
        next_morning(office)
        take_statement(office, tmp_path)
    next_morning(office)
    assert (office.state(attempt), left_of(invoice), ReviewCase.objects.count()) == ("expired", [2400], 0)


@pytest.mark.parametrize(
    ("fault", "kinds"), [("without", {"missing_at_bank"}), ("plus", {"amount_gap", "contradiction"})]
)
@only(SIGNED)
def test_a_statement_that_says_otherwise_is_a_gap_and_a_case(office: Office, tmp_path, fault, kinds):
    """Never reversed by itself: a person looks."""
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)
    office.deliver()
    next_morning(office)
    code, told = take_statement(office, tmp_path, **{fault: [attempt.reference]})
    for _ in range(5):
        next_morning(office)
        take_statement(office, tmp_path)
    next_morning(office)
    assert (office.state(attempt), books()) == ("captured", ONE)
    assert {case.kind for case in ReviewCase.objects.all()} & kinds, told
    assert code == 1 or fault == "without"
