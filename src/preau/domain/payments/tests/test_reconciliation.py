"""The morning after: what the bank lists, what is here, what the books say, and the constat that is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest

from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Posting, book
from preau.domain.payments.gateway import StatementKind
from preau.domain.payments.models import (
    AttemptLine,
    PaymentAttempt,
    Reconciliation,
    ReviewCase,
)
from preau.domain.payments.outcomes import Outcome
from preau.domain.payments.queries.contracts import merchant_for
from preau.domain.payments.services.decisions import confirm, propose
from preau.domain.payments.services.reconciliation import contracts_on, reconcile_nights
from preau.domain.payments.services.settlement import apply_report
from preau.domain.payments.services.sweep import ask, ask_due, release_expired
from preau.domain.payments.states import AttemptState, Origin
from preau.domain.payments.tests.statements import constat_of, line_of, take
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import GatewayContract, RegieMember
from preau.domain.town.models import Town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.models import AuditEvent
from tests.support.factories import NOON, make_contract, make_invoice, make_regie, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 8)
AGENT = Actor(kind="agent", key="agent")
#: Half past six in Paris, the days after.
MORNING = NOON.replace(hour=4, minute=30)
FRIDAY, SATURDAY, MONDAY, TUESDAY, WEDNESDAY = (MORNING + timedelta(days=n) for n in (1, 2, 4, 5, 6))


@pytest.fixture
def mute(bank, monkeypatch):
    """The bank answers no question: its messages and its statements tell all."""
    monkeypatch.setattr(bank, "can_ask", False)
    return bank


@pytest.fixture
def hearsay(mute, monkeypatch):
    """Its messages prove nothing either."""
    monkeypatch.setattr(mute, "is_hearsay", True)
    return mute


@pytest.fixture
def contract(scene) -> GatewayContract:
    return scene.regie.contracts.get()


def pay(bank, attempt, **values) -> PaymentAttempt:
    """Captured by a message, whether or not the bank can be asked."""
    bank.pay(attempt.gateway_reference, **values)
    report = bank.ask(merchant_for(attempt), attempt.gateway_reference, timeout=1)
    apply_report(attempt=attempt, report=report, origin=Origin.NOTIFICATION, by=AGENT)
    attempt.refresh_from_db()
    return attempt


def covering(bank, first: date, last: date, *lines, at: datetime) -> None:
    with clock.frozen(at):
        take(bank, *lines, first_day=first, last_day=last)


def kinds(constat: Reconciliation) -> list[str]:
    return [one["kind"] for one in constat.findings]


def sums(constat: Reconciliation) -> tuple:
    return (
        constat.bank_cents,
        constat.captured_cents,
        constat.suspended_cents,
        constat.booked_cents,
        constat.gap_cents,
    )


# A day where all agrees


def test_a_notice_that_never_came_is_made_good_by_the_statement_and_the_gap_is_nil(scene, mute, contract):
    attempt = scene.send()
    covering(mute, DAY, DAY, line_of(attempt), at=FRIDAY)
    constat = constat_of(contract, DAY, at=FRIDAY)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.capture.evidence.origin) == (AttemptState.CAPTURED, Origin.STATEMENT)
    assert (constat.outcome, constat.basis, constat.findings) == ("clear", "statement", [])
    assert sums(constat) == (2400, 2400, 0, 2400, 0)
    assert (constat.bank_count, constat.captured_count, constat.caught_up_count) == (1, 1, 1)
    assert constat.statement == contract.statements.get()


def test_a_gateway_that_can_be_asked_is_asked_about_each_attempt_of_the_day(scene, bank, contract):
    paid, lost = scene.send(), scene.send(make_invoice(scene.household, scene.regie, cents=1000))
    pay(bank, paid)
    bank.pay(lost.gateway_reference, transaction="AUTO02", occurred_at=NOON)
    with clock.frozen(NOON + timedelta(days=1)):
        release_expired()
        scene.send(make_invoice(scene.household, scene.regie, cents=700), cents=700)
    bank.asked = 0
    constat = constat_of(contract, DAY, at=NOON + timedelta(days=1))
    assert bank.asked == 2
    lost.refresh_from_db()
    assert lost.state == AttemptState.CAPTURED
    assert (constat.outcome, constat.basis, constat.bank_count) == ("clear", "asked", 2)
    assert sums(constat) == (3400, 3400, 0, 3400, 0)


def test_a_silent_bank_leaves_the_day_open_until_it_answers(scene, bank, contract):
    attempt = scene.send()
    bank.down = True
    constat = constat_of(contract, DAY, at=FRIDAY)
    assert (constat.outcome, kinds(constat), constat.gap_cents) == ("gap", ["unanswered"], 0)
    bank.down = False
    bank.pay(attempt.gateway_reference, occurred_at=NOON)
    assert constat_of(contract, DAY, at=FRIDAY).outcome == "clear"


def test_a_bug_on_one_question_leaves_the_others(scene, bank, contract, monkeypatch, caplog):
    poison, sound = scene.send(), scene.send(make_invoice(scene.household, scene.regie, cents=1000))
    bank.pay(sound.gateway_reference, occurred_at=NOON)
    asked = bank.ask

    def stumbles(merchant, gateway_reference, *, timeout):
        if gateway_reference == poison.gateway_reference:
            raise ZeroDivisionError
        return asked(merchant, gateway_reference, timeout=timeout)

    monkeypatch.setattr(bank, "ask", stumbles)
    constat_of(contract, DAY, at=FRIDAY)
    sound.refresh_from_db()
    assert sound.state == AttemptState.CAPTURED
    assert poison.reference in caplog.text


def test_a_day_without_payment_has_its_constat_too(scene, mute, contract):
    covering(mute, DAY, DAY, at=FRIDAY)
    constat = constat_of(contract, DAY, at=FRIDAY)
    assert (constat.outcome, sums(constat), constat.bank_count) == ("clear", (0, 0, 0, 0, 0), 0)


def test_overlapping_statements_count_an_operation_once(scene, mute, contract):
    attempt = scene.send()
    covering(mute, DAY, DAY, line_of(attempt), at=FRIDAY)
    covering(mute, date(2026, 10, 7), date(2026, 10, 9), line_of(attempt, number=9), at=SATURDAY)
    constat = constat_of(contract, DAY, at=SATURDAY)
    assert (constat.outcome, sums(constat)) == ("clear", (2400, 2400, 0, 2400, 0))


def test_two_clocks_that_part_at_midnight_make_no_gap(scene, mute, contract):
    """The notice says 23 h 59 in Paris, the statement the day after."""
    with clock.frozen(NOON.replace(hour=21, minute=59)):
        attempt = pay(mute, scene.send())
    covering(mute, DAY, date(2026, 10, 9), line_of(attempt, occurred_at=NOON.replace(hour=22, minute=1)), at=SATURDAY)
    assert constat_of(contract, DAY, at=SATURDAY).outcome == "clear"
    next_day = constat_of(contract, date(2026, 10, 9), at=SATURDAY)
    assert (next_day.outcome, sums(next_day)) == ("clear", (0, 0, 0, 0, 0))


# Kept once


def test_the_same_day_again_is_the_same_constat_unless_it_is_asked_for(scene, mute, contract):
    attempt = scene.send()
    covering(mute, DAY, DAY, line_of(attempt), line_of(attempt, number=3, reference="AILLEURS"), at=FRIDAY)
    first, again = constat_of(contract, DAY, at=FRIDAY), constat_of(contract, DAY, at=SATURDAY)
    assert (first, first.number, ReviewCase.objects.count()) == (again, 1, 1)
    asked_for = constat_of(contract, DAY, at=SATURDAY, always=True, user=scene.user)
    assert (asked_for.number, asked_for.digest, asked_for.made_by) == (2, first.digest, scene.user)
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.subject) == ("day.reconciled", asked_for.public_id)


def test_a_constat_changes_with_what_it_states(scene, mute, contract):
    attempt = scene.send()
    waiting = constat_of(contract, DAY, at=FRIDAY)
    assert (waiting.outcome, waiting.bank_cents, waiting.gap_cents) == ("waiting", None, None)
    covering(mute, DAY, DAY, line_of(attempt), at=FRIDAY)
    assert (constat_of(contract, DAY, at=FRIDAY).number, waiting.number) == (2, 1)


def test_a_day_to_come_has_no_constat(scene, mute, contract):
    with pytest.raises(ValueError, match="has not come"):
        constat_of(contract, date(2026, 10, 10), at=FRIDAY)


# A gap, and its case


def test_a_payment_of_nobody_is_a_gap_until_two_people_have_seen_it(scene, mute, contract):
    attempt = scene.send()
    covering(mute, DAY, DAY, line_of(attempt), line_of(attempt, number=3, reference="AILLEURS"), at=FRIDAY)
    constat, case = constat_of(contract, DAY, at=FRIDAY), ReviewCase.objects.get()
    assert (constat.outcome, constat.gap_cents) == ("gap", 2400)
    told = {"kind": "paid_elsewhere", "reference": "AUTO01 AILLEURS", "amount_cents": 2400, "gap_cents": 2400}
    assert constat.findings == [{**told, "case": case.public_id, "is_closed": False}]
    _close(scene, case, at=FRIDAY)
    explained = constat_of(contract, DAY, at=FRIDAY)
    assert (explained.outcome, explained.gap_cents, explained.findings[0]["is_closed"]) == ("explained", 2400, True)
    assert ReviewCase.objects.count() == 1


def _close(scene, case, *, at, outcome=Outcome.SEEN) -> None:
    agents = [make_user(), make_user()]
    for agent in agents:
        RegieMember.objects.create(regie=scene.regie, user=agent, post=RegieMember.Post.MANDATAIRE)
    with clock.frozen(at):
        decision = propose(
            case_id=case.public_id, outcome=outcome, reason="Vu sur le relevé.", user=agents[0], by=AGENT
        )
        confirm(decision_id=decision.public_id, user=agents[1], by=AGENT)


def test_money_in_suspense_is_no_gap_and_stays_told_until_decided(scene, mute, contract):
    attempt = scene.send()
    covering(mute, DAY, DAY, line_of(attempt, amount_cents=2401), at=FRIDAY)
    constat = constat_of(contract, DAY, at=FRIDAY)
    assert (constat.outcome, kinds(constat)) == ("gap", ["in_suspense"])
    assert sums(constat) == (2401, 0, 2401, 0, 0)
    _close(scene, ReviewCase.objects.get(), at=FRIDAY, outcome=Outcome.CREDIT)
    explained = constat_of(contract, DAY, at=FRIDAY)
    assert (explained.outcome, sums(explained)) == ("explained", (2401, 0, 2401, 0, 0))


def test_another_amount_is_the_gap(scene, mute, contract):
    attempt = pay(mute, scene.send())
    covering(mute, DAY, DAY, line_of(attempt, amount_cents=2399), at=FRIDAY)
    constat = constat_of(contract, DAY, at=FRIDAY)
    assert (constat.outcome, kinds(constat), constat.gap_cents) == ("gap", ["amount_gap"], -1)
    assert constat.findings[0]["case"] == ReviewCase.objects.get().public_id


def test_money_given_back_is_told_without_any_gap(scene, mute, contract):
    attempt = scene.send()
    back = line_of(attempt, number=3, kind=StatementKind.REFUND, transaction_reference="BACK1")
    covering(mute, DAY, DAY, line_of(attempt), back, at=FRIDAY)
    constat = constat_of(contract, DAY, at=FRIDAY)
    assert (constat.outcome, kinds(constat), constat.gap_cents) == ("gap", ["refund_at_bank"], 0)
    assert constat.findings[0]["case"] == ReviewCase.objects.get().public_id


def test_a_capture_that_the_bank_lists_as_failed_is_the_gap_and_no_other_case(scene, mute, contract):
    attempt = pay(mute, scene.send())
    covering(mute, DAY, WEDNESDAY.date(), line_of(attempt, kind=StatementKind.UNPAID), at=WEDNESDAY)
    constat = constat_of(contract, DAY, at=WEDNESDAY)
    assert (kinds(constat), constat.gap_cents) == (["refund_at_bank"], -2400)
    assert ReviewCase.objects.get().kind == "refund_at_bank"


def test_books_that_disagree_are_told(scene, mute, contract):
    """An entry that no capture explains, as no service of ours writes."""
    attempt = pay(mute, scene.send())
    book(
        regie=scene.regie,
        source_kind="capture",
        source_key="nobody",
        label="Écriture sans paiement",
        booked_on=DAY,
        postings=[Posting(AccountKind.CLEARING, 100, contract=contract), Posting(AccountKind.SUSPENSE, -100)],
    )
    covering(mute, DAY, DAY, line_of(attempt), at=FRIDAY)
    constat = constat_of(contract, DAY, at=FRIDAY)
    assert (constat.outcome, kinds(constat)) == ("gap", ["ledger"])
    assert sums(constat) == (2400, 2400, 0, 2500, 0)


# What the bank does not list


def test_a_payment_absent_two_working_days_is_a_case_and_is_never_taken_back(scene, mute, contract):
    """Paid on a Thursday: on Friday it is only a gap, by Monday's statement it is missing."""
    attempt = pay(mute, scene.send())
    covering(mute, DAY, DAY, at=FRIDAY)
    constat = constat_of(contract, DAY, at=FRIDAY)
    assert (kinds(constat), constat.gap_cents, constat.findings[0]["case"]) == (["missing_at_bank"], -2400, "")
    covering(mute, DAY, MONDAY.date(), at=TUESDAY)
    assert constat_of(contract, DAY, at=TUESDAY).findings[0]["case"] == ReviewCase.objects.get().public_id
    attempt.refresh_from_db()
    assert (attempt.state, ReviewCase.objects.get().kind) == (AttemptState.CAPTURED, "missing_at_bank")


