"""What holds whatever the values and the order: digests, references, days of the town, what the bank says."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.payments import rules
from preau.domain.payments.rules import Asked, Share
from preau.domain.payments.services.freezing import _new_reference
from preau.domain.payments.states import AttemptState, Verdict
from preau.domain.regies.rules import Opening, window_state
from preau.foundation import clock

SENT = datetime(2026, 10, 8, 13, 35, tzinfo=UTC)

texts = st.text(max_size=12)
cents = st.integers(1, 100_000_00)
asked = st.builds(Asked, cents, texts, texts, texts, texts, st.none() | texts)


# Money


@given(st.lists(cents, min_size=1, max_size=5), st.lists(cents, min_size=1, max_size=5))
def test_payments_of_the_same_invoices_settle_as_much_in_either_order(left, amounts):
    """Two adults pay at once: who comes first changes which payment has a surplus, never what the family owes."""

    def told(order):
        rest, owed = list(left), 0
        for amount in order:
            settled, surplus = rules.allocate(amount, [Share(key, each, each) for key, each in enumerate(rest)])
            rest = [each - settled.get(key, 0) for key, each in enumerate(rest)]
            owed += surplus
        return sum(rest), owed

    still_due = max(0, sum(left) - sum(amounts))
    credit = max(0, sum(amounts) - sum(left))
    assert told(amounts) == told(amounts[::-1]) == (still_due, credit)


# What is asked


@given(asked, asked)
def test_only_what_is_equal_contradicts_nothing(one, other):
    assert (rules.contradictions(one, other) == []) == (one == other)
    assert len(rules.contradictions(one, other)) == len(rules.contradictions(other, one))


@given(asked, st.sampled_from(["currency", "merchant", "mode", "reference", "gateway_reference"]), texts)
def test_each_point_is_compared_alone(one, name, value):
    other = replace(one, **{name: value})
    assert len(rules.contradictions(one, other)) == (getattr(one, name) != value)


lines = st.lists(st.tuples(texts, cents), max_size=4)
values = st.dictionaries(texts, texts | st.integers(), max_size=4)


@given(values, lines, values, lines)
def test_two_digests_are_equal_only_for_what_is_asked_alike(mine, my_lines, theirs, their_lines):
    def written(asked_values):
        return {name: str(value) for name, value in asked_values.items()}

    alike = written(mine) == written(theirs) and sorted(my_lines) == sorted(their_lines)
    assert (rules.frozen_digest(mine, my_lines) == rules.frozen_digest(theirs, their_lines)) == alike


@given(st.text(max_size=40))
def test_a_reference_is_one_that_every_gateway_takes_whatever_the_invoice_number(number):
    """6 to 30 unaccented letters and digits (PayFiP `refdet`); never twice the same."""
    invoice = SimpleNamespace(number=number)
    first, second = _new_reference(invoice), _new_reference(invoice)
    assert re.fullmatch(r"[A-Z0-9]{16,30}", first, flags=re.ASCII)
    assert first != second


# What the bank says


@given(st.permutations([Verdict.PAID, *Verdict, *Verdict]).map(lambda said: said[:6]))
def test_paid_wins_wherever_it_comes(said):
    """From the bank's page, whatever was said before and is said after (N3)."""
    state = AttemptState.SENT
    for verdict in said:
        state = rules.next_state(state, verdict) or state
    assert (state == AttemptState.CAPTURED) == (Verdict.PAID in said)


@given(
    st.integers(1, 90), st.lists(st.sampled_from([Verdict.PENDING, Verdict.EXPIRED, None]), min_size=20, max_size=20)
)
def test_the_schedule_ends_every_attempt_within_a_week(session_minutes, answers):
    """Never before the window is over; as soon as the bank answers once after two hours; None = no answer."""
    window_ends_at, now, ended_at = SENT + timedelta(minutes=session_minutes), SENT, None
    for answer in answers:
        planned = rules.next_check(sent_at=SENT, now=now)
        if planned is None:
            break
        now = planned
        if answer and rules.believed(answer, sent_at=SENT, window_ends_at=window_ends_at, now=now) == Verdict.EXPIRED:
            ended_at = now
            break
    assert now - SENT <= rules.FINAL_SILENCE
    if ended_at is None:
        assert rules.next_check(sent_at=SENT, now=now) is None
    else:
        assert ended_at >= window_ends_at + rules.WINDOW_MARGIN


@given(st.integers(1, 90))
def test_a_payer_who_left_is_noticed_within_two_hours(session_minutes):
    """A question always falls between the end of the window and the moment when "in progress" is no more believed."""
    ends = timedelta(minutes=session_minutes) + rules.WINDOW_MARGIN
    assert [m for m in rules.ASK_AFTER_MINUTES if ends <= timedelta(minutes=m) <= rules.PENDING_EXPIRES_AFTER]


# Days of the town

ZONES = [ZoneInfo("Europe/Paris"), ZoneInfo("America/Martinique")]
#: Both clock changes of two years, a leap day and a year's end are among these days.
days = st.dates(date(2026, 3, 1), date(2028, 4, 1))
near_changes = st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2027, 12, 31), date(2028, 2, 29)])


@pytest.mark.row("P06")
@given(days | near_changes, st.integers(0, 60), st.sampled_from(ZONES))
def test_a_window_is_open_from_its_first_midnight_to_its_last(first, length, zone):
    """To the second, on the town's wall, summer time or not (P06)."""
    opening = Opening(first, first + timedelta(days=length))

    def is_open(moment):
        with clock.frozen(moment):
            return window_state([opening], on=clock.today(zone)).is_open

    opens = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    after = opening.last_day + timedelta(days=1)
    closes = datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC)
    second = timedelta(seconds=1)
    assert [is_open(at) for at in (opens - second, opens, closes - second, closes)] == [False, True, True, False]
