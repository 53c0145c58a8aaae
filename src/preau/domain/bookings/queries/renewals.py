"""A new school year needs new enrolments: what last year's would become (C47)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from preau.domain.activities.models import Activity, SchoolYear
from preau.domain.bookings.models import Enrolment
from preau.domain.bookings.queries.enrolments import children_of, enrolments_of, why_not_of
from preau.domain.bookings.states import EnrolmentState
from preau.domain.families.models import Child, Household


@dataclass(frozen=True, slots=True)
class Renewal:
    """An activity of the new year that follows one of the year before; `refusal`: why the child cannot, else empty."""

    previous: Enrolment
    activity: Activity
    refusal: str


@dataclass(frozen=True, slots=True)
class ChildRenewals:
    """What one child may be enrolled in again, in one touch."""

    child: Child
    rank: int
    school_year: SchoolYear
    renewals: tuple[Renewal, ...]

    @property
    def possible(self) -> list[Renewal]:
        return [renewal for renewal in self.renewals if not renewal.refusal]


def renewals_of(household: Household, *, today: date) -> list[ChildRenewals]:
    """For each child, the activities of the next school year of the same kind at the same site as last year's.

    Last year's: accepted, and kept to the end. Those of the next year: published, and not asked yet. A constant number
    of queries.
    """
    years = list(SchoolYear.objects.order_by("first_day"))
    follows = {before.id: after for before, after in pairwise(years)}
    enrolments = list(enrolments_of(household))
    offered = _offered([year for year in follows.values() if year.last_day >= today], today=today)
    found = []
    for rank, child in children_of(household):
        mine = [enrolment for enrolment in enrolments if enrolment.child_id == child.id]
        by_year: dict[SchoolYear, list[Renewal]] = {}
        for renewal in _renewals(child, mine, follows, offered, today=today):
            by_year.setdefault(renewal.activity.school_year, []).append(renewal)
        found += [ChildRenewals(child, rank, year, tuple(same)) for year, same in by_year.items()]
    return found


def _offered(years: Iterable[SchoolYear], *, today: date) -> list[Activity]:
    rows = Activity.objects.filter(school_year__in=list(years), is_published=True, last_day__gte=today)
    return list(rows.select_related("site", "school_year").prefetch_related("groups").order_by("position", "name"))


def _renewals(
    child: Child,
    enrolments: Sequence[Enrolment],
    follows: dict[int, SchoolYear],
    offered: Sequence[Activity],
    *,
    today: date,
) -> list[Renewal]:
    asked = {enrolment.activity_id for enrolment in enrolments}
    found: list[Renewal] = []
    for previous in reversed(enrolments):  # in the order in which they were asked
        year = follows.get(previous.activity.school_year_id)
        if year is None or not _kept_to_the_end(previous):
            continue
        after = _successor(previous.activity, [one for one in offered if one.school_year_id == year.id])
        if after is not None and after.id not in asked:
            asked.add(after.id)
            found.append(Renewal(previous, after, why_not_of(child, after, after.groups.all(), today=today)))
    return found


def _kept_to_the_end(enrolment: Enrolment) -> bool:
    ended_early = enrolment.last_day < enrolment.activity.last_day
    return enrolment.state == EnrolmentState.ACCEPTED and not ended_early


def _successor(activity: Activity, offered: Iterable[Activity]) -> Activity | None:
    """Of the same kind at the same site, the one that looks most like it: its name, then its days."""
    same = [one for one in offered if (one.kind, one.site_id) == (activity.kind, activity.site_id)]
    return min(same, key=lambda one: (one.name != activity.name, one.drawn_from != activity.drawn_from), default=None)
