"""The days of a family's children this week, and what waits for its answer: the home page (V19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from preau.domain.accounts.models import User
from preau.domain.bookings.models import Booking, BookingOrder
from preau.domain.bookings.queries.enrolments import children_of
from preau.domain.bookings.queries.proposals import drafted_days
from preau.domain.bookings.states import LIVE_BOOKINGS, OPEN_ORDERS, OrderState
from preau.domain.families.models import Child, Household

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class ChildWeek:
    """A child with its bookings, day by day."""

    child: Child
    rank: int
    days: Mapping[date, tuple[Booking, ...]]


@dataclass(frozen=True, slots=True)
class FamilyWeek:
    """The week shown, Monday first; children without any booking in it are left out.

    `held` waits for a payment until `held_until`, for `held_cents`; `drafted` days are not saved.
    """

    children: tuple[ChildWeek, ...]
    held: int
    held_cents: int
    held_until: datetime | None
    offers: int
    offered_until: datetime | None
    drafted: int

    @property
    def waits(self) -> bool:
        return bool(self.held or self.offers or self.drafted)


def week_of(household: Household, *, user: User, today: date) -> FamilyWeek:
    """This week, the next one from Saturday on; four queries whatever the number of children and bookings."""
    days = _days(today)
    rows = Booking.objects.filter(
        household=household, day__range=(days[0], days[-1]), state__in=LIVE_BOOKINGS, is_leaving=False
    ).select_related("activity")
    booked: dict[int, dict[date, list[Booking]]] = {}
    for row in rows.order_by("activity__position", "activity__name", "id"):
        booked.setdefault(row.child_id, {}).setdefault(row.day, []).append(row)
    orders = list(BookingOrder.objects.filter(household=household, state__in=OPEN_ORDERS))
    held = [order for order in orders if order.state == OrderState.HELD]
    offers = [order for order in orders if order.state == OrderState.OFFERED]
    return FamilyWeek(
        children=tuple(
            ChildWeek(
                child, rank, {day: tuple(booked[child.id].get(day, ())) for day in _shown(days, booked[child.id])}
            )
            for rank, child in children_of(household)
            if child.id in booked
        ),
        held=len(held),
        held_cents=sum(order.total_cents for order in held if order.is_paid_first),
        held_until=min((order.hold_until for order in held if order.hold_until), default=None),
        offers=len(offers),
        offered_until=min((order.hold_until for order in offers if order.hold_until), default=None),
        drafted=drafted_days(user=user, household=household),
    )


def _days(today: date) -> list[date]:
    monday = today - timedelta(days=today.weekday())
    if today.weekday() >= _SATURDAY:
        monday += timedelta(days=7)
    return [monday + timedelta(days=number) for number in range(7)]


def _shown(days: list[date], booked: Mapping[date, object]) -> list[date]:
    """Monday to Friday, and the weekend where something is booked."""
    return [day for day in days if day.weekday() < _SATURDAY or day in booked]