def test_an_absence_that_two_people_have_seen_is_not_told_again(scene, mute, contract):
    pay(mute, scene.send())
    covering(mute, DAY, MONDAY.date(), at=TUESDAY)
    constat_of(contract, DAY, at=TUESDAY)
    _close(scene, ReviewCase.objects.get(), at=TUESDAY)
    assert constat_of(contract, DAY, at=WEDNESDAY).outcome == "explained"
    assert ReviewCase.objects.count() == 1


@pytest.mark.parametrize(("at", "cases"), [(TUESDAY, 0), (WEDNESDAY, 1)])
def test_a_payment_that_no_statement_confirms_in_three_working_days_is_a_case(scene, mute, contract, at, cases):
    pay(mute, scene.send())
    constat = constat_of(contract, DAY, at=at)
    assert ReviewCase.objects.filter(kind="unconfirmed").count() == cases
    assert (constat.outcome, kinds(constat)) == ("waiting", ["unconfirmed"] * cases)


def test_a_bank_that_answers_needs_no_statement(scene, bank, contract):
    pay(bank, scene.send())
    assert constat_of(contract, DAY, at=WEDNESDAY).outcome == "clear"
    assert not ReviewCase.objects.exists()


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_an_attempt_that_no_statement_lists_ends_without_a_word(scene, mute, contract, state):
    attempt = scene.send()
    if state == "unknown":
        with clock.frozen(NOON + timedelta(minutes=20)):
            ask_due()
    attempt.refresh_from_db()
    assert attempt.state == state
    covering(mute, DAY, date(2026, 10, 9), at=SATURDAY)
    constat = constat_of(contract, DAY, at=SATURDAY)
    attempt.refresh_from_db()
    assert (attempt.state, constat.outcome) == (AttemptState.EXPIRED, "clear")
    assert not ReviewCase.objects.exists()
    assert broken() == {}


