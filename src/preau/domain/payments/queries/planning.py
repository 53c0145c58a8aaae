"""What the planning page tells besides the days: what is held until when, what is due, menus (C14, C26, C39)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from preau.domain.accounts.models import User
from preau.domain.activities.queries.menus import menus_of
from preau.domain.bookings.models import BookingOrder, OrderLine
from preau.domain.bookings.queries.planning import Planning, planning_of
from preau.domain.bookings.queries.proposals import Proposal, proposal_of
from preau.domain.bookings.rules.periods import Period
from preau.domain.bookings.states import OPEN_ORDERS
from preau.domain.families.models import Household
from preau.domain.payments.queries.orders import Balance, balances_of


@dataclass(frozen=True, slots=True)
class FamilyPlanning:
    """The planning of a child, and what waits for its family.

    `waiting` gives, by booking id, the open order that holds it or asks its removal. `menus` by (site id, day).
    """

    planning: Planning
    balances: tuple[Balance, ...]
    waiting: Mapping[int, BookingOrder]
    menus: Mapping[tuple[int, date], str]

    @property
    def count(self) -> int:
        """Changes not saved or not paid yet: the number of « Récapitulatif (n) » (C29)."""
        return self.planning.changes + len(self.waiting)


@dataclass(frozen=True, slots=True)
class EditedPlanning:
    """The same, with what the draft would do if it were saved now."""

    page: FamilyPlanning
    proposal: Proposal


def family_planning(
    *, user: User, household: Household, child_id: str, period: Period, now: datetime, zone: ZoneInfo
) -> FamilyPlanning:
    """A number of queries that grows neither with the days nor with the children.

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
    """
    planning = planning_of(user=user, household=household, child_id=child_id, period=period, now=now, zone=zone)
    return FamilyPlanning(
        planning=planning,
        balances=tuple(balances_of(household, (row.activity.regie for row in planning.rows))),
        waiting=_waiting(household),
        menus=_menus(planning),
    )


def edited_planning(
    *, user: User, household: Household, child_id: str, period: Period, now: datetime, zone: ZoneInfo
) -> EditedPlanning:
    """What the edit mode shows.

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
    """
    return EditedPlanning(
        family_planning(user=user, household=household, child_id=child_id, period=period, now=now, zone=zone),
        proposal_of(user=user, household=household, now=now, zone=zone),
    )


def _waiting(household: Household) -> dict[int, BookingOrder]:
    lines = OrderLine.objects.filter(order__household=household, order__state__in=OPEN_ORDERS)
    return {line.booking_id: line.order for line in lines.select_related("order")}


def _menus(planning: Planning) -> dict[tuple[int, date], str]:
    """Menus of the sites where the child eats, in one line each (V12)."""
    sites = {row.activity.site for row in planning.rows if any(unit.has_meal for unit in row.units)}
    if not sites:
        return {}
    menus = menus_of(sites, first=planning.period.first, last=planning.period.last)
    return {key: menu.words for key, menu in menus.items()}
