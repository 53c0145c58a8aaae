"""Three families and two places a day, to whom anything may happen: ticks, holds, banks, lapses, lists, capacities.

A day is booked whole or for its morning, and may change from one to the other.
"""

from collections import Counter
from contextlib import ExitStack, suppress
from datetime import date, datetime, timedelta
from unittest import mock

from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.errors import BookingError
from preau.domain.bookings.models import Booking, BookingOrder
from preau.domain.bookings.services.places import set_capacity
from preau.domain.bookings.services.waiting import join_waiting_list, offer_everything
from preau.domain.payments.errors import PaymentError
from preau.domain.payments.gateway import register
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services.holds import answer_offer, drop_bookings, give_more_time, lapse_due
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import AttemptState, Verdict
from preau.domain.payments.tests.conftest import links
from preau.domain.payments.tests.story_town import undone
from preau.foundation import clock
from tests.support.activities import make_unit
from tests.support.bookings import AGENT, FRIDAY, MONDAY, PARENT, TUESDAY, Family, make_family, make_service, price
from tests.support.factories import NOON, make_regie
from tests.support.fake_gateway import FakeGateway

DAYS = (MONDAY, TUESDAY, FRIDAY)
DUTIES = (ask_due, release_expired, lapse_due, offer_everything)
CAPACITY = 2


class BookingTown:
    """`seen` counts what really happened, so that nothing is proved by never happening."""

    def __init__(self, seen: Counter[str]) -> None:
        self._stack, self._seen = ExitStack(), seen
        self._stack.enter_context(undone())
        self.now = NOON
        self._stack.enter_context(mock.patch.object(clock, "_source", self._now))
        self.bank = FakeGateway()
        register(self.bank)
        self.activity = make_service(capacity=CAPACITY, regie=make_regie())
        self.activity.units.update(parts=["am", "pm"])
        price(make_unit(self.activity, "Matin", parts=["am"], position=1), 200)
        self.units = list(self.activity.units.all())
        self.families = [make_family(self.activity, children=2) for _ in range(3)]

    def close(self) -> None:
        self._stack.close()

    def _now(self) -> datetime:
        return self.now

    def tick(self, family: int, child: int, days: list[int], *, unit: int | None) -> None:
        """Tick a unit of some days, or nothing."""
        one, chosen = self.families[family], [DAYS[day] for day in set(days)]
        if unit is None:
            one.undraft(*chosen, child=child)
        else:
            one.draft(*chosen, child=child, unit=self.units[unit])

    def buy(self, family: int, child: int, days: list[int], *, unit: int) -> None:
        """What nearly every family does."""
        self.tick(family, child, days, unit=unit)
        self.save(family, partial=True)
        self.pay(family, leaves=True)
        self.bank_says(0, Verdict.PAID)

    def give_up(self, which: int) -> None:
        """A family unticks a day that it has, and saves."""
        confirmed = Booking.objects.filter(state="confirmed", is_leaving=False).order_by("-id")
        if which < confirmed.count():
            booking = confirmed[which]
            one = self.family_of(booking.household_id)
            one.undraft(booking.day, child=one.children.index(booking.child))
            self.save(self.families.index(one), partial=True)

    def change(self, which: int) -> None:
        """A family changes a day that it has for the other unit, and saves."""
        confirmed = Booking.objects.filter(state="confirmed", is_leaving=False).order_by("-id")
        if which < confirmed.count():
            booking = confirmed[which]
            one = self.family_of(booking.household_id)
            (other,) = (unit for unit in self.units if unit.id != booking.unit_id)
            one.draft(booking.day, child=one.children.index(booking.child), unit=other)
            self.save(self.families.index(one), partial=True)
            booking.refresh_from_db()
            self._seen["changes"] += booking.is_leaving or booking.state == "cancelled"

    def save(self, family: int, *, partial: bool) -> None:
        with suppress(BookingError):
            saved = self.families[family].save(is_partial=partial)
            self._seen.update(order.state for order in saved.orders)

    def pay(self, family: int, *, leaves: bool) -> None:
        with suppress(BookingError, PaymentError):
            attempt = self.families[family].pay()
            self._seen["paid by credit" if attempt is None else "clicked"] += 1
            if attempt is not None and leaves and attempt.state == AttemptState.PREPARED:
                send_attempt(attempt=attempt, link_for=links, by=PARENT)

    def bank_says(self, which: int, verdict: Verdict) -> None:
        if (attempt := self._attempt(which)) is not None:
            self.bank.operations[attempt.gateway_reference].verdict = verdict
            PaymentAttempt.objects.filter(id=attempt.id, next_check_at__isnull=False).update(next_check_at=self.now)
            ask_due()

    def cancel(self, which: int) -> None:
        if (attempt := self._attempt(which)) is not None:
            cancel_attempt(attempt=attempt, by=PARENT)

    def _attempt(self, which: int) -> PaymentAttempt | None:
        sent = PaymentAttempt.objects.filter(gateway_reference__isnull=False).order_by("-id")
        return sent[which] if which < sent.count() else None

    def drop(self, family: int, *, keeps: bool) -> None:
        with suppress(BookingError, PaymentError):
            one = self.families[family]
            drop_bookings(household=one.household, keeps_for=one.user if keeps else None, by=PARENT)
            self._seen["dropped"] += 1

    def extend(self, family: int) -> None:
        with suppress(BookingError):
            give_more_time(household=self.families[family].household)

    def wait(self, family: int, child: int, day: int, unit: int) -> None:
        one = self.families[family]
        with suppress(BookingError):
            join_waiting_list(
                household=one.household,
                child_id=one.children[child].public_id,
                activity_id=self.activity.public_id,
                unit_code=self.units[unit].code,
                day=DAYS[day],
            )
            self._seen["waits"] += 1

    def answer(self, *, accepts: bool) -> None:
        order = BookingOrder.objects.filter(state="offered").first()
        if order is not None:
            with suppress(BookingError):
                user = self.family_of(order.household_id).user
                answer_offer(household=order.household, user=user, order_id=order.public_id, accepts=accepts, by=PARENT)
                self._seen["answered"] += 1

    def places(self, day: int, capacity: int) -> None:
        set_capacity(
            activity=self.activity,
            group=None,
            days=[DAYS[day]],
            parts=["am", "pm"],
            capacity=capacity,
            by=AGENT,
        )

    def time_passes(self, minutes: int, duties: tuple) -> None:
        self.now += timedelta(minutes=minutes)
        for duty in duties:
            duty()

    def taken(self) -> dict[tuple[date, str], int]:
        return {(row.day, row.part): row.taken for row in PlacesOfDay.objects.all() if row.taken}

    def family_of(self, household_id: int) -> Family:
        return next(one for one in self.families if one.household.id == household_id)