@pytest.mark.parametrize(
    ("last", "at"),
    [(DAY, SATURDAY), (date(2026, 10, 9), NOON + timedelta(hours=23, minutes=59))],
    ids=["the next day is not covered", "less than 24 hours"],
)
def test_an_attempt_is_not_given_up_too_soon(scene, mute, contract, last, at):
    attempt = scene.send()
    covering(mute, DAY, last, at=max(at, FRIDAY))
    constat_of(contract, DAY, at=at)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SENT


def test_an_attempt_whose_line_could_not_act_is_not_given_up(scene, mute, contract, monkeypatch, caplog):
    attempt = scene.send()
    covering(mute, DAY, date(2026, 10, 9), line_of(attempt), at=SATURDAY)
    with monkeypatch.context() as broken_mail:
        broken_mail.setattr("preau.domain.payments.receipts.queue", None)
        constat = constat_of(contract, DAY, at=SATURDAY)
    attempt.refresh_from_db()
    assert (attempt.state, kinds(constat), constat.gap_cents) == (AttemptState.SENT, ["not_captured"], 2400)
    assert "line 2 of the statement" in caplog.text
    assert constat_of(contract, DAY, at=SATURDAY).outcome == "clear"


def test_a_bank_that_answers_ends_its_attempts_itself(scene, bank, contract):
    attempt = scene.send()
    bank.down = True
    covering(bank, DAY, date(2026, 10, 9), at=SATURDAY)
    constat_of(contract, DAY, at=SATURDAY)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SENT


