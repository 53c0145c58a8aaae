"""The planning of one child over some days: what is booked, what can be, at what price, and why not otherwise.

One scene is loaded in a number of queries that grows neither with the days nor with the children; everything else is
computed (design 7).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from preau.domain.accounts.models import User
from preau.domain.activities.models import Activity, ActivityGroup, DrawnFrom, Unit, UnitMode
from preau.domain.activities.queries.agenda import Agenda, agenda_of
from preau.domain.activities.rules.calendar import DayKind
from preau.domain.activities.rules.deadlines import Limits, Stage
from preau.domain.bookings.changes import Wanted, refund_cents
from preau.domain.bookings.models import Booking, DraftChange, Enrolment, WaitingEntry
from preau.domain.bookings.queries.enrolments import children_of
from preau.domain.bookings.queries.places import places_left
from preau.domain.bookings.queries.proposals import Cell, live_bookings
from preau.domain.bookings.rules.periods import Period
from preau.domain.bookings.rules.slots import Slot as Places
from preau.domain.bookings.rules.slots import parts_of, slots_of
from preau.domain.bookings.states import LIVE_WAITING, BookingState, EnrolmentState
from preau.domain.families.models import Child, Household
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.queries import Prices, prices_of
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


_EDITABLE = {BoxState.FREE, BoxState.BOOKED}


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
    """One activity of one day. `wanted`: what the person drafted, None when nothing is drafted.

    `note`: why it cannot be changed, or that it costs more because it is late; empty when there is nothing to say.
    `rank`: the child's place on the waiting list, None off it.
    """

    activity: Activity
    day: date
    state: BoxState
    options: tuple[Option, ...]
    booking: Booking | None
    wanted: Wanted | None
    note: str
    is_late: bool
    rank: int | None
    entry: WaitingEntry | None

    @property
    def key(self) -> str:
        """Names the box in a form."""
        return f"{self.activity.public_id}:{self.day.isoformat()}"

    @property
    def is_editable(self) -> bool:
        return self.state in _EDITABLE

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
        return kept + next((o.price_cents or 0 for o in self.options if o.unit.code == self.chosen), 0)


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
    """An activity of the child with what its first box, « every day », would tick (C24, C30)."""

    activity: Activity
    enrolment: Enrolment
    units: tuple[Unit, ...]
    tickable: int
    booked: int
    price_cents: int | None


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


def planning_of(
    *, user: User, household: Household, child_id: str, period: Period, now: datetime, zone: ZoneInfo
) -> Planning:
    """The planning of a child (public id; empty for the first one).

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
    """
    children = children_of(household)
    drafts = list(DraftChange.objects.filter(user=user, household=household).select_related("unit"))
    tabs = tuple(
        ChildTab(child, rank, sum(1 for draft in drafts if draft.child_id == child.id)) for rank, child in children
    )
    child = _chosen([tab.child for tab in tabs], child_id)
    if child is None:
        return Planning(tabs, None, period, (), (), len(drafts))
    scene = _Scene.load(child, household, drafts, period, now, zone)
    days = tuple(scene.day(day) for day in period.days)
    return Planning(tabs, child, period, scene.rows(days), days, len(drafts))


def _chosen(children: Sequence[Child], child_id: str) -> Child | None:
    if not child_id:
        return children[0] if children else None
    for child in children:
        if child.public_id == child_id:
            return child
    raise Child.DoesNotExist(child_id)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the boxes of one child are made of, loaded once."""

    child: Child
    now: datetime
    today: date
    zone: ZoneInfo
    agenda: Agenda
    prices: Prices
    enrolments: Sequence[Enrolment]
    units: Mapping[int, Sequence[Unit]]
    current: Mapping[Cell, Booking]
    drafts: Mapping[Cell, Wanted]
    left: Mapping[Places, int]
    waiting: Mapping[Cell, WaitingEntry]
    ranks: Mapping[int, int]

    @classmethod
    def load(  # noqa: PLR0917  (private, one caller)
        cls,
        child: Child,
        household: Household,
        drafts: Iterable[DraftChange],
        period: Period,
        now: datetime,
        zone: ZoneInfo,
    ) -> "_Scene":
        enrolments = _enrolments(child, household, period)
        activities = [enrolment.activity for enrolment in enrolments]
        units: dict[int, list[Unit]] = {}
        for unit in Unit.objects.filter(activity__in=activities).order_by("position", "name"):
            units.setdefault(unit.activity_id, []).append(unit)
        waiting = {
            (entry.child_id, entry.activity_id, entry.day): entry
            for entry in WaitingEntry.objects.filter(
                child=child, state__in=LIVE_WAITING, day__range=(period.first, period.last)
            )
        }
        return cls(
            child=child,
            now=now,
            today=now.astimezone(zone).date(),
            zone=zone,
            agenda=agenda_of(activities, first=period.first, last=period.last, zone=zone),
            prices=prices_of([unit for same in units.values() for unit in same], household=household),
            enrolments=enrolments,
            units=units,
            current=live_bookings(
                child_ids=[child.id],
                activity_ids=[activity.id for activity in activities],
                first=period.first,
                last=period.last,
            ),
            drafts={(d.child_id, d.activity_id, d.day): Wanted(d.unit, d.starts_minute, d.ends_minute) for d in drafts},
            left=places_left(_all_places(enrolments, units, period)),
            waiting=waiting,
            ranks=_ranks(waiting.values()),
        )

    def day(self, day: date) -> Day:
        boxes, reasons = [], []
        for enrolment in self.enrolments:
            if not enrolment.first_day <= day <= enrolment.last_day:
                continue
            activity = enrolment.activity
            openness = self.agenda.openness(activity, day)
            cell = (self.child.id, activity.id, day)
            if openness.is_open or cell in self.current:
                boxes += self._boxes(enrolment, day, cell)
            elif self._usually_opens(activity, day):
                boxes.append(self._closed(activity, day, openness.reason))
                reasons.append(openness.reason)
            else:
                reasons.append(openness.reason)
        if all(box.state == BoxState.CLOSED for box in boxes):
            boxes = []
        reason = "" if boxes else next(filter(None, reasons), "Rien à réserver ce jour-là")
        return Day(day, day == self.today, day < self.today, tuple(boxes), reason)

    def _usually_opens(self, activity: Activity, day: date) -> bool:
        """Whether a family would expect it that day, and deserves to read why it is closed."""
        in_holidays = self.agenda.day_kind(day) == DayKind.HOLIDAYS
        wrong = DrawnFrom.TERM if in_holidays else DrawnFrom.HOLIDAYS
        return activity.takes_weekday(day.weekday()) and activity.drawn_from != wrong

    def _closed(self, activity: Activity, day: date, reason: str) -> Box:
        return Box(activity, day, BoxState.CLOSED, (), None, None, reason, is_late=False, rank=None, entry=None)

    def _boxes(self, enrolment: Enrolment, day: date, cell: Cell) -> list[Box]:
        activity = enrolment.activity
        if activity.unit_mode == UnitMode.STAY and day != activity.first_day:
            return []
        limits = self.agenda.limits(activity, day)
        booking, entry = self.current.get(cell), self.waiting.get(cell)
        is_late = limits.stage(self.now) == Stage.LATE
        options = self._options(enrolment, day, is_late=is_late)
        state, note = self._state(activity, day, limits, booking, entry, options)
        wanted = self.drafts.get(cell) if state in _EDITABLE else None
        rank = self.ranks.get(entry.id) if entry else None
        return [Box(activity, day, state, options, booking, wanted, note, is_late=is_late, rank=rank, entry=entry)]

    def _options(self, enrolment: Enrolment, day: date, *, is_late: bool) -> tuple[Option, ...]:
        options = []
        for unit in self.units.get(enrolment.activity_id, ()):
            places = slots_of(enrolment.activity, enrolment.group, day, unit.parts or ["day"])
            options.append(
                Option(unit, self._quote(unit, day, is_late=is_late), all(self.left.get(p, 1) > 0 for p in places))
            )
        return tuple(options)

    def _quote(self, unit: Unit, day: date, *, is_late: bool) -> Quote | None:
        by_the_hour = 60 if unit.activity.unit_mode == UnitMode.HOURS else None
        try:
            return self.prices.quote(
                unit, self.child, day, day_kind=self.agenda.day_kind(day), is_late=is_late, minutes=by_the_hour
            )
        except NoTariffError:
            return None

    def _state(  # noqa: PLR0917  (private, one caller)
        self,
        activity: Activity,
        day: date,
        limits: Limits,
        booking: Booking | None,
        entry: WaitingEntry | None,
        options: Sequence[Option],
    ) -> tuple[BoxState, str]:
        if booking is not None:
            return self._state_of_booked(day, limits, booking, entry)
        if day < self.today:
            return BoxState.PAST, ""
        stage = limits.stage(self.now)
        if stage == Stage.CLOSED or activity.unit_mode == UnitMode.CONTRACT:
            return BoxState.LATE, limits.sentence(self.zone, self.now)
        if activity.booking_opens_at is not None and self.now < activity.booking_opens_at:
            return BoxState.LATE, "Les réservations ne sont pas encore ouvertes."
        if entry is not None:
            return BoxState.WAITING, ""
        if not any(option.quote for option in options):
            return BoxState.UNPRICED, "Le tarif n’est pas encore publié."
        if not any(option.has_room for option in options):
            return BoxState.FULL, "Complet"
        return BoxState.FREE, limits.sentence(self.zone, self.now) if stage == Stage.LATE else ""

    def _state_of_booked(
        self, day: date, limits: Limits, booking: Booking, entry: WaitingEntry | None
    ) -> tuple[BoxState, str]:
        if booking.state == BookingState.HELD:
            return (BoxState.OFFERED if entry else BoxState.HELD), ""
        if booking.is_leaving:
            return BoxState.LEAVING, ""
        if day < self.today:
            return BoxState.PAST, ""
        if not limits.can_cancel(self.now) or booking.activity.unit_mode == UnitMode.CONTRACT:
            return BoxState.LOCKED, limits.sentence(self.zone, self.now)
        return BoxState.BOOKED, ""

    def rows(self, days: Sequence[Day]) -> tuple[Row, ...]:
        by_activity: dict[int, list[Box]] = {}
        for day in days:
            for box in day.boxes:
                by_activity.setdefault(box.activity.id, []).append(box)
        return tuple(self._row(enrolment, by_activity.get(enrolment.activity_id, [])) for enrolment in self.enrolments)

    def _row(self, enrolment: Enrolment, boxes: Sequence[Box]) -> Row:
        prices = [option.price_cents for box in boxes for option in box.options if option.price_cents is not None]
        return Row(
            activity=enrolment.activity,
            enrolment=enrolment,
            units=tuple(self.units.get(enrolment.activity_id, ())),
            tickable=sum(1 for box in boxes if box.is_editable),
            booked=sum(1 for box in boxes if box.booking is not None),
            price_cents=min(prices, default=None),
        )


