"""What would make each statement about bookings false, planted past every defence (I14–I17, I19–I21)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import F

from preau.domain.activities.models import Activity, PlacesOfDay
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.models import (
    Booking,
    BookingEvent,
    BookingOrder,
    Enrolment,
    OrderEvent,
    OrderLine,
)
from preau.domain.payments.services.agent_bookings import book_for_family
from preau.domain.pricing.models import TariffVersion
from tests.support.activities import make_deadline
from tests.support.bookings import AGENT, MONDAY, Family, make_family, make_service
from tests.support.factories import NOON, make_regie
from tests.support.planting import past_defences
from tests.support.refusals import again


def booked() -> Family:
    """A family of a canteen of three places: one day confirmed by an agent, the invoice left due."""
    family = make_family(make_service(capacity=3, regie=make_regie()))
    book_for_family(
        enrolment=family.children[0].enrolments.get(),
        wanted=Wanted(family.unit),
        days=[MONDAY],
        form_key="clic",
        shown_cents=360,
        derogation="",
        by=AGENT,
    )
    return family


def _held() -> Family:
    family = make_family(make_service(capacity=3, regie=make_regie()))
    family.hold(MONDAY)
    return family


def _retouched(model: Any, *barriers: str, made: Callable[[], Family] = booked, **values: Any) -> Callable[[Any], None]:
    def plant(_: Any) -> None:
        made()
        with past_defences(model, *barriers):
            model.objects.update(**values)

    return plant


def _two_bookings_of_a_day(_: Any) -> None:
    booked()
    with past_defences(Booking, "a_child_has_one_live_booking_per_activity_and_day"):
        again(Booking.objects.get()).save(force_insert=True)


def _booked_too_late(_: Any) -> None:
    family = booked()
    make_deadline(family.activity)
    with past_defences(Booking):
        Booking.objects.update(created_at=NOON + timedelta(days=30))


def _paid_by_nobody(_: Any) -> None:
    booked()
    with past_defences(OrderEvent):
        OrderEvent.objects.update(actor="family:somebody")


def _given_up_by_another_family(_: Any) -> None:
    booked()
    order = make_family(make_service("Garderie", regie=make_regie())).hold(MONDAY)
    booking = Booking.objects.exclude(household=order.household).get()
    OrderLine.objects.create(order=order, booking=booking, kind=OrderLine.Kind.REMOVE, amount_cents=-360)


BOOKING_PLANTS: dict[str, Callable[[Any], None]] = {
    (
        "Les places prises d’un jour sont celles des réservations en cours, jamais au-delà du plafond, "
        "et le plafond ne dépasse ce que veut la ville que de ce qui était déjà pris"
    ): _retouched(PlacesOfDay, taken=F("taken") + 1),
    "Un enfant a une réservation en cours au plus par activité et par jour": _two_bookings_of_a_day,
    "Une réservation en cours est celle d’un enfant inscrit ce jour-là, ou d’une dérogation": _retouched(
        Enrolment, last_day=MONDAY - timedelta(days=1)
    ),
    "Aucune réservation n’a été faite pour un jour déjà fermé, ni hors délai, sans dérogation": _booked_too_late,
    "Le prix d’une réservation vient d’un tarif de sa régie, déjà en vigueur le jour réservé": _retouched(
        TariffVersion, valid_from=MONDAY + timedelta(days=1)
    ),
    "Une commande ne touche que des réservations de sa famille": _given_up_by_another_family,
    "L’histoire d’une réservation suit le tableau des états et finit par son état": _retouched(
        BookingEvent, name="magic"
    ),
    "L’histoire d’une commande de réservations suit le tableau des états et finit par son état": _retouched(
        BookingOrder, state="dropped"
    ),
    (
        "Une réservation payée d’abord et confirmée vient d’une commande confirmée, et d’une seule, qui est payée, "
        "ne demandait rien, ou laisse un restant dû qui s’explique"
    ): _paid_by_nobody,
    (
        "Aucune place n’est gardée plus de deux minutes après sa limite, sauf pendant un paiement, "
        "et aucune sans commande ouverte"
    ): _retouched(BookingOrder, made=_held, hold_until=NOON - timedelta(minutes=3)),
}

#: Statement → other ways in which it is false, each told too.
_LINES = ["places_taken_never_exceed_the_ceiling", "ceiling_of_places_is_never_under_capacity"]


def _hole(_: Any) -> None:
    booked()
    with past_defences(BookingEvent):
        BookingEvent.objects.filter(sequence=2).update(sequence=3)


def _moved_without_event(_: Any) -> None:
    booked()
    Booking.objects.update(state="cancelled")
    PlacesOfDay.objects.update(taken=0)


def _wholly_cancelled(_: Any) -> None:
    """An invoice that « avoirs » settled to the last cent, and whose place stands."""
    from preau.domain.billing.models import Invoice  # noqa: PLC0415  (named here only)

    _paid_by_nobody(_)
    with past_defences(Invoice):
        Invoice.objects.filter(of_order__isnull=False).update(credited_cents=360, settled_on=NOON.date())


def _made_on_a_closed_day(_: Any) -> None:
    booked()
    Activity.objects.update(weekdays=0b0000100)


OTHER_PLANTS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "more taken than the ceiling": (
        "I14",
        _retouched(PlacesOfDay, *_LINES, capacity=0, ceiling=0),
    ),
    "a ceiling that nothing explains": ("I14", _retouched(PlacesOfDay, ceiling=F("ceiling") + 1)),
    "of another child": (
        "I19",
        _retouched(Enrolment, "only_a_request_is_undecided", state="refused", reason="complet"),
    ),
    "made on a closed day": ("I19", _made_on_a_closed_day),
    "another price than its line": ("I16", _retouched(Booking, price_cents=1)),
    "an invoice that was only cancelled": ("I16", _wholly_cancelled),
    "held without order": ("I17", _retouched(BookingOrder, made=_held, state="dropped", ended_at=NOON)),
    "an open order without place": ("I17", _retouched(Booking, made=_held, state="released")),
    "leaving for no order": ("I17", _retouched(Booking, is_leaving=True)),
    "a hole in its history": ("I21", _hole),
    "a state without event": ("I21", _moved_without_event),
    "added by no line": ("I16", _retouched(OrderLine, kind="remove", amount_cents=0)),
}
