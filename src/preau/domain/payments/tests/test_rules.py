"""Pure rules of paying, tried with whatever values: money is never lost, time never goes back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.payments import rules
from preau.domain.payments.rules import Asked, Share
from preau.domain.payments.states import AttemptState, Verdict

SENT = datetime(2026, 10, 8, 13, 35, tzinfo=UTC)
WINDOW_END = SENT + timedelta(minutes=15)

amounts = st.integers(1, 100_000_00)
shares = st.lists(
    st.tuples(amounts, st.integers(0, 100_000_00)),
    max_size=8,
).map(lambda pairs: [Share(key, asked, left) for key, (asked, left) in enumerate(pairs)])
spans = st.integers(0, 10 * 24 * 60 * 60).map(lambda seconds: timedelta(seconds=seconds))


@given(amounts, shares)
def test_a_payment_is_spread_to_the_cent(amount, asked):
    settled, surplus = rules.allocate(amount, asked)
    assert sum(settled.values()) + surplus == amount
    assert surplus >= 0
    for share in asked:
        assert 0 <= settled.get(share.key, 0) <= min(share.asked_cents, share.left_cents)
    assert 0 not in settled.values()


@given(amounts, shares)
def test_nothing_is_left_over_while_an_invoice_could_take_it(amount, asked):
    settled, surplus = rules.allocate(amount, asked)
    room = {share.key: min(share.asked_cents, share.left_cents) for share in asked}
    if surplus:
        assert settled == {key: cents for key, cents in room.items() if cents}


@given(amounts, shares)
def test_invoices_are_settled_one_after_the_other(amount, asked):
    settled, _ = rules.allocate(amount, asked)
    rest = amount
    for share in asked:
        expected = min(share.asked_cents, share.left_cents, rest)
        assert settled.get(share.key, 0) == expected
        rest -= expected


@given(spans)
def test_only_never_paid_and_in_progress_depend_on_time(since):
    now = SENT + since
    for verdict in (Verdict.PAID, Verdict.REFUSED, Verdict.CANCELLED):
        assert rules.believed(verdict, sent_at=SENT, window_ends_at=WINDOW_END, now=now) == verdict


@given(spans, spans)
def test_what_time_has_made_final_stays_so(first, more):
    for verdict in (Verdict.EXPIRED, Verdict.PENDING):
        before = rules.believed(verdict, sent_at=SENT, window_ends_at=WINDOW_END, now=SENT + first)
        after = rules.believed(verdict, sent_at=SENT, window_ends_at=WINDOW_END, now=SENT + first + more)
        assert before in {Verdict.PENDING, Verdict.EXPIRED}
        assert before == Verdict.PENDING or after == Verdict.EXPIRED


@pytest.mark.parametrize(
    ("verdict", "minutes", "believed"),
    [
        (Verdict.EXPIRED, 0, Verdict.PENDING),
        (Verdict.EXPIRED, 19.99, Verdict.PENDING),
        (Verdict.EXPIRED, 20, Verdict.EXPIRED),
        (Verdict.PENDING, 119.99, Verdict.PENDING),
        (Verdict.PENDING, 120, Verdict.EXPIRED),
    ],
)
def test_never_paid_needs_the_window_and_in_progress_lasts_two_hours(verdict, minutes, believed):
    now = SENT + timedelta(minutes=minutes)
    assert rules.believed(verdict, sent_at=SENT, window_ends_at=WINDOW_END, now=now) == believed


@given(spans)
def test_the_next_question_is_always_ahead_until_a_week_has_passed(since):
    now = SENT + since
    planned = rules.next_check(sent_at=SENT, now=now)
    if planned is None:
        assert since >= timedelta(days=7)
    else:
        assert planned > now
        between = [SENT + timedelta(minutes=m) for m in rules.ASK_AFTER_MINUTES]
        assert not [moment for moment in between if now < moment < planned]


def test_the_questions_follow_their_schedule_to_the_end():
    asked, now = [], SENT
    while (now := rules.next_check(sent_at=SENT, now=now)) is not None:
        asked.append((now - SENT).total_seconds() / 60)
    assert asked == [2, 5, 10, 20, 40, 60, 120, 240, *(1440 * day for day in range(1, 8))]


@given(st.dates(date(2025, 1, 1), date(2035, 12, 31)), st.integers(0, 30))
def test_working_days_are_counted_and_never_fall_on_a_weekend(start, days):
    end = rules.working_days_after(start, days)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    weekdays = [day for day in between if day.weekday() < 5]
    assert days <= len(weekdays) <= days + 4  # Christmas and New Year, or Easter and 1 May, at the most
    assert end == start or end.weekday() < 5


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 10, 8), 2, date(2026, 10, 12)),
        (date(2026, 10, 10), 1, date(2026, 10, 12)),
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2027, 3, 25), 1, date(2027, 3, 30)),  # Good Friday and Easter Monday
        (date(2026, 7, 13), 1, date(2026, 7, 14)),  # banks settle on 14 July
        (date(2026, 10, 11), 0, date(2026, 10, 11)),
    ],
)
def test_working_days_across_ends(start, days, end):
    assert rules.working_days_after(start, days) == end


ASKED = Asked(2400, "EUR", "090901", "production", "RP1", "op-1")


def test_what_is_said_as_it_was_asked_contradicts_nothing():
    assert rules.contradictions(ASKED, ASKED) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Asked(2401, "EUR", "090901", "production", "RP1", "op-1"), "montant (centimes) : demandé 2400, annoncé 2401"),
        (Asked(2400, "USD", "090901", "production", "RP1", "op-1"), "monnaie : demandé EUR, annoncé USD"),
        (Asked(2400, "EUR", "090902", "production", "RP1", "op-1"), "commerçant : demandé 090901, annoncé 090902"),
        (Asked(2400, "EUR", "090901", "test", "RP1", "op-1"), "mode : demandé production, annoncé test"),
        (Asked(2400, "EUR", "090901", "production", "RP2", "op-1"), "référence : demandé RP1, annoncé RP2"),
        (Asked(2400, "EUR", "090901", "production", "RP1", None), "opération : demandé op-1, annoncé None"),
    ],
)
def test_each_difference_is_named(said, told):
    assert rules.contradictions(ASKED, said) == [told]


def test_all_differences_are_named_together():
    assert len(rules.contradictions(ASKED, Asked(1, "USD", "x", "test", "x", "x"))) == 6


VALUES = {"reference": "RP1", "household": 1, "amount_cents": 2400}
LINES = [("a", 1200), ("b", 1200)]


def test_a_digest_does_not_depend_on_the_order_of_reading():
    turned = dict(reversed(VALUES.items()))
    assert rules.frozen_digest(VALUES, LINES) == rules.frozen_digest(turned, LINES[::-1])


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({**VALUES, "amount_cents": 2401}, LINES),
        ({**VALUES, "reference": "RP2"}, LINES),
        (VALUES, [("a", 1201), ("b", 1199)]),
        (VALUES, [("a", 2400)]),
        (VALUES, [("a", 1200), ("c", 1200)]),
    ],
    ids=["amount", "reference", "shares", "lines", "invoice"],
)
def test_a_digest_covers_everything_that_is_asked(values, lines):
    assert rules.frozen_digest(values, lines) != rules.frozen_digest(VALUES, LINES)


@given(st.sampled_from(AttemptState), st.lists(st.sampled_from(Verdict), max_size=6))
def test_no_run_of_verdicts_leaves_captured(start, verdicts):
    state, was_captured = start, False
    for verdict in verdicts:
        was_captured = was_captured or state == AttemptState.CAPTURED
        state = rules.next_state(state, verdict) or state
        assert not was_captured or state == AttemptState.CAPTURED
