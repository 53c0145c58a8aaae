"""What a person wants to change on one day, and what comes of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from preau.domain.activities.models import Activity, Unit
from preau.domain.activities.models.activities import PAID_FIRST
from preau.domain.bookings.models import Booking, Enrolment
from preau.domain.bookings.queries.counts import key_of, slots_of_booking
from preau.domain.bookings.rules.slots import Slot, parts_of, slots_of
from preau.domain.families.models import Child
from preau.domain.pricing.rules import Quote
from preau.domain.regies.models import Regie

#: A whole price, in percent.
WHOLE = 100


class ChangeKind(Enum):
    """A day added, removed, or changed from one unit to another."""

    ADD = "ajouté"
    REMOVE = "retiré"
    CHANGE = "modifié"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person ticked for a day: a unit, by the hour its minutes after midnight; `unit` None: nothing."""

    unit: Unit | None
    starts_minute: int | None = None
    ends_minute: int | None = None

    @property
    def minutes(self) -> int | None:
        if self.starts_minute is None or self.ends_minute is None:
            return None
        return self.ends_minute - self.starts_minute

    def is_what(self, booking: Booking | None) -> bool:
        """Whether nothing changes."""
        if booking is None or self.unit is None:
            return booking is None and self.unit is None
        hours = (booking.starts_minute, booking.ends_minute)
        return booking.unit_id == self.unit.id and hours == (self.starts_minute, self.ends_minute)


@dataclass(frozen=True, slots=True)
class Change:
    """One day of one child in one activity. Amounts in cents.

    `current`: the live booking it removes or changes. `quote`: the price of what it adds. `refusal`: why it cannot be
    saved, for the family; empty when it can. `past`: the rule that an agent passes by it; empty for families.
    `is_beyond`: what an agent passes is the number of places.
    """

    child: Child
    activity: Activity
    day: date
    wanted: Wanted
    current: Booking | None
    enrolment: Enrolment | None = None
    quote: Quote | None = None
    is_late: bool = False
    refusal: str = ""
    past: str = ""
    is_beyond: bool = False

    @property
    def kind(self) -> ChangeKind:
        if self.wanted.unit is None:
            return ChangeKind.REMOVE
        return ChangeKind.ADD if self.current is None else ChangeKind.CHANGE

    @property
    def added_cents(self) -> int:
        return self.quote.cents if self.quote else 0

    @property
    def removed_cents(self) -> int:
        """What is given back for the day removed: all of it where nothing was paid, else the town's share."""
        return refund_cents(self.current) if self.current else 0

    @property
    def cost_cents(self) -> int:
        return self.added_cents - self.removed_cents

    @property
    def slots(self) -> list[Slot]:
        """The places that it takes beside those that its child holds already; a removal takes none."""
        if self.wanted.unit is None or self.enrolment is None:
            return []
        parts = parts_of(
            self.wanted.unit,
            mode=self.activity.unit_mode,
            starts_minute=self.wanted.starts_minute,
            ends_minute=self.wanted.ends_minute,
        )
        held = {key_of(slot) for slot in slots_of_booking(self.current)} if self.current else set()
        asked = slots_of(self.activity, self.enrolment.group, self.day, parts)
        return [slot for slot in asked if key_of(slot) not in held]

    def refused(self, why: str) -> "Change":
        return replace(self, refusal=why)

    @property
    def payment_mode(self) -> str:
        """How its money moves: a day given up is given back as it was sold, whatever its activity asks for today."""
        if self.current is not None and self.wanted.unit is None:
            return mode_sold(self.current)
        return self.activity.payment_mode


def share_of(cents: int, percent: int) -> int:
    """A share of a price, rounded half up."""
    return (cents * percent + WHOLE // 2) // WHOLE


def mode_sold(booking: Booking) -> str:
    """How a live booking was sold; a day that no order added is its activity's."""
    return booking.sold_mode or booking.activity.payment_mode


def refund_cents(booking: Booking) -> int:
    """What the family gets back for a booking given up in time."""
    if mode_sold(booking) not in PAID_FIRST:
        return booking.price_cents
    return share_of(booking.price_cents, booking.activity.refund_percent)


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes that one régie collects in one way: one order (C36)."""

    regie: Regie
    payment_mode: str
    changes: tuple[Change, ...]

    @property
    def total_cents(self) -> int:
        return sum(change.cost_cents for change in self.changes)

    @property
    def is_paid_first(self) -> bool:
        return self.payment_mode in PAID_FIRST


def grouped(changes: Iterable[Change]) -> tuple[ChangeGroup, ...]:
    """Changes by régie and payment mode, what is paid first at the top, in the order of the pages."""
    groups: dict[tuple[int, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.activity.regie_id, change.payment_mode), []).append(change)
    made = [
        ChangeGroup(same[0].activity.regie, mode, tuple(sorted(same, key=_rank))) for (_, mode), same in groups.items()
    ]
    return tuple(sorted(made, key=lambda group: (not group.is_paid_first, group.regie.position, group.regie.id)))


def _rank(change: Change) -> tuple[date, str, int, int]:
    return (change.day, change.child.first_name, change.activity.position, change.activity.id)
