"""What holds of the rules of what follows a payment, whatever the sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.payments.aftermath import Settled, TakenBack, possible_reversals, take_back, usable_cents
from preau.domain.payments.models import Reversal

cents = st.integers(0, 100_000_00)
settled = st.lists(st.integers(1, 50_000_00), max_size=4).map(
    lambda sums: [Settled(key, one) for key, one in enumerate(sums)]
)


@given(cents, cents, cents, settled, settled)
def test_every_cent_taken_back_is_found_once(amount, surplus, credit, allocations, uses):
    amount = min(amount, surplus + sum(one.cents for one in allocations))
    taken = take_back(amount, surplus_cents=surplus, credit_cents=credit, allocations=allocations, credit_uses=uses)
    from_invoices = [*taken.allocations.values(), *taken.credit_uses.values()]
    assert taken.credit_cents + sum(from_invoices) + taken.given_back_cents == amount
    assert 0 <= taken.credit_cents <= min(surplus, credit)
    for held, gone in ((allocations, taken.allocations), (uses, taken.credit_uses)):
        known = {one.key: one.cents for one in held}
        assert all(0 < part <= known[key] for key, part in gone.items())
    used_up = taken.credit_cents == min(surplus, credit) and sum(taken.allocations.values()) == sum(
        one.cents for one in allocations
    )
    assert used_up or not (taken.credit_uses or taken.given_back_cents)


@given(settled, cents)
def test_the_last_allocated_is_taken_back_first(allocations, amount):
    total = sum(one.cents for one in allocations)
    taken = take_back(
        min(amount, total), surplus_cents=0, credit_cents=0, allocations=allocations, credit_uses=[]
    ).allocations
    whole = [one.key for one in allocations if taken.get(one.key) == one.cents]
    touched = sorted(taken)
    assert touched == list(range(len(allocations) - len(touched), len(allocations)))
    assert set(touched[1:]) <= set(whole)


def test_the_order_is_credit_invoices_uses_then_what_was_given_back():
    taken = take_back(
        1000,
        surplus_cents=700,
        credit_cents=100,
        allocations=[Settled(1, 200), Settled(2, 100)],
        credit_uses=[Settled(8, 50), Settled(9, 250)],
    )
    assert taken == TakenBack(100, {2: 100, 1: 200}, {9: 250, 8: 50}, 300)


@given(cents, cents, st.integers(1, 500))
def test_what_is_left_of_an_invoice_can_always_be_paid(credit, left, smallest):
    used = usable_cents(credit_cents=credit, left_cents=left, smallest_cents=smallest)
    assert 0 <= used <= min(credit, left)
    assert left - used == 0 or left - used >= min(smallest, left)
    assert used == min(credit, left) or 0 < left - min(credit, left) < smallest


@pytest.mark.parametrize(
    ("means", "kinds"),
    [
        ("card_online", ["chargeback"]),
        ("debit_online", ["bounced_debit", "chargeback"]),
        ("", ["bounced_debit", "chargeback"]),
    ],
)
def test_a_card_payment_is_never_returned_like_a_debit(means, kinds):
    assert possible_reversals(means) == [Reversal.Kind(kind) for kind in kinds]
