"""Enrolments as agents see them: the list of requests, and one request with all that decides it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Q, QuerySet, Value, When

from preau.domain.activities.models import Activity, ActivityGroup, SchoolYear, UnitMode
from preau.domain.activities.rules.eligibility import age_in_months, age_words, refusal
from preau.domain.bookings.models import Booking, CareContract, Enrolment
from preau.domain.bookings.queries.enrolments import refusal_of
from preau.domain.bookings.rules.refusals import Motive, lawful_motives
from preau.domain.bookings.states import BookingState, EnrolmentState
from preau.domain.families.models import Guardian
from preau.domain.families.queries import adults_of

_PAGE = 30


@dataclass(frozen=True, slots=True)
class RequestFilters:
    """What the list keeps: public id of an activity, number of a school year, a state; empty: all of them."""

    activity: str = ""
    year: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class RequestList:
    """One page of enrolments; `waiting`: requests that nobody answered yet, whatever the filters."""

    page: Page[Any]
    waiting: int


def _of(regies: Collection[int]) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(activity__regie__in=regies)


def waiting_requests(regies: Collection[int]) -> int:
    """Requests of some régies that nobody answered yet."""
    return _of(regies).filter(state=EnrolmentState.REQUESTED).count()


def listed_requests(regies: Collection[int], *, filters: RequestFilters, page: str) -> RequestList:
    """Enrolments of some régies, those that wait first, the oldest at the top; three queries."""
    kept = Q()
    if filters.activity:
        kept &= Q(activity__public_id=filters.activity)
    if filters.year:
        kept &= Q(activity__school_year=filters.year)
    if filters.state:
        kept &= Q(state=filters.state)
    rows = _of(regies).filter(kept).select_related("child", "household", "activity__school_year", "group")
    first = Case(When(state=EnrolmentState.REQUESTED, then=Value(0)), default=Value(1))
    ordered = rows.order_by(first, "requested_at", "id")
    return RequestList(Paginator(ordered, _PAGE).get_page(page), waiting_requests(regies))


def activities_of_regies(regies: Collection[int]) -> list[Activity]:
    """Every activity of some régies, the last school year first."""
    rows = Activity.objects.filter(regie__in=regies).select_related("school_year", "site")
    return list(rows.order_by("-school_year__first_day", "position", "name"))


def open_activities(regies: Collection[int], *, today: date) -> list[Activity]:
    """Activities of some régies that are not over, published or not, with their groups."""
    rows = Activity.objects.filter(regie__in=regies, last_day__gte=today).select_related("school_year")
    return list(rows.prefetch_related("groups").order_by("school_year__first_day", "position", "name"))


def years_of(activities: Sequence[Activity]) -> list[SchoolYear]:
    """The school years of some activities, in their order."""
    return list({activity.school_year_id: activity.school_year for activity in activities}.values())


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """A group a child could join; `refusal`: why the rules say no, else empty."""

    group: ActivityGroup
    enrolled: int
    refusal: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that the activity asks: whether the family says it brings it, whether an agent has it."""

    name: str
    is_given: bool
    is_received: bool


@dataclass(frozen=True, slots=True)
class RequestSheet:
    """One enrolment before an agent. `age` on its first day; `refusal`: what the rules of the activity say against it.

    `enrolled`: children enrolled now, beside the places of a day. `booked_until`: last day confirmed, if any.
    """

    enrolment: Enrolment
    adults: Sequence[Guardian]
    age: str
    refusal: str
    groups: tuple[GroupChoice, ...]
    enrolled: int
    papers: tuple[Paper, ...]
    motives: Sequence[Motive]
    contracts: Sequence[CareContract]
    booked_until: date | None
    #: Whether it is in force, or will be.
    is_running: bool

    @property
    def is_waiting(self) -> bool:
        return self.enrolment.state == EnrolmentState.REQUESTED

    @property
    def takes_contracts(self) -> bool:
        return self.enrolment.activity.unit_mode == UnitMode.CONTRACT


def request_sheet(regies: Collection[int], *, public_id: str, today: date) -> RequestSheet:
    """One enrolment in an activity of some régies; a constant number of queries.

    Raises:
        Enrolment.DoesNotExist: no such one there.
    """
    rows = _of(regies).select_related("child", "household", "activity__school_year", "activity__site", "group")
    enrolment = rows.prefetch_related("events").get(public_id=public_id)
    activity, child = enrolment.activity, enrolment.child
    booked = Booking.objects.filter(enrolment=enrolment, state=BookingState.CONFIRMED).order_by("-day").first()
    who: dict[str, Any] = {"birth_date": child.birth_date, "level": child.level, "on": enrolment.first_day}
    counts = _enrolled(activity, today)
    return RequestSheet(
        enrolment=enrolment,
        adults=adults_of(enrolment.household),
        age=age_on(child.birth_date, enrolment.first_day),
        refusal=refusal_of(child, activity, on=enrolment.first_day),
        groups=tuple(
            GroupChoice(group, counts.get(group.id, 0), refusal(group, **who)) for group in activity.groups.all()
        ),
        enrolled=sum(counts.values()),
        papers=tuple(
            Paper(paper, paper in enrolment.papers_given, paper in enrolment.papers_received)
            for paper in activity.required_papers
        ),
        motives=lawful_motives(activity.kind),
        contracts=list(enrolment.contracts.prefetch_related("days")),
        booked_until=booked.day if booked else None,
        is_running=enrolment.state == EnrolmentState.ACCEPTED and enrolment.last_day >= today,
    )


def age_on(birth_date: date | None, on: date) -> str:
    """« 8 ans et 7 mois »; empty when the birth date is unknown, or later."""
    return age_words(age_in_months(birth_date, on=on)) if birth_date and birth_date <= on else ""


def _enrolled(activity: Activity, today: date) -> dict[int | None, int]:
    """Children enrolled in an activity now or later, by group (None: without a group)."""
    rows = Enrolment.objects.filter(activity=activity, state=EnrolmentState.ACCEPTED, last_day__gte=today)
    return dict(rows.values_list("group").annotate(n=Count("id")).values_list("group", "n").order_by())
