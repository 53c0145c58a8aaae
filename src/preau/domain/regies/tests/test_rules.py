"""When a régie takes payments on line, and the numbers it gives."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.regies.models import NumberSequence
from preau.domain.regies.queries import public_windows, window_states
from preau.domain.regies.rules import Opening, WindowState, closed_sentence, window_state
from preau.domain.regies.services import take_number
from tests.support.factories import make_regie, make_window

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
openings = st.lists(
    st.tuples(days, st.integers(0, 60)).map(lambda pair: Opening(pair[0], pair[0] + timedelta(days=pair[1]))),
    max_size=5,
)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@given(openings, days)
def test_payment_is_open_exactly_within_an_opening(held, on):
    state = window_state(held, on=on)
    assert state.is_open == any(one.first_day <= on <= one.last_day for one in held)
    assert (state.current is not None) == state.is_open
    if state.current:
        assert state.current.first_day <= on <= state.current.last_day


@given(openings, days)
def test_the_nearest_openings_are_told(held, on):
    state = window_state(held, on=on)
    coming = [one.first_day for one in held if one.first_day > on]
    past = [one for one in held if one.last_day < on]
    assert (state.next_opening and state.next_opening.first_day) == min(coming, default=None)
    assert (state.last_opening is None) == (not past)
    assert state.last_opening is None or state.last_opening in past


@given(openings, days)
def test_the_order_in_which_openings_are_typed_changes_nothing(held, on):
    assert window_state(held, on=on).is_open == window_state(held[::-1], on=on).is_open


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            WindowState(is_open=False, next_opening=Opening(NOVEMBER, date(2026, 11, 14))),
            "le paiement en ligne ouvrira du 1er\u00a0novembre 2026 au 14\u00a0novembre 2026.",
        ),
        (
            WindowState(is_open=False, last_opening=Opening(OCTOBER, date(2026, 10, 14))),
            "le paiement en ligne était ouvert du 1er\u00a0octobre 2026 au 14\u00a0octobre 2026",
        ),
        (WindowState(is_open=False), "aucune période de paiement en ligne n’est prévue."),
    ],
)
def test_a_closed_month_says_when(state, said):
    sentence = closed_sentence("Cantine", OCTOBER, state)
    assert sentence.startswith("Cantine, octobre 2026")
    assert said in sentence


@pytest.mark.parametrize("count", [1, 40])
def test_states_of_many_months_cost_one_query(db, django_assert_num_queries, count):
    regies = [make_regie(uses_payment_windows=True) for _ in range(count)]
    make_window(*regies, first=OCTOBER, last=date(2026, 10, 14), months=[NOVEMBER])
    with django_assert_num_queries(1):
        states = window_states([(regie, NOVEMBER) for regie in regies], on=date(2026, 10, 7))
    assert {state.is_open for state in states.values()} == {True}


def test_a_regie_without_windows_is_always_open(db):
    regie = make_regie()
    assert window_states([(regie, NOVEMBER)], on=OCTOBER)[regie.id, NOVEMBER].is_open


def test_the_public_table_forgets_what_closed_long_ago_and_closed_regies(db):
    open_one, closed = make_regie(), make_regie(is_active=False)
    old = make_window(open_one, first=date(2026, 1, 1), last=date(2026, 1, 31), months=[])
    of_closed = make_window(closed, first=OCTOBER, last=NOVEMBER, months=[])
    kept = make_window(open_one, closed, first=OCTOBER, last=NOVEMBER, months=[NOVEMBER])
    shown = list(public_windows(since=date(2026, 9, 1)))
    assert shown == [kept]
    assert list(shown[0].regies.all()) == [open_one]
    assert {old, of_closed}.isdisjoint(shown)


def test_numbers_follow_each_other_in_their_series(db):
    regie, other = make_regie(), make_regie()
    series = [(regie, "receipt", 2026), (regie, "receipt", 2027), (regie, "invoice", 2026), (other, "receipt", 2026)]
    given_numbers = [take_number(regie=r, kind=k, year=y) for _ in range(2) for r, k, y in series]
    assert given_numbers == [1, 1, 1, 1, 2, 2, 2, 2]


def test_a_number_taken_and_undone_is_given_again(db):
    regie = make_regie()
    with transaction.atomic():
        assert take_number(regie=regie, kind="receipt", year=2026) == 1
        transaction.set_rollback(True)
    assert take_number(regie=regie, kind="receipt", year=2026) == 1


@pytest.mark.django_db(transaction=True)
def test_a_number_is_never_taken_outside_the_transaction_that_uses_it():
    regie = make_regie()
    with pytest.raises(RuntimeError, match="inside the transaction"):
        take_number(regie=regie, kind="receipt", year=2026)
    assert NumberSequence.objects.count() == 0