def test_a_payment_only_declared_that_no_statement_lists_is_a_case_and_keeps_its_invoice(scene, hearsay, contract):
    attempt = scene.send()
    PaymentAttempt.objects.update(state="declared")
    covering(hearsay, DAY, date(2026, 10, 9), at=SATURDAY)
    constat = constat_of(contract, DAY, at=SATURDAY)
    attempt.refresh_from_db()
    assert (attempt.state, ReviewCase.objects.get().kind) == (AttemptState.DECLARED, "unconfirmed")
    assert (constat.outcome, kinds(constat), constat.gap_cents) == ("gap", ["unconfirmed"], 0)
    assert AttemptLine.objects.get(attempt=attempt).is_open


@pytest.mark.parametrize(("at", "cases"), [(TUESDAY, 0), (WEDNESDAY, 1)])
def test_a_payment_only_declared_waits_three_working_days_for_a_statement(scene, hearsay, contract, at, cases):
    scene.send()
    PaymentAttempt.objects.update(state="declared")
    constat_of(contract, DAY, at=at)
    assert ReviewCase.objects.filter(kind="unconfirmed").count() == cases


def test_a_payment_declared_then_listed_is_captured_and_clear(scene, hearsay, contract):
    attempt = scene.send()
    PaymentAttempt.objects.update(state="declared")
    covering(hearsay, DAY, date(2026, 10, 9), line_of(attempt), at=SATURDAY)
    constat = constat_of(contract, DAY, at=SATURDAY)
    assert (constat.outcome, sums(constat)) == ("clear", (2400, 2400, 0, 2400, 0))


