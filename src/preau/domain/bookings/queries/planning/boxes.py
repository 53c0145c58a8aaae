"""What the planning is made of: boxes, days, rows. Amounts in cents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from preau.domain.activities.models import Activity, Unit
from preau.domain.activities.rules.deadlines import Limits
from preau.domain.bookings.changes import Wanted, refund_cents
from preau.domain.bookings.models import Booking, Enrolment, WaitingEntry
from preau.domain.bookings.rules.periods import Period
from preau.domain.families.models import Child
from preau.domain.pricing.rules import Quote


class BoxState(Enum):
    """What a box of the planning is. Only the first two can be changed; the others say why in words."""

    FREE = "free"
    BOOKED = "booked"
    LOCKED = "locked"  #: booked, and too late to change
    HELD = "held"  #: waits for a payment
    LEAVING = "leaving"  #: its removal waits for a payment
    FULL = "full"
    WAITING = "waiting"  #: on the waiting list
    OFFERED = "offered"  #: offered by the waiting list
    LATE = "late"  #: too late to book
    PAST = "past"
    CLOSED = "closed"
    UNPRICED = "unpriced"
    OFFLINE = "offline"  #: hidden from families: the service alone books it


EDITABLE = {BoxState.FREE, BoxState.BOOKED}


@dataclass(frozen=True, slots=True)
class Option:
    """A unit that can be ticked; `has_room` is false when it is full. Cents, None where no tariff says the price."""

    unit: Unit
    quote: Quote | None
    has_room: bool

    @property
    def price_cents(self) -> int | None:
        return self.quote.cents if self.quote else None


@dataclass(frozen=True, slots=True)
class Box:
    """One activity of one day. `wanted`: what the person drafted, None when nothing is; `wanted_cents`: its price.

    `note`: why it cannot be changed, or that it costs more because it is late; empty when there is nothing to say.
    `rank`: the child's place on the waiting list, None off it. `limits`: None on a closed day.
    """

    activity: Activity
    day: date
    state: BoxState
    options: tuple[Option, ...]
    booking: Booking | None
    wanted: Wanted | None
    wanted_cents: int
    note: str
    is_late: bool
    limits: Limits | None
    rank: int | None
    entry: WaitingEntry | None

    @property
    def key(self) -> str:
        """Names the box in a form."""
        return f"{self.activity.public_id}:{self.day.isoformat()}"

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def was(self) -> str:
        """Code of the unit booked, empty when none is."""
        return self.booking.unit.code if self.booking else ""

    @property
    def chosen(self) -> str:
        """Code of the unit ticked, as drafted if it was."""
        if self.wanted is None:
            return self.was
        return self.wanted.unit.code if self.wanted.unit else ""

    @property
    def cost_cents(self) -> int:
        """What the day costs as drafted; a day given up costs what the town keeps."""
        if self.wanted is None:
            return self.booking.price_cents if self.booking and not self.booking.is_leaving else 0
        kept = self.booking.price_cents - refund_cents(self.booking) if self.booking else 0
        return kept + self.wanted_cents


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its boxes, or why there is none."""

    day: date
    is_today: bool
    is_past: bool
    boxes: tuple[Box, ...]
    closed_because: str

    @property
    def is_weekend(self) -> bool:
        return self.day.weekday() >= 5  # noqa: PLR2004  (Saturday and Sunday)


@dataclass(frozen=True, slots=True)
class Row:
    """An activity of the child with what its first box, « every day », would tick (C24, C30).

    `skipped`: how many days that box leaves aside, by what they are.
    """

    activity: Activity
    enrolment: Enrolment
    units: tuple[Unit, ...]
    tickable: int
    booked: int
    price_cents: int | None
    skipped: Mapping[BoxState, int]


@dataclass(frozen=True, slots=True)
class ChildTab:
    """A child of the family, its sticker, and how many days of it are drafted."""

    child: Child
    rank: int
    changes: int


@dataclass(frozen=True, slots=True)
class Planning:
    """Everything the page shows; `child` None when the family has no child or none is enrolled anywhere."""

    tabs: tuple[ChildTab, ...]
    child: Child | None
    period: Period
    rows: tuple[Row, ...]
    days: tuple[Day, ...]
    changes: int

    @property
    def cost_cents(self) -> int:
        """Cost of the period for this child, as drafted (C23)."""
        return sum(box.cost_cents for day in self.days for box in day.boxes)

    @property
    def weeks(self) -> list[list[Day]]:
        """Days cut at each Monday."""
        weeks: list[list[Day]] = []
        for day in self.days:
            if not weeks or day.day.weekday() == 0:
                weeks.append([])
            weeks[-1].append(day)
        return weeks

    @property
    def first_bookable(self) -> date | None:
        """The first day that can still be changed: what a phone shows first."""
        return next((day.day for day in self.days if any(box.is_editable for box in day.boxes)), None)
