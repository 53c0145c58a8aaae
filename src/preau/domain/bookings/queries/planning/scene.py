"""What the boxes of one child are made of, loaded once and computed."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from preau.domain.activities.models import Activity, ActivityGroup, DrawnFrom, Unit, UnitMode
from preau.domain.activities.queries.agenda import Agenda, agenda_of
from preau.domain.activities.rules.calendar import DayKind
from preau.domain.activities.rules.deadlines import Limits, Stage
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.models import Booking, DraftChange, Enrolment, WaitingEntry
from preau.domain.bookings.queries.counts import CountKey, key_of, slots_of_booking
from preau.domain.bookings.queries.places import places_left
from preau.domain.bookings.queries.planning.boxes import EDITABLE, Box, BoxState, Day, Option, Row
from preau.domain.bookings.queries.proposals import BY_CONTRACT, NOT_ONLINE, Cell, live_bookings
from preau.domain.bookings.rules.periods import Period
from preau.domain.bookings.rules.slots import Slot as Places
from preau.domain.bookings.rules.slots import parts_sold, slots_of
from preau.domain.bookings.states import LIVE_WAITING, BookingState, EnrolmentState
from preau.domain.families.models import Child, Household
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.queries import Prices, prices_of
from preau.domain.pricing.rules import Quote


@dataclass(frozen=True, slots=True)
class Scene:
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
    ) -> "Scene":
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
        return Box(
            activity, day, BoxState.CLOSED, (), None, None, 0, reason, is_late=False, limits=None, rank=None, entry=None
        )

    def _boxes(self, enrolment: Enrolment, day: date, cell: Cell) -> list[Box]:
        activity = enrolment.activity
        if activity.unit_mode == UnitMode.STAY and day != activity.first_day:
            return []
        if activity.unit_mode == UnitMode.CONTRACT and cell not in self.current:
            return []  # the contract says which days there are
        limits = self.agenda.limits(activity, day)
        booking, entry = self.current.get(cell), self.waiting.get(cell)
        is_late = limits.stage(self.now) == Stage.LATE
        options = self._options(enrolment, day, booking, is_late=is_late)
        state, note = self._state(activity, day, limits, booking, entry, options)
        wanted = self.drafts.get(cell) if state in EDITABLE else None
        rank = self.ranks.get(entry.id) if entry else None
        return [
            Box(
                activity,
                day,
                state,
                options,
                booking,
                wanted,
                self._cents_of(activity, wanted, day, is_late=is_late),
                note,
                is_late=is_late,
                limits=limits,
                rank=rank,
                entry=entry,
            )
        ]

    def _options(
        self, enrolment: Enrolment, day: date, booking: Booking | None, *, is_late: bool
    ) -> tuple[Option, ...]:
        held = {key_of(slot) for slot in slots_of_booking(booking)} if booking else set()
        options = []
        for unit in self.units.get(enrolment.activity_id, ()):
            quote = self._quote(enrolment.activity, unit, day, is_late=is_late)
            options.append(Option(unit, quote, self._has_room(enrolment, unit, day, held)))
        return tuple(options)

    def _has_room(self, enrolment: Enrolment, unit: Unit, day: date, held: Collection[CountKey]) -> bool:
        """Whether each part of the unit has a place left, or one `held` already; by the hour, whether one hour has."""
        activity = enrolment.activity
        enough = any if activity.unit_mode == UnitMode.HOURS else all
        return enough(
            all(
                self.left.get(place, 1) > 0 or key_of(place) in held
                for place in slots_of(activity, enrolment.group, day, [part])
            )
            for part in parts_sold(activity, [unit])
        )

    def _cents_of(self, activity: Activity, wanted: Wanted | None, day: date, *, is_late: bool) -> int:
        """Price of what is drafted; nothing where it is removed, or where no tariff says it."""
        if wanted is None or wanted.unit is None:
            return 0
        quote = self._quote(activity, wanted.unit, day, is_late=is_late, minutes=wanted.minutes)
        return quote.cents if quote else 0

    def _quote(
        self, activity: Activity, unit: Unit, day: date, *, is_late: bool, minutes: int | None = None
    ) -> Quote | None:
        """Price of a unit; of an hour of it where it is booked by the hour and none is said."""
        if minutes is None and activity.unit_mode == UnitMode.HOURS:
            minutes = 60
        try:
            return self.prices.quote(
                unit, self.child, day, day_kind=self.agenda.day_kind(day), is_late=is_late, minutes=minutes
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
        return (
            self._out_of_time(activity, day, limits)
            or self._out_of_reach(activity, entry, options)
            or self._free(limits)
        )

    def _out_of_time(self, activity: Activity, day: date, limits: Limits) -> tuple[BoxState, str] | None:
        if day < self.today:
            return BoxState.PAST, ""
        if limits.stage(self.now) == Stage.CLOSED:
            return BoxState.LATE, limits.sentence(self.zone, self.now)
        if activity.booking_opens_at is not None and self.now < activity.booking_opens_at:
            return BoxState.LATE, "Les réservations ne sont pas encore ouvertes."
        return None

    def _out_of_reach(
        self, activity: Activity, entry: WaitingEntry | None, options: Sequence[Option]
    ) -> tuple[BoxState, str] | None:
        if entry is not None:
            return BoxState.WAITING, ""
        if not activity.is_published:
            return BoxState.OFFLINE, NOT_ONLINE
        if not any(option.quote for option in options):
            return BoxState.UNPRICED, "Le tarif n’est pas encore publié."
        if not any(option.has_room for option in options):
            return BoxState.FULL, "Complet"
        return None

    def _free(self, limits: Limits) -> tuple[BoxState, str]:
        is_late = limits.stage(self.now) == Stage.LATE
        return BoxState.FREE, limits.sentence(self.zone, self.now) if is_late else ""

    def _state_of_booked(
        self, day: date, limits: Limits, booking: Booking, entry: WaitingEntry | None
    ) -> tuple[BoxState, str]:
        if booking.state == BookingState.HELD:
            return (BoxState.OFFERED if entry else BoxState.HELD), ""
        if booking.is_leaving:
            return BoxState.LEAVING, ""
        if day < self.today:
            return BoxState.PAST, ""
        why = self._why_locked(limits, booking)
        return (BoxState.LOCKED, why) if why else (BoxState.BOOKED, "")

    def _why_locked(self, limits: Limits, booking: Booking) -> str:
        if booking.activity.unit_mode == UnitMode.CONTRACT:
            return BY_CONTRACT
        if not booking.activity.is_published:
            return NOT_ONLINE
        return "" if limits.can_cancel(self.now) else limits.sentence(self.zone, self.now)

    def rows(self, days: Sequence[Day]) -> tuple[Row, ...]:
        by_activity: dict[int, list[Box]] = {}
        for day in days:
            for box in day.boxes:
                by_activity.setdefault(box.activity.id, []).append(box)
        return tuple(
            self._row(enrolment, by_activity.get(enrolment.activity_id, []), days) for enrolment in self.enrolments
        )

    def _row(self, enrolment: Enrolment, boxes: Sequence[Box], days: Iterable[Day]) -> Row:
        prices = [option.price_cents for box in boxes for option in box.options if option.price_cents is not None]
        return Row(
            activity=enrolment.activity,
            enrolment=enrolment,
            units=tuple(self.units.get(enrolment.activity_id, ())),
            tickable=sum(1 for box in boxes if box.is_editable),
            booked=sum(1 for box in boxes if box.booking is not None),
            price_cents=min(prices, default=None),
            skipped=self._skipped(enrolment, boxes, days),
        )

    def _skipped(self, enrolment: Enrolment, boxes: Iterable[Box], days: Iterable[Day]) -> Counter[BoxState]:
        """Days that the first box of the row leaves aside; those already booked are no part of them."""
        skipped = Counter(box.state for box in boxes if not box.is_editable and box.booking is None)
        skipped[BoxState.CLOSED] += sum(
            1
            for day in days
            if not day.boxes
            and enrolment.first_day <= day.day <= enrolment.last_day
            and self._usually_opens(enrolment.activity, day.day)
        )
        return +skipped


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
        parts = parts_sold(activity, units.get(activity.id, ()))
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
