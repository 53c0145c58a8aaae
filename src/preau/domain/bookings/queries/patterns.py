"""Booking by pattern: weekdays between two days, for several children and activities at once (C31)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from preau.domain.accounts.models import User
from preau.domain.activities.models import Activity, Unit, UnitMode
from preau.domain.bookings.changes import Change, Wanted
from preau.domain.bookings.errors import DraftTooLongError
from preau.domain.bookings.models import DraftChange, Enrolment
from preau.domain.bookings.queries.proposals import Cell, Wish, proposal_for
from preau.domain.bookings.states import EnrolmentState
from preau.domain.families.models import Child, Household

#: Days that one pattern may name: six children, four activities, two months.
MOST_CELLS = 1500


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a person describes. Ids are public, `units` are (activity, code of its unit), weekdays count from Monday 0.

    Minutes after midnight, for what is booked by the hour.
    """

    child_ids: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
    weekdays: frozenset[int]
    first: date
    last: date
    adds: bool
    starts_minute: int | None = None
    ends_minute: int | None = None

    @property
    def days(self) -> list[date]:
        span = (self.last - self.first).days + 1
        every = (self.first + timedelta(days=n) for n in range(span))
        return [day for day in every if day.weekday() in self.weekdays]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pattern would do to the draft: days it changes, days it leaves aside with the reason, days as they are.

    `not_enrolled`: children with the activities asked for them in vain.
    """

    changes: tuple[Change, ...]
    skipped: tuple[Change, ...]
    unchanged: int
    not_enrolled: tuple[tuple[Child, Activity], ...]

    @property
    def cost_cents(self) -> int:
        return sum(change.cost_cents for change in self.changes)


@dataclass(frozen=True, slots=True)
class PatternChoices:
    """What the form offers: children with their rank, and the activities one of them at least is enrolled in."""

    children: tuple[tuple[int, Child], ...]
    units: tuple[Unit, ...]


def pattern_choices(household: Household, *, children: Iterable[tuple[int, Child]], today: date) -> PatternChoices:
    """Children and units of a family that can be booked from today on; one query."""
    children = tuple(children)
    rows = Unit.objects.filter(
        activity__is_published=True,
        activity__enrolments__in=Enrolment.objects.filter(
            household=household, state=EnrolmentState.ACCEPTED, last_day__gte=today
        ),
    ).exclude(activity__unit_mode=UnitMode.CONTRACT)
    ordered = rows.order_by("activity__position", "activity__name", "position", "id").distinct()
    return PatternChoices(children, tuple(ordered.select_related("activity__school_year")))


def preview_of(*, user: User, household: Household, pattern: Pattern, now: datetime, zone: ZoneInfo) -> Preview:
    """What a pattern would tick, or untick, and what it would leave aside.

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
        DraftTooLongError: more days than a draft may hold.
    """
    wishes, not_enrolled = _wishes(household, pattern)
    drafts = _drafts(user, wishes)
    asked = [wish for wish in wishes if not _is_drafted(drafts.get(wish.cell), wish)]
    proposal = proposal_for(asked, household=household, now=now, zone=zone)
    told = {(change.child.id, change.activity.id, change.day) for change in (*proposal.changes, *proposal.refused)}
    dropped = () if pattern.adds else tuple(_dropped((w for w in asked if w.cell not in told), drafts))
    changes, skipped = (*proposal.changes, *dropped), proposal.refused
    return Preview(
        changes=tuple(sorted(changes, key=_rank)),
        skipped=tuple(sorted(skipped, key=_rank)),
        unchanged=len(wishes) - len(changes) - len(skipped) if pattern.adds else 0,
        not_enrolled=not_enrolled,
    )


def _rank(change: Change) -> tuple[date, str, int]:
    return (change.day, change.child.first_name, change.activity.position)


def _wishes(household: Household, pattern: Pattern) -> tuple[list[Wish], tuple[tuple[Child, Activity], ...]]:
    """What a pattern asks, and the children it asks in vain where they are not enrolled."""
    days = pattern.days
    if len(days) * len(pattern.child_ids) * len(pattern.units) > MOST_CELLS:
        raise DraftTooLongError("Cela fait trop de jours à la fois : choisissez une période plus courte.")
    children = list(Child.objects.filter(public_id__in=pattern.child_ids, homes=household))
    if len(children) != len(set(pattern.child_ids)):
        raise Child.DoesNotExist
    units = _units(pattern)
    enrolled = _enrolled(household, children, units)
    asked = [(child, unit) for child in children for unit in units]
    theirs = [(child, unit) for child, unit in asked if (child.id, unit.activity_id) in enrolled]
    wishes = [Wish(child, unit.activity, day, _wanted(unit, pattern)) for child, unit in theirs for day in days]
    return wishes, tuple((child, unit.activity) for child, unit in asked if (child, unit) not in theirs)


def _units(pattern: Pattern) -> list[Unit]:
    named = {activity for activity, _ in pattern.units}
    rows = Unit.objects.filter(activity__public_id__in=named, activity__is_published=True)
    return [
        unit
        for unit in rows.select_related("activity__regie__group", "activity__site")
        if (unit.activity.public_id, unit.code) in pattern.units
    ]


def _enrolled(household: Household, children: Iterable[Child], units: Iterable[Unit]) -> set[tuple[int, int]]:
    rows = Enrolment.objects.filter(
        household=household,
        state=EnrolmentState.ACCEPTED,
        child__in=list(children),
        activity__in={unit.activity_id for unit in units},
    )
    return set(rows.values_list("child", "activity"))


def _wanted(unit: Unit, pattern: Pattern) -> Wanted:
    if not pattern.adds:
        return Wanted(None)
    if unit.activity.unit_mode != UnitMode.HOURS:
        return Wanted(unit)
    return Wanted(unit, pattern.starts_minute, pattern.ends_minute)


def _drafts(user: User, wishes: Iterable[Wish]) -> dict[Cell, Wanted]:
    rows = DraftChange.objects.filter(user=user, child__in={wish.child.id for wish in wishes}).select_related("unit")
    return {
        (row.child_id, row.activity_id, row.day): Wanted(row.unit, row.starts_minute, row.ends_minute) for row in rows
    }


def _is_drafted(drafted: Wanted | None, wish: Wish) -> bool:
    return drafted is not None and drafted == wish.wanted


def _dropped(wishes: Iterable[Wish], drafts: Mapping[Cell, Wanted]) -> Iterable[Change]:
    """Days ticked and not saved yet, that the pattern unticks."""
    for wish in wishes:
        drafted = drafts.get(wish.cell)
        if drafted is not None and drafted.unit is not None:
            yield Change(wish.child, wish.activity, wish.day, wish.wanted, None)
