"""What the planning page draws: weeks, days and slots, each with its words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from preau.domain.activities.models import UnitMode
from preau.domain.bookings.models import BookingOrder
from preau.domain.bookings.queries.planning import Box, BoxState, Day, Option, Planning
from preau.domain.payments.queries.planning import FamilyPlanning
from preau.foundation.money import format_cents
from preau.interfaces.portal.planning import wording
from preau.interfaces.portal.planning.forms import box_name
from preau.interfaces.portal.words import NARROW, listed

_SATURDAY = 5
#: A reason shared by so many days is said once, above them.
_COMMON = 4
#: Icon and kind of frame of each state, as it is read.
_LOOKS: Mapping[BoxState, tuple[str, str]] = {
    BoxState.FREE: ("minus", "fixed"),
    BoxState.BOOKED: ("check", "yes"),
    BoxState.LOCKED: ("lock", "yes"),
    BoxState.HELD: ("clock", "hold"),
    BoxState.LEAVING: ("clock", "hold"),
    BoxState.FULL: ("people", "full"),
    BoxState.WAITING: ("people", "full"),
    BoxState.OFFERED: ("bell", "hold"),
    BoxState.LATE: ("lock", "fixed"),
    BoxState.PAST: ("minus", "fixed"),
    BoxState.CLOSED: ("minus", "fixed"),
    BoxState.UNPRICED: ("info", "fixed"),
    BoxState.OFFLINE: ("lock", "fixed"),
}


@dataclass(frozen=True, slots=True)
class Eye:
    """What every slot needs to speak of time, holds and refusals."""

    now: datetime
    zone: ZoneInfo
    waiting: Mapping[int, BookingOrder]
    #: Reason of the days that the draft holds and that can no longer be saved, by (activity public id, day).
    refused: Mapping[tuple[str, date], str] = field(default_factory=dict)
    #: Hours as they were typed.
    typed: Mapping[tuple[str, date], tuple[str, str]] = field(default_factory=dict)
    is_editing: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One activity of one day on the page. `words` are short, `said` completes them for who listens."""

    box: Box
    icon: str
    look: str
    words: str
    said: str
    refusal: str
    hours: tuple[str, str]

    @property
    def name(self) -> str:
        return box_name(self.box.activity.public_id, self.box.day)

    @property
    def ending(self) -> str:
        """End of the names of its two fields of hours."""
        return self.name.removeprefix("j-")

    @property
    def kind(self) -> str:
        """How it is changed: a box to tick, a choice between units, two hours."""
        if self.box.activity.unit_mode == UnitMode.HOURS:
            return "hours"
        return "choice" if len(self.box.options) > 1 else "tick"

    @property
    def shown(self) -> str:
        """What is drafted, else booked: never what was just typed and refused."""
        return "-".join(_hours(self.box)) if self.kind == "hours" else self.box.chosen

    @property
    def option(self) -> Option:
        """The only unit."""
        return self.box.options[0]

    @property
    def cents(self) -> int:
        """Price of the only unit: what was asked for a day already booked, else what would be."""
        if self.box.booking is not None:
            return self.box.booking.price_cents
        return self.option.price_cents or 0

    @property
    def price(self) -> str:
        return format_cents(self.cents)

    @property
    def is_plain(self) -> bool:
        """Whether its sign says enough on a line of a narrow screen."""
        return self.words in {"", "réservé", "trop tard", "fermé"}

    @property
    def first_option(self) -> Option | None:
        """A unit that a full day still lets wait for."""
        return self.box.options[0] if self.box.options else None

    @property
    def full_option(self) -> Option | None:
        """The first unit without place of a day that still has some for another: it can be waited for."""
        if self.box.state != BoxState.FREE or not self.box.activity.lets_wait:
            return None
        return next((option for option in self.box.options if option.quote and not option.has_room), None)


@dataclass(frozen=True, slots=True)
class DayShown:
    """One day of the page."""

    day: date
    short: str
    title: str
    is_today: bool
    is_past: bool
    slots: tuple[Slot, ...]
    reason: str
    limit: str
    notes: tuple[str, ...]
    menu: str
    #: A narrow screen hides it until it is asked for: nothing there can be changed any more.
    is_folded: bool

    @property
    def column(self) -> int:
        """Monday is 1."""
        return self.day.isoweekday()

    @property
    def is_open(self) -> bool:
        """Whether something can be changed on it."""
        return any(slot.box.is_editable for slot in self.slots)


