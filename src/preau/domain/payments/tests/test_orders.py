"""What a family books, holds and pays (C35–C39, N4, N5, U7)."""

from datetime import timedelta

import pytest

from preau.domain.bookings.models import Booking
from preau.domain.payments.models import Receipt
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.foundation import clock
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from tests.support.bookings import MONDAY, PARENT, TUESDAY, make_family
from tests.support.factories import NOON

pytestmark = pytest.mark.django_db


def links(attempt):
    return f"https://town.example/n/{attempt.return_token}", f"https://town.example/r/{attempt.return_token}"


@pytest.fixture
def at_noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def family(at_noon):
    return make_family(children=2)


def test_four_meals_are_held_then_paid_then_confirmed(family, bank):
    family.draft(MONDAY, TUESDAY, child=0)
    family.draft(MONDAY, TUESDAY, child=1)
    (order,) = family.save().orders
    assert (order.state, order.total_cents) == ("held", 1440)
    attempt = family.pay()
    assert attempt.amount_cents == 1440
    send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=3)):
        ask_due()
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert set(Booking.objects.values_list("state", flat=True)) == {"confirmed"}
    assert Receipt.objects.count() == 1
    assert list(OutgoingMail.objects.order_by("id").values_list("kind", flat=True)) == ["bookings.confirmed", "receipt"]
    assert not violations()