def _enrolments(child: Child, household: Household, period: Period) -> list[Enrolment]:
    rows = Enrolment.objects.filter(
        child=child,
        household=household,
        state=EnrolmentState.ACCEPTED,
        first_day__lte=period.last,
        last_day__gte=period.first,
    ).select_related("activity__regie", "activity__site", "activity__school_year", "group")
    return list(rows.order_by("activity__position", "activity__name"))


def _all_places(enrolments: Iterable[Enrolment], units: Mapping[int, Sequence[Unit]], period: Period) -> set[Places]:
    found: set[Places] = set()
    for enrolment in enrolments:
        activity: Activity = enrolment.activity
        group: ActivityGroup | None = enrolment.group
        for unit in units.get(activity.id, ()):
            parts = parts_of(unit, mode=activity.unit_mode, starts_minute=None, ends_minute=None)
            for day in period.days:
                found.update(slots_of(activity, group, day, parts))
    return found


def _ranks(entries: Iterable[WaitingEntry]) -> dict[int, int]:
    """Place of each entry on its list, from 1; one query for all."""
    entries = list(entries)
    if not entries:
        return {}
    rows = WaitingEntry.objects.filter(
        activity__in={entry.activity_id for entry in entries}, day__in={entry.day for entry in entries}, state="waiting"
    ).values_list("activity", "day", "group", "asked_at", "id")
    lists: dict[tuple[int, date, int | None], list[tuple[datetime, int]]] = {}
    for activity, day, group, asked_at, pk in rows:
        lists.setdefault((activity, day, group), []).append((asked_at, pk))
    ranks = {}
    for entry in entries:
        waiting = sorted(lists.get((entry.activity_id, entry.day, entry.group_id), []))
        ranks[entry.id] = next((n for n, (_, pk) in enumerate(waiting, start=1) if pk == entry.id), 1)
    return ranks
