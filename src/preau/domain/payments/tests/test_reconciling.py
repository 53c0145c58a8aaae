"""What a day comes to: pure rules, tried with any lines."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from preau.domain.payments.reconciling import BankLine, Finding, FindingKind, Here, compare, covers

keys = st.tuples(st.sampled_from(["A1", "A2", "A3"]), st.sampled_from(["T1", "T2"]))
cents = st.integers(min_value=1, max_value=10_000)
bank_lines = st.lists(
    st.one_of(
        st.builds(lambda key, amount: BankLine(*key, amount), keys, cents),
        st.builds(lambda amount: BankLine("", "T9", amount), cents),
    ),
    max_size=8,
)
bookings = st.dictionaries(keys, st.tuples(cents, st.booleans()), max_size=6).map(
    lambda held: [Here(*key, amount, is_captured) for key, (amount, is_captured) in held.items()]
)


@given(bank_lines, bookings)
def test_no_cent_is_left_out_of_the_gap(lines, here):
    said = compare(lines, here)
    captured = sum(one.amount_cents for one in here if one.is_captured)
    assert sum(one.amount_cents for one in lines) == captured + said.suspended_cents + said.gap_cents


@given(bank_lines, bookings)
def test_equal_sides_show_nothing_and_each_difference_is_named(lines, here):
    captured = [one for one in here if one.is_captured]
    same = [BankLine(one.attempt, one.transaction, one.amount_cents) for one in captured]
    assert compare(same, captured).findings == ()
    strangers = sum(not line.attempt for line in lines)
    found = [one.kind for one in compare([*same, *(line for line in lines if not line.attempt)], captured).findings]
    assert found == [FindingKind.PAID_ELSEWHERE] * strangers


def test_each_difference_has_its_name():
    lines = [BankLine("A1", "T1", 100), BankLine("A2", "T1", 201), BankLine("", "T9 X", 50), BankLine("A5", "T1", 10)]
    here = [
        Here("A1", "T1", 100, False),
        Here("A2", "T1", 200, True),
        Here("A3", "T1", 7, True),
        Here("A4", "T1", 8, True),
    ]
    said = compare(lines, here, undone={("A4", "T1")})
    assert said.findings == (
        Finding(FindingKind.IN_SUSPENSE, "A1", 100, 0),
        Finding(FindingKind.AMOUNT_GAP, "A2", 201, 1),
        Finding(FindingKind.PAID_ELSEWHERE, "T9 X", 50, 50),
        Finding(FindingKind.NOT_CAPTURED, "A5", 10, 10),
        Finding(FindingKind.MISSING_AT_BANK, "A3", 7, -7),
        Finding(FindingKind.REFUND_AT_BANK, "A4", 8, -8),
    )
    assert (said.suspended_cents, said.gap_cents) == (100, 46)


def test_a_second_line_of_the_same_transaction_is_not_the_first():
    said = compare([BankLine("A1", "T1", 100), BankLine("A1", "T1", 101)], [Here("A1", "T1", 100, True)])
    assert said.findings == (Finding(FindingKind.NOT_CAPTURED, "A1", 101, 101),)


days = st.dates(date(2026, 3, 20), date(2026, 4, 10))


@given(st.lists(st.tuples(days, days).map(lambda pair: (min(pair), max(pair))), max_size=6), days, days)
def test_days_are_covered_when_each_one_is(spans, one, other):
    first, last = min(one, other), max(one, other)
    wanted = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    each = all(any(start <= day <= end for start, end in spans) for day in wanted)
    assert covers(spans, first, last) is each
