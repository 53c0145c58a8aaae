"""States, months and digests of invoices."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.billing.models import Invoice, InvoiceLine
from preau.domain.billing.rules import content_digest, months_before, state_of
from preau.domain.billing.states import InvoiceState

DUE = date(2026, 10, 31)


def _state(**values) -> InvoiceState:
    usual = {"left_cents": 2400, "received_cents": 0, "due_on": DUE, "sent_to_treasury": False, "today": DUE}
    return state_of(**{**usual, **values})


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, InvoiceState.DUE),
        ({"today": DUE + timedelta(days=1)}, InvoiceState.LATE),
        ({"today": DUE + timedelta(days=1), "due_on": None}, InvoiceState.DUE),
        ({"left_cents": 1, "received_cents": 2399}, InvoiceState.DUE),
        ({"left_cents": 0, "received_cents": 2400}, InvoiceState.SETTLED),
        ({"left_cents": 0}, InvoiceState.CANCELLED),
        ({"left_cents": 0, "received_cents": 1}, InvoiceState.SETTLED),
        ({"sent_to_treasury": True, "today": DUE + timedelta(days=60)}, InvoiceState.TREASURY),
        ({"sent_to_treasury": True, "left_cents": 0, "received_cents": 2400}, InvoiceState.SETTLED),
    ],
)
def test_an_invoice_is_late_from_the_day_after_and_settled_whatever_the_day(values, state):
    assert _state(**values) == state


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(0, 120))
def test_months_before_is_the_same_day_or_the_last_of_a_shorter_month(day, months):
    before = months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months
    assert before.day == day.day or (before.day < day.day and (before + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 10, 8), 24, date(2024, 10, 8)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
    ],
)
def test_months_before_across_years(day, months, before):
    assert months_before(day, months) == before


def _invoice(**values) -> Invoice:
    return Invoice(
        **{
            "number": "F1",
            "label": "Cantine",
            "billed_month": date(2026, 9, 1),
            "issued_on": date(2026, 10, 1),
            "due_on": DUE,
            "total_cents": 2400,
            **values,
        },
    )


def _line(**values) -> InvoiceLine:
    return InvoiceLine(
        **{
            "position": 1,
            "label": "Repas",
            "child_name": "Zoé",
            "service_date": date(2026, 9, 3),
            "quantity": Decimal(5),
            "unit_price_cents": 480,
            "total_cents": 2400,
            **values,
        },
    )


@pytest.mark.parametrize(
    ("invoice", "line"),
    [
        ({"number": "F2"}, {}),
        ({"label": "Garderie"}, {}),
        ({"billed_month": date(2026, 10, 1)}, {}),
        ({"issued_on": date(2026, 10, 2)}, {}),
        ({"due_on": None}, {}),
        ({"total_cents": 2401}, {}),
        ({}, {"position": 2}),
        ({}, {"label": "Goûter"}),
        ({}, {"child_name": ""}),
        ({}, {"service_date": None}),
        ({}, {"quantity": Decimal("5.01")}),
        ({}, {"unit_price_cents": 481}),
        ({}, {"total_cents": 2399}),
    ],
    ids=str,
)
def test_a_digest_covers_everything_an_invoice_states(invoice, line):
    assert content_digest(_invoice(**invoice), [_line(**line)]) != content_digest(_invoice(), [_line()])


def test_a_digest_is_the_same_before_and_after_the_database():
    """A quantity comes back with two decimals whatever was given."""
    assert content_digest(_invoice(), [_line(quantity=Decimal("5.00"))]) == content_digest(_invoice(), [_line()])
