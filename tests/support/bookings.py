"""A family, its children and what they can be booked in: the start of most booking tests."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from preau.domain.accounts.models import User
from preau.domain.activities.models import Activity, PaymentMode, Unit
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.models import Booking, BookingOrder, Enrolment
from preau.domain.bookings.queries.planning import Planning, planning_of
from preau.domain.bookings.queries.proposals import proposal_of
from preau.domain.bookings.rules.periods import View, period_of
from preau.domain.bookings.services.drafts import draft_days
from preau.domain.bookings.services.enrolments import enrol
from preau.domain.bookings.services.saving import Saved
from preau.domain.families.models import Child, Household
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.queries.orders import summary_of
from preau.domain.payments.services.attempts import Click, new_form_key
from preau.domain.payments.services.orders import pay_orders, save_bookings
from preau.domain.payments.services.sending import send_attempt
from preau.domain.pricing.models import PriceLine, Tariff, TariffVersion, UnitTariff
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from tests.support.activities import make_activity, make_unit
from tests.support.factories import make_household, make_regie, make_town, user_of

PARENT = Actor(kind="family", key="parent")
AGENT = Actor(kind="agent", key="agent")
#: School days after `factories.NOON` (Thursday 8 October 2026), holidays left out.
MONDAY, TUESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (16, 17, 19, 20))


def price(unit: Unit, cents: int, **values: Any) -> TariffVersion:
    """Give a unit a fixed price from the first of September."""
    tariff = Tariff.objects.create(regie=unit.activity.regie, name=f"Tarif {unit.id}")
    version = TariffVersion.objects.create(
        tariff=tariff, **{"valid_from": date(2026, 9, 1), "deliberation": "délibération n° 2026-41", **values}
    )
    PriceLine.objects.create(version=version, position=1, price_cents=cents)
    UnitTariff.objects.create(unit=unit, tariff=tariff)
    return version


def reprice(unit: Unit, cents: int, **values: Any) -> TariffVersion:
    """A newer version of the unit's tariff: what was decided before is never rewritten."""
    version = TariffVersion.objects.create(
        tariff=unit.pricing.tariff,
        **{"valid_from": date(2026, 9, 2), "deliberation": "délibération n° 2026-42", **values},
    )
    PriceLine.objects.create(version=version, position=1, price_cents=cents)
    return version


def surcharge(unit: Unit, cents: int) -> None:
    """The same price as before, and so much more for a late booking."""
    reprice(unit, 360, late_surcharge_cents=cents)


def make_service(
    name: str = "Cantine Jules-Ferry", *, cents: int = 360, unit: str = "Repas", **values: Any
) -> Activity:
    """An activity with one priced unit, paid at once unless said otherwise."""
    activity = make_activity(name, **{"payment_mode": PaymentMode.IMMEDIATE, "hold_minutes": 60, **values})
    price(make_unit(activity, unit), cents)
    return activity


def make_enrolment(child: Child, activity: Activity, household: Household, **values: Any) -> Enrolment:
    return enrol(
        **{
            "household": household,
            "child": child,
            "activity": activity,
            "group": None,
            "first_day": activity.first_day,
            "last_day": activity.last_day,
            "by": AGENT,
            **values,
        }
    )


def _links(attempt: PaymentAttempt) -> tuple[str, str]:
    return f"https://town.example/n/{attempt.return_token}", f"https://town.example/r/{attempt.return_token}"


@dataclass
class Family:
    """A family with its children enrolled in one activity; every method goes through the services a page calls."""

    household: Household
    user: User
    activity: Activity
    children: list[Child] = field(default_factory=list)

    @property
    def unit(self) -> Unit:
        return self.activity.units.get()

    def draft(self, *days: date, child: int = 0, unit: Unit | None = None, activity: Activity | None = None) -> None:
        activity = activity or self.activity
        wanted = Wanted(unit or activity.units.first())
        self.wish(dict.fromkeys(((activity.public_id, day) for day in days), wanted), child=child)

    def undraft(self, *days: date, child: int = 0) -> None:
        """Untick days."""
        self.wish(dict.fromkeys(((self.activity.public_id, day) for day in days), Wanted(None)), child=child)

    def wish(self, boxes: dict[tuple[str, date], Wanted], *, child: int = 0) -> None:
        draft_days(user=self.user, household=self.household, child_id=self.children[child].public_id, boxes=boxes)

    @property
    def proposal(self):
        return proposal_of(user=self.user, household=self.household, now=clock.now(), zone=the_town().zone)

    def planning(self, view: View = View.MONTH, day: date = MONDAY, *, child: int = 0) -> Planning:
        """What the planning of a child says now."""
        return planning_of(
            user=self.user,
            household=self.household,
            child_id=self.children[child].public_id,
            period=period_of(view, day),
            now=clock.now(),
            zone=the_town().zone,
        )

    def save(self, **values: Any) -> Saved:
        if "shown_cents" not in values:
            values["shown_cents"] = self.proposal.cost_cents
        return save_bookings(
            **{
                "household": self.household,
                "user": self.user,
                "form_key": new_form_key(),
                "by": PARENT,
                **values,
            }
        )

    def hold(self, *days: date, child: int = 0) -> BookingOrder:
        """Days held, waiting for their payment."""
        self.draft(*days, child=child)
        (order,) = self.save().orders
        return order

    def pay(self, **values: Any) -> PaymentAttempt | None:
        click = Click(
            **{
                "receipt_email": "parent@example.org",
                "form_key": new_form_key(),
                "shown_cents": summary_of(self.household).first_cents,
                **values,
            }
        )
        return pay_orders(household=self.household, user=self.user, click=click, by=PARENT)

    def go_to_bank(self) -> PaymentAttempt:
        """Pay what is held, and leave for the bank."""
        attempt = self.pay()
        assert attempt is not None
        send_attempt(attempt=attempt, link_for=_links, by=PARENT)
        attempt.refresh_from_db()
        return attempt

    def states(self, *, child: int = 0) -> dict[date, str]:
        """State of the last booking of each day."""
        rows = Booking.objects.filter(child=self.children[child]).order_by("id")
        return {row.day: row.state for row in rows}


def make_family(activity: Activity | None = None, *, children: int = 1, **values: Any) -> Family:
    """A family whose children are enrolled in an activity of their own town."""
    make_town()
    activity = activity or make_service(regie=make_regie())
    household = make_household(children=children, **values)
    theirs = [place.child for place in household.child_places.select_related("child")]
    for child in theirs:
        make_enrolment(child, activity, household)
    return Family(household, user_of(household), activity, theirs)
