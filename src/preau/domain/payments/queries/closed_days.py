"""Days closed after they were booked: which, whom they concern, and what each family would get back (U4)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count

from preau.domain.activities.models import Activity
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.bookings.models import Booking
from preau.domain.bookings.queries.agents import live_in
from preau.domain.bookings.states import LIVE_BOOKINGS
from preau.domain.families.models import Guardian, Household
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.states import OPEN_STATES


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A closed day that still holds places, and why it is closed."""

    activity: Activity
    day: date
    reason: str
    bookings: int


@dataclass(frozen=True, slots=True)
class ClosedFamily:
    """A family concerned by a closed day. `reach`: an address or a phone of its first adult, empty without any."""

    household: Household
    bookings: tuple[Booking, ...]
    reach: str
    is_paying: bool


def closed_but_booked(regie_ids: Collection[int], *, today: date, zone: ZoneInfo) -> list[ClosedDay]:
    """Days from today on that are closed and still booked; a constant number of queries."""
    live = Booking.objects.filter(activity__regie__in=regie_ids, day__gte=today, state__in=LIVE_BOOKINGS)
    counted = list(live.order_by("day", "activity").values_list("day", "activity").annotate(n=Count("id")))
    if not counted:
        return []
    activities = Activity.objects.select_related("site").in_bulk({activity for _, activity, _ in counted})
    agenda = agenda_of(activities.values(), first=counted[0][0], last=counted[-1][0], zone=zone)
    found = []
    for day, activity_id, n in counted:
        openness = agenda.openness(activities[activity_id], day)
        if not openness.is_open:
            found.append(ClosedDay(activities[activity_id], day, openness.reason, n))
    return found


def closing_reason(activity: Activity, day: date, *, zone: ZoneInfo) -> str:
    """Why a day is closed; empty when it is open."""
    return agenda_of([activity], first=day, last=day, zone=zone).openness(activity, day).reason


def families_of_day(activity: Activity, day: date) -> list[ClosedFamily]:
    """Families with a live booking of an activity on a day, by name; three queries."""
    rows = live_in([activity.regie_id]).filter(activity=activity, day=day)
    by_family: dict[int, list[Booking]] = {}
    for row in rows.order_by("household__file_name", "household__file_number", "child__first_name", "id"):
        by_family.setdefault(row.household_id, []).append(row)
    reach = _reach(by_family)
    paying = _paying(by_family, activity, day)
    return [
        ClosedFamily(same[0].household, tuple(same), reach.get(key, ""), is_paying=key in paying)
        for key, same in by_family.items()
    ]


def _reach(households: Collection[int]) -> dict[int, str]:
    rows = Guardian.objects.filter(household__in=households).order_by("household", "-position")
    said = rows.values_list("household", "email", "mobile_phone", "home_phone")
    # The first adult is written last, and wins where it says something.
    found: dict[int, str] = {}
    for household, *ways in said:
        found[household] = next(filter(None, ways), "") or found.get(household, "")
    return found


def _paying(households: Collection[int], activity: Activity, day: date) -> set[int]:
    """Families whose payment for one of these places may still succeed."""
    attempts = PaymentAttempt.objects.filter(
        household__in=households,
        state__in=OPEN_STATES,
        lines__invoice__of_order__order__lines__booking__activity=activity,
        lines__invoice__of_order__order__lines__booking__day=day,
        lines__invoice__of_order__order__ended_at__isnull=True,
    )
    return set(attempts.values_list("household", flat=True))
