"""A canteen in full swing: groups, diets, places held and not paid, a full day, a closed one, a child who waits."""

from dataclasses import dataclass
from itertools import cycle

from preau.domain.activities.models import Activity, Closure, PaymentMode
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.models import Booking, Enrolment, WaitingEntry
from preau.domain.bookings.services.waiting import join_waiting_list
from preau.domain.families.models import Child, ChildDiet, Diet, Household
from preau.domain.payments.services.agent_bookings import book_for_family
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.regies.models import Regie
from tests.support.activities import make_activity_group, make_unit
from tests.support.bookings import AGENT, MONDAY, TUESDAY, Family, make_enrolment, make_service, price
from tests.support.factories import make_household, user_of

NAMES = ("Zélie", "Noé", "Ana", "Léo", "Maël", "Inès", "Côme", "Lou", "Sacha", "Rose", "Adam", "Jeanne")


@dataclass(frozen=True)
class Canteen:
    """What pages are about: a booking of the family given, and a child of hers before a full day."""

    activity: Activity
    booking: Booking
    entry: WaitingEntry
    waiting_enrolment: Enrolment


def make_busy_canteen(household: Household, regie: Regie, *, surname: str = "Marchal") -> Canteen:
    """Twelve children of another family and all but one of `household` booked on Monday and Tuesday, Tuesday closed."""
    activity = make_service("Restauration scolaire Jules-Ferry", regie=regie, cents=360, capacity=40)
    price(make_unit(activity, "Panier-repas", has_meal=True), 120)
    groups = [make_activity_group(activity, name) for name in ("Maternelles", "Élémentaires")]
    others = make_household(file_name=surname[:20], children=len(NAMES))
    diets = cycle([(), (), (Diet.NO_PORK,), (), (Diet.NO_MEAT, Diet.NO_GLUTEN), (), (Diet.OWN_BASKET,)])
    enrolments = []
    for child, name in zip(others.children.order_by("id"), NAMES, strict=True):
        Child.objects.filter(id=child.id).update(first_name=name, last_name=surname)
        ChildDiet.objects.bulk_create(ChildDiet(child=child, diet=diet) for diet in next(diets))
        enrolments.append(make_enrolment(child, activity, others, group=groups[child.id % 2]))
    mine = [make_enrolment(child, activity, household, group=groups[1]) for child in household.children.order_by("id")]
    *booked, waiting = mine
    for enrolment in [*enrolments[:-1], *booked]:
        _book(enrolment)
    held = Family(others, user_of(others), activity, [enrolments[-1].child])
    held.draft(MONDAY, unit=activity.units.get(name="Repas"))
    held.save()
    Activity.objects.filter(id=activity.id).update(capacity=len(enrolments) + len(booked))
    activity.places.update(capacity=len(enrolments) + len(booked) - 3)
    activity.places.filter(day=MONDAY).update(ceiling=len(enrolments) + len(booked))
    activity.places.filter(day=TUESDAY).update(ceiling=len(enrolments) + len(booked) - 1)
    Closure.objects.create(activity=activity, first_day=TUESDAY, last_day=TUESDAY, reason="Grève du personnel")
    entry = join_waiting_list(
        household=household,
        child_id=waiting.child.public_id,
        activity_id=activity.public_id,
        unit_code="repas",
        day=MONDAY,
    )
    return Canteen(activity, Booking.objects.filter(household=household, day=MONDAY)[0], entry, waiting)


def _book(enrolment: Enrolment) -> None:
    activity = enrolment.activity
    assert activity.payment_mode == PaymentMode.IMMEDIATE
    book_for_family(
        enrolment=enrolment,
        wanted=Wanted(activity.units.get(name="Repas")),
        days=[MONDAY, TUESDAY],
        form_key=new_form_key(),
        shown_cents=720,
        derogation="",
        by=AGENT,
    )
