"""The planning of one child over some days: what is booked, what can be, at what price, and why not otherwise.

One scene is loaded in a number of queries that grows neither with the days nor with the children; everything else is
computed (design 7).
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from preau.domain.accounts.models import User
from preau.domain.bookings.models import DraftChange
from preau.domain.bookings.queries.enrolments import children_of
from preau.domain.bookings.queries.planning.boxes import Box, BoxState, ChildTab, Day, Option, Planning, Row
from preau.domain.bookings.queries.planning.scene import Scene
from preau.domain.bookings.rules.periods import Period
from preau.domain.families.models import Child, Household

__all__ = ["Box", "BoxState", "ChildTab", "Day", "Option", "Planning", "Row", "planning_of"]


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
    scene = Scene.load(child, household, drafts, period, now, zone)
    days = tuple(scene.day(day) for day in period.days)
    return Planning(tabs, child, period, scene.rows(days), days, len(drafts))


def _chosen(children: Sequence[Child], child_id: str) -> Child | None:
    if not child_id:
        return children[0] if children else None
    for child in children:
        if child.public_id == child_id:
            return child
    raise Child.DoesNotExist(child_id)
