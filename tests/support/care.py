"""A crèche with its contracts: the start of tests about care by the month."""

from datetime import date
from typing import Any

from preau.domain.activities.models import Activity, ActivityKind, UnitMode
from preau.domain.bookings.models import CareContract, Enrolment
from preau.domain.bookings.rules.contracts import Hours, Terms
from preau.domain.bookings.services.contracts import write_contract
from tests.support.activities import make_activity, make_unit
from tests.support.bookings import AGENT, price

NINE, NOON, FIVE = 9 * 60, 12 * 60, 17 * 60
#: Two mornings and a whole day a week.
WEEK = (Hours(0, NINE, NOON), Hours(1, NINE, NOON), Hours(3, NINE, FIVE))
#: Contracts of these tests run over two weeks of November 2026: three Mondays, Tuesdays and Thursdays less one.
FIRST, LAST = date(2026, 11, 16), date(2026, 12, 4)


def make_creche(name: str = "Crèche Les Lutins", *, cents: int = 180, **values: Any) -> Activity:
    """Open from 7 h 30 to 18 h 30, priced by the hour."""
    defaults = {
        "kind": ActivityKind.COLLECTIVE_CRECHE,
        "unit_mode": UnitMode.CONTRACT,
        "weekdays": 0b11111,
        "drawn_from": "both",
        "opens_minute": 7 * 60 + 30,
        "closes_minute": 18 * 60 + 30,
    }
    activity = make_activity(name, **{**defaults, **values})
    price(make_unit(activity, "Heure", parts=[], has_meal=False), cents)
    return activity


def terms(**values: Any) -> Terms:
    return Terms(**{"first_day": FIRST, "last_day": LAST, "hours": WEEK, "weeks": 3, "months": 1, **values})


def make_care_contract(enrolment: Enrolment, **values: Any) -> CareContract:
    return write_contract(enrolment_id=enrolment.public_id, terms=terms(**values), by=AGENT)