# Days that are not 24 hours long


def utc(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        ("Europe/Paris", date(2026, 10, 25), utc(10, 24, 22, 0), utc(10, 25, 22, 59)),
        ("Europe/Paris", date(2026, 3, 29), utc(3, 28, 23, 0), utc(3, 29, 21, 59)),
        ("America/Martinique", date(2026, 10, 25), utc(10, 25, 4, 0), utc(10, 26, 3, 59)),
    ],
)
def test_a_day_of_the_town_takes_all_its_hours_and_no_other(scene, mute, contract, zone, day, first, last):
    Town.objects.update(time_zone=zone)
    attempts = []
    for at in (first - timedelta(minutes=1), first, last, last + timedelta(minutes=1)):
        with clock.frozen(at):
            attempts.append(pay(mute, scene.send(make_invoice(scene.household, scene.regie, cents=1000))))
    after = last + timedelta(hours=12)
    lines = [line_of(one, number=n, occurred_at=one.capture.paid_at) for n, one in enumerate(attempts, 2)]
    covering(mute, day - timedelta(days=1), day + timedelta(days=1), *lines, at=after)
    constat = constat_of(contract, day, at=after)
    assert (constat.outcome, constat.bank_count, constat.captured_count) == ("clear", 2, 2)


# Every night