@dataclass(frozen=True, slots=True)
class WeekShown:
    """A week of the page; `weekend` says in words what has no column."""

    title: str
    number: int
    days: tuple[DayShown, ...]
    weekend: str

    @property
    def id(self) -> str:
        return f"s{self.number}"

    @property
    def is_folded(self) -> bool:
        return all(day.is_folded for day in self.days)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a page, and what is said once for several of them."""

    weeks: tuple[WeekShown, ...]
    notes: tuple[str, ...]
    has_weekends: bool
    #: Days before the first that matters, which a narrow screen folds.
    folded: int


def calendar_of(page: FamilyPlanning, eye: Eye) -> Calendar:
    """The weeks of a planning, in words."""
    planning = page.planning
    notes = Counter(note for day in planning.days for note in {box.note for box in day.boxes if _says_why(box)})
    common = [note for note, count in notes.items() if count >= _COMMON]
    since = _first_that_matters(planning, eye)
    days = {day.day: _day(day, page, eye, common, since=since) for day in planning.days}
    has_weekends = any(day.boxes for day in planning.days if day.is_weekend)
    weeks = [_week(week, days, has_weekends=has_weekends) for week in planning.weeks]
    return Calendar(
        weeks=tuple(week for week in weeks if week.days),
        notes=tuple(_common_words(planning, common)),
        has_weekends=has_weekends,
        folded=sum(day.is_folded for week in weeks for day in week.days),
    )


def _first_that_matters(planning: Planning, eye: Eye) -> date | None:
    """Today, and to change days the first that can be; None where nothing comes before or after it."""
    today = eye.now.astimezone(eye.zone).date()
    if planning.period.last < today:
        return None
    return (planning.first_bookable if eye.is_editing else None) or today


def _common_words(planning: Planning, common: Iterable[str]) -> Iterable[str]:
    """« Cantine : trop tard depuis le samedi 10 octobre à minuit »: said once above the days."""
    for note in common:
        names = dict.fromkeys(box.activity.short_name for day in planning.days for box in day.boxes if box.note == note)
        yield f"{listed(list(names))}{NARROW}: {note[0].lower()}{note[1:].rstrip('.')}."


def _says_why(box: Box) -> bool:
    """Whether the box has more to say than its own short words: « complet » is enough."""
    return bool(box.note) and box.state != BoxState.FULL


def _week(week: list[Day], days: Mapping[date, DayShown], *, has_weekends: bool) -> WeekShown:
    shown = [days[day.day] for day in week if has_weekends or not day.is_weekend]
    hidden = [] if has_weekends else [day for day in week if day.is_weekend]
    first, last = (shown or [days[day.day] for day in week])[0], (shown or [days[day.day] for day in week])[-1]
    return WeekShown(
        title=wording.week_title(first.day, last.day),
        number=first.day.isocalendar().week,
        days=tuple(shown),
        weekend=_weekend_words(hidden),
    )


def _weekend_words(hidden: list[Day]) -> str:
    if not hidden:
        return ""
    names = ", ".join(f"{'samedi' if day.day.weekday() == _SATURDAY else 'dimanche'} {day.day.day}" for day in hidden)
    return f"{names.capitalize()}{NARROW}: fermé"


def _day(day: Day, page: FamilyPlanning, eye: Eye, common: list[str], *, since: date | None) -> DayShown:
    slots = tuple(_slot(box, eye) for box in day.boxes)
    menus = [menu for box in day.boxes if (menu := page.menus.get((box.activity.site_id, day.day)))]
    notes = dict.fromkeys(box.note for box in day.boxes if _says_why(box) and box.note not in common)
    return DayShown(
        day=day.day,
        short=wording.short_day(day.day),
        title=wording.day_title(day.day, today=eye.now.astimezone(eye.zone).date()),
        is_today=day.is_today,
        is_past=day.is_past,
        slots=slots,
        reason=day.closed_because,
        limit=wording.limit_words(day.boxes, now=eye.now, zone=eye.zone),
        notes=tuple(notes),
        menu=menus[0] if menus else "",
        is_folded=since is not None and day.day < since,
    )


def _slot(box: Box, eye: Eye) -> Slot:
    icon, look = _LOOKS[box.state]
    if box.state == BoxState.PAST and box.booking is not None:
        icon, look = "check", "yes"
    words, said = _words(box, eye)
    key = (box.activity.public_id, box.day)
    return Slot(box, icon, look, words, said, eye.refused.get(key, ""), eye.typed.get(key) or _hours(box))


#: Words that are seen, and words that are heard only, of the states that need nothing else.
_SAID: Mapping[BoxState, tuple[str, str]] = {
    BoxState.FREE: ("", "pas réservé"),
    BoxState.LEAVING: ("retrait à valider", "le retrait attend un paiement"),
    BoxState.OFFERED: ("place proposée", ""),
    BoxState.FULL: ("complet", ""),
    BoxState.CLOSED: ("fermé", ""),
    BoxState.UNPRICED: ("prix à venir", ""),
    BoxState.OFFLINE: ("pas en ligne", ""),
}


def _words(box: Box, eye: Eye) -> tuple[str, str]:
    """Words that are seen, and words that are heard only."""
    match box.state:
        case BoxState.BOOKED | BoxState.PAST:
            return (_booked(box), "réservé") if box.booking else ("", "pas réservé")
        case BoxState.LOCKED:
            return _booked(box) or "réservé", "ne se change plus"
        case BoxState.HELD:
            return _hold(box, eye), "en attente de paiement"
        case BoxState.WAITING:
            return wording.rank_words(box.rank), "en liste d’attente"
        case BoxState.LATE:
            return _late(box), ""
    return _SAID[box.state]


def _late(box: Box) -> str:
    if box.activity.unit_mode == UnitMode.CONTRACT:
        return "par contrat"
    return "bientôt" if box.note.startswith("Les réservations") else "trop tard"


def _booked(box: Box) -> str:
    """The unit, where there are several, or the hours."""
    booking = box.booking
    if booking is None:
        return ""
    hours = wording.hours_words(booking.starts_minute, booking.ends_minute)
    return hours or (booking.unit.name.lower() if len(box.options) > 1 else "")


def _hold(box: Box, eye: Eye) -> str:
    order = eye.waiting.get(box.booking.id) if box.booking else None
    return wording.hold_words(order, now=eye.now, zone=eye.zone)


def _hours(box: Box) -> tuple[str, str]:
    """Hours of the two fields: as drafted, else as booked."""
    held = box.wanted if box.wanted is not None else box.booking
    if held is None or held.unit is None or held.starts_minute is None or held.ends_minute is None:
        return "", ""
    return _clock(held.starts_minute), _clock(held.ends_minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
