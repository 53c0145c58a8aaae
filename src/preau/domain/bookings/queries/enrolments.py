"""Who is enrolled where, and who may be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from preau.domain.activities.models import Activity, ActivityGroup
from preau.domain.activities.rules.eligibility import refusal, refusal_by_school
from preau.domain.bookings.models import CareContract, Enrolment
from preau.domain.bookings.queries.contracts import contracts_of
from preau.domain.bookings.states import LIVE_ENROLMENTS
from preau.domain.families.models import Child, ChildHome, Household


@dataclass(frozen=True, slots=True)
class Line:
    """An enrolment with its care contracts, the last to begin first."""

    enrolment: Enrolment
    contracts: tuple[CareContract, ...]


@dataclass(frozen=True, slots=True)
class ChildFile:
    """A child with its enrolments: those in force or asked, then those of the past (C12, C47)."""

    child: Child
    rank: int
    current: tuple[Line, ...]
    past: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Possibility:
    """An activity a child could be enrolled in; `refusal` says why it cannot, else empty."""

    activity: Activity
    refusal: str


def children_of(household: Household) -> list[tuple[int, Child]]:
    """Children of a family with their rank (its sticker)."""
    rows = ChildHome.objects.filter(household=household).select_related("child").order_by("position")
    return [(row.position, row.child) for row in rows]


def enrolments_of(household: Household) -> QuerySet[Enrolment]:
    """Every enrolment asked by a family, most recent first."""
    return Enrolment.objects.filter(household=household).select_related(
        "child", "activity__site", "activity__school_year", "activity__regie", "group"
    )


def enrolment_of(household: Household, *, public_id: str) -> Enrolment:
    """One enrolment of a family.

    Raises:
        Enrolment.DoesNotExist: no such one, or another family's (W11).
    """
    return enrolments_of(household).get(public_id=public_id)


def child_of(household: Household, *, public_id: str) -> Child:
    """One child of a family.

    Raises:
        Child.DoesNotExist: no such one, or another family's (W11).
    """
    return Child.objects.get(public_id=public_id, homes=household)


def child_files(household: Household, *, today: date) -> list[ChildFile]:
    """The enrolments of each child: four queries at most, whatever their number."""
    contracts: dict[int, list[CareContract]] = {}
    for contract in contracts_of(household):
        contracts.setdefault(contract.enrolment_id, []).append(contract)
    by_child: dict[int, list[Line]] = {}
    for enrolment in enrolments_of(household):
        line = Line(enrolment, tuple(contracts.get(enrolment.id, ())))
        by_child.setdefault(enrolment.child_id, []).append(line)
    return [
        ChildFile(
            child,
            rank,
            tuple(line for line in by_child.get(child.id, ()) if _is_current(line.enrolment, today)),
            tuple(line for line in by_child.get(child.id, ()) if not _is_current(line.enrolment, today)),
        )
        for rank, child in children_of(household)
    ]


def _is_current(enrolment: Enrolment, today: date) -> bool:
    return enrolment.state in LIVE_ENROLMENTS and enrolment.last_day >= today


def possibilities(child: Child, *, today: date) -> list[Possibility]:
    """What a child may ask for: published activities of the school years not over yet; three queries."""
    activities = (
        Activity.objects.filter(is_published=True, last_day__gte=today)
        .select_related("site", "school_year")
        .prefetch_related("groups")
        .order_by("school_year__first_day", "position", "name")
    )
    live = Enrolment.objects.filter(child=child, state__in=LIVE_ENROLMENTS, last_day__gte=today)
    enrolled = set(live.values_list("activity", flat=True))
    return [
        Possibility(activity, why_not_of(child, activity, activity.groups.all(), today=today))
        for activity in activities
        if activity.id not in enrolled
    ]


def why_not(child: Child, activity: Activity, *, today: date) -> str:
    """Why a child cannot ask for an activity, for its family; empty when it can."""
    return why_not_of(child, activity, activity.groups.all(), today=today)


def why_not_of(child: Child, activity: Activity, groups: Iterable[ActivityGroup], *, today: date) -> str:
    """The same, with the groups of the activity already read."""
    if activity.last_day < today:
        return "Cette activité est terminée."
    on = max(activity.first_day, today)
    if why := refusal_of(child, activity, on=on):
        return why
    refusals = [refusal(group, birth_date=child.birth_date, level=child.level, on=on) for group in groups]
    return refusals[0] if refusals and all(refusals) else ""


def refusal_of(child: Child, activity: Activity, *, on: date) -> str:
    """What the rules of an activity, its groups left aside, say against a child on a day; "" for nothing (C13)."""
    return refusal_by_school(activity.schools, child.school) or refusal(
        activity, birth_date=child.birth_date, level=child.level, on=on
    )


def fitting_group(child: Child, activity: Activity, *, on: date) -> ActivityGroup | None:
    """The first group of an activity that a child fits in; None where there is none."""
    on = max(activity.first_day, on)
    for group in activity.groups.all():
        if not refusal(group, birth_date=child.birth_date, level=child.level, on=on):
            return group
    return None