def nights(at: datetime, *, most: int = 9) -> int:
    with clock.frozen(at):
        return reconcile_nights(most=most)


def test_each_morning_gives_yesterday_its_constat_once(scene, mute, contract):
    GatewayContract.objects.update(opened_on=DAY)
    assert nights(NOON.replace(hour=2, minute=59) + timedelta(days=1)) == 0
    assert nights(NOON.replace(hour=3, minute=0) + timedelta(days=1)) == 1
    assert nights(NOON + timedelta(days=1)) == 0
    assert list(Reconciliation.objects.values_list("day", flat=True)) == [DAY]


def test_five_in_the_morning_is_that_of_the_town(scene, mute, contract):
    Town.objects.update(time_zone="America/Martinique")
    assert nights(datetime(2026, 10, 9, 8, 59, tzinfo=UTC)) == 0
    assert nights(datetime(2026, 10, 9, 9, 0, tzinfo=UTC)) == 1


def test_a_constat_made_before_five_does_not_stand_for_the_night(scene, mute, contract):
    GatewayContract.objects.update(opened_on=DAY)
    constat_of(contract, DAY, at=NOON.replace(hour=1) + timedelta(days=1))
    assert nights(FRIDAY) == 1
    assert [one.number for one in Reconciliation.objects.order_by("number")] == [1, 2]


def test_missed_days_are_caught_up_and_asked_about_once(scene, bank, contract):
    GatewayContract.objects.update(opened_on=date(2026, 10, 1))
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, occurred_at=NOON)
    assert nights(MONDAY) == 1
    days = sorted(Reconciliation.objects.values_list("day", flat=True))
    assert days == [date(2026, 10, n) for n in range(1, 12)]
    attempt.refresh_from_db()
    assert (attempt.state, bank.asked) == (AttemptState.CAPTURED, 1)
    nights(TUESDAY)
    assert bank.asked == 1
    assert Reconciliation.objects.filter(day=DAY).count() == 1


def test_a_few_contracts_at_a_time_and_each_gets_its_turn(scene, mute, contract):
    make_regie()
    GatewayContract.objects.update(opened_on=DAY)
    assert [nights(FRIDAY, most=1) for _ in range(3)] == [1, 1, 0]
    assert Reconciliation.objects.count() == 2


def test_contracts_of_the_day_are_those_installed_opened_and_not_long_closed(scene, contract):
    other = make_regie(contract=False)
    make_contract(other, gateway="elsewhere", closed_on=DAY)
    make_contract(other, opened_on=date(2026, 10, 9))
    long_ago = make_contract(make_regie(contract=False), closed_on=date(2026, 9, 27))
    lately = make_contract(long_ago.regie, closed_on=date(2026, 9, 28))
    assert contracts_on(DAY) == [contract, lately]


def test_a_decision_that_dates_money_back_gives_the_old_day_another_constat(scene, bank, contract):
    """Accepted a month later, the payment counts on the day it was made."""
    GatewayContract.objects.update(opened_on=DAY)
    attempt = scene.send()
    bank.pay(attempt.gateway_reference, amount_cents=2401, occurred_at=NOON)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    assert nights(FRIDAY) == 1
    pay(bank, attempt, occurred_at=NOON)
    month_later = FRIDAY + timedelta(days=30)
    _close(scene, ReviewCase.objects.get(), at=month_later, outcome=Outcome.ACCEPT)
    before = Reconciliation.objects.filter(day=DAY).count()
    nights(month_later)
    constat = Reconciliation.objects.filter(day=DAY).latest("number")
    assert (constat.number, constat.captured_cents, constat.booked_cents) == (before + 1, 2400, 2400)
