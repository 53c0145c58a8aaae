"""What a form says of the boxes it showed: what can be done is drafted, the rest is refused with its reason.

The form is believed for one thing, what the person wants: price, place, deadline and child are looked at again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.activities.models import Activity, Unit
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.models import DraftChange
from preau.domain.bookings.queries.planning import Box as Shown
from preau.domain.bookings.queries.planning import BoxState, planning_of
from preau.domain.bookings.queries.proposals import Wish, proposal_for, proposal_of
from preau.domain.bookings.rules.periods import Period
from preau.domain.bookings.services.drafts import Box, draft_days
from preau.domain.families.models import Child, Household

_GONE = "Cette activité ne se réserve plus en ligne."
_NO_SUCH_UNIT = "Ce choix n’existe pas pour cette activité."
_BAD_HOURS = "L’heure de départ vient après l’heure d’arrivée."


@dataclass(frozen=True, slots=True)
class Choice:
    """What a box says: the code of a unit, empty for nothing; by the hour, minutes after midnight."""

    code: str
    starts_minute: int | None = None
    ends_minute: int | None = None


@transaction.atomic
def choose_days(
    *,
    user: User,
    household: Household,
    child_id: str,
    choices: Mapping[Box, Choice],
    now: datetime,
    zone: ZoneInfo,
) -> dict[Box, str]:
    """Draft what a person chose for boxes of one child (public id); those of which nothing was kept, with the reason.

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
        DraftTooLongError: more days than a draft may hold; nothing was written.
    """
    child = Child.objects.get(public_id=child_id, homes=household)
    wishes, refused = _understood(child, choices)
    proposal = proposal_for(list(wishes.values()), household=household, now=now, zone=zone)
    refused |= {(change.activity.public_id, change.day): change.refusal for change in proposal.refused}
    kept = {box: wish.wanted for box, wish in wishes.items() if box not in refused}
    draft_days(user=user, household=household, child_id=child_id, boxes=kept)
    return refused


def _understood(child: Child, choices: Mapping[Box, Choice]) -> tuple[dict[Box, Wish], dict[Box, str]]:
    """What a form says in the words of the domain, and what means nothing."""
    named = Activity.objects.filter(public_id__in={public_id for public_id, _ in choices})
    activities = {activity.public_id: activity for activity in named.select_related("regie__group", "site")}
    units = {
        (unit.activity_id, unit.code): unit
        for unit in Unit.objects.filter(activity__in=activities.values()).select_related("activity")
    }
    wishes: dict[Box, Wish] = {}
    refused: dict[Box, str] = {}
    for box, choice in choices.items():
        activity = activities.get(box[0])
        unit = units.get((activity.id, choice.code)) if activity else None
        if activity is None:
            refused[box] = _GONE
        elif choice.code and unit is None:
            refused[box] = _NO_SUCH_UNIT
        elif _ends_before_it_begins(choice):
            refused[box] = _BAD_HOURS
        else:
            wishes[box] = Wish(child, activity, box[1], _wanted(unit, choice))
    return wishes, refused


def _ends_before_it_begins(choice: Choice) -> bool:
    if choice.starts_minute is None or choice.ends_minute is None:
        return False
    return choice.ends_minute <= choice.starts_minute


def _wanted(unit: Unit | None, choice: Choice) -> Wanted:
    return Wanted(unit, choice.starts_minute, choice.ends_minute) if unit else Wanted(None)


@dataclass(frozen=True, slots=True)
class RowTicked:
    """What the first box of a row did: days ticked, or unticked where all were, and days it left aside (C30)."""

    activity: Activity
    ticked: int
    unticked: int
    skipped: Mapping[BoxState, int]


def tick_row(
    *,
    user: User,
    household: Household,
    child_id: str,
    activity_id: str,
    period: Period,
    choice: Choice,
    now: datetime,
    zone: ZoneInfo,
) -> RowTicked:
    """Tick every day of the period that can still be booked for an activity (public id); untick them when all are.

    `choice`: the unit (the first one when empty) and the hours to tick.

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
        Activity.DoesNotExist: the child is not enrolled in it.
        DraftTooLongError: more days than a draft may hold; nothing was written.
    """
    planning = planning_of(user=user, household=household, child_id=child_id, period=period, now=now, zone=zone)
    row = next((row for row in planning.rows if row.activity.public_id == activity_id), None)
    if row is None or planning.child is None:
        raise Activity.DoesNotExist(activity_id)
    boxes = [box for day in planning.days for box in day.boxes if box.activity == row.activity and box.is_editable]
    free = [box for box in boxes if not box.chosen]
    refused = choose_days(
        user=user,
        household=household,
        child_id=planning.child.public_id,
        choices={(activity_id, box.day): _tick(box, choice) for box in free}
        or {(activity_id, box.day): Choice("") for box in boxes},
        now=now,
        zone=zone,
    )
    done = len(free or boxes) - len(refused)
    return RowTicked(row.activity, done if free else 0, 0 if free else done, row.skipped)


def _tick(box: Shown, choice: Choice) -> Choice:
    """The unit asked; none is: the first one that has a price and a place left."""
    code = choice.code or next((o.unit.code for o in box.options if o.quote and o.has_room), "")
    return Choice(code, choice.starts_minute, choice.ends_minute)


def forget_refused(*, user: User, household: Household, now: datetime, zone: ZoneInfo) -> int:
    """Take out of a draft the days that can no longer be booked or given back; how many."""
    proposal = proposal_of(user=user, household=household, now=now, zone=zone)
    cells = {(change.child.id, change.activity.id, change.day) for change in proposal.refused}
    mine = DraftChange.objects.filter(user=user, household=household)
    gone = [row.id for row in mine if (row.child_id, row.activity_id, row.day) in cells]
    DraftChange.objects.filter(id__in=gone).delete()
    return len(gone)
