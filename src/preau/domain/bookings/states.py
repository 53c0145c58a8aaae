"""The lives of an enrolment, of a booking and of an order, as data (reliability E.2).

A place is held before it is paid and confirmed by money alone where the town asks it; a late payment finds its place
again if there is room, else becomes the family's credit.
"""

from collections.abc import Mapping

from django.db.models import TextChoices


class EnrolmentState(TextChoices):
    """A child's right to be booked in an activity."""

    REQUESTED = "requested", "demandée"
    ACCEPTED = "accepted", "acceptée"
    REFUSED = "refused", "refusée"
    WITHDRAWN = "withdrawn", "retirée par la famille"
    ENDED = "ended", "terminée"


E = EnrolmentState

LIVE_ENROLMENTS = (E.REQUESTED, E.ACCEPTED)

#: (from, to) → name of the event kept. Any other move is refused.
ENROLMENT_MOVES: Mapping[tuple[EnrolmentState, EnrolmentState], str] = {
    (E.REQUESTED, E.ACCEPTED): "accepted",
    (E.REQUESTED, E.REFUSED): "refused",
    (E.REQUESTED, E.WITHDRAWN): "withdrawn",
    (E.ACCEPTED, E.ENDED): "ended",
}


class ContractState(TextChoices):
    """A care contract: what holds places until its last day."""

    SIGNED = "signed", "signé"
    ENDED = "ended", "terminé avant son terme"
    VOID = "void", "annulé avant son premier jour"


CONTRACT_MOVES: Mapping[tuple[ContractState, ContractState], str] = {
    (ContractState.SIGNED, ContractState.ENDED): "ended",
    (ContractState.SIGNED, ContractState.VOID): "voided",
}


class BookingState(TextChoices):
    """One child, one day, one activity. The first two hold a place."""

    HELD = "held", "en attente de paiement"
    CONFIRMED = "confirmed", "réservé"
    RELEASED = "released", "réserve échue"
    CANCELLED = "cancelled", "annulé"


B = BookingState

#: States that take a place (I14).
LIVE_BOOKINGS = (B.HELD, B.CONFIRMED)

BOOKING_MOVES: Mapping[tuple[BookingState, BookingState], str] = {
    (B.HELD, B.CONFIRMED): "confirmed",
    (B.HELD, B.RELEASED): "released",
    (B.CONFIRMED, B.CANCELLED): "cancelled",
    # Paid after the hold was over, and there was still room (N4).
    (B.RELEASED, B.CONFIRMED): "confirmed_late",
}


class OrderState(TextChoices):
    """What a family saved at once for one régie and one way to pay."""

    HELD = "held", "en attente de paiement"
    OFFERED = "offered", "place proposée"
    CONFIRMED = "confirmed", "enregistrée"
    LAPSED = "lapsed", "échue"
    DROPPED = "dropped", "supprimée"
    CANCELLED = "cancelled", "annulée par la mairie"


R = OrderState

#: Orders whose places wait for an answer or for money.
OPEN_ORDERS = (R.HELD, R.OFFERED)

ORDER_MOVES: Mapping[tuple[OrderState, OrderState], str] = {
    (R.OFFERED, R.HELD): "offer_taken",
    (R.OFFERED, R.CONFIRMED): "offer_confirmed",
    (R.OFFERED, R.LAPSED): "offer_lapsed",
    (R.OFFERED, R.DROPPED): "offer_declined",
    (R.OFFERED, R.CANCELLED): "offer_cancelled",
    (R.HELD, R.CONFIRMED): "confirmed",
    (R.HELD, R.LAPSED): "lapsed",
    (R.HELD, R.DROPPED): "dropped",
    (R.HELD, R.CANCELLED): "cancelled",
    # Paid too late. What the town took away does not come back: that payment is the family's credit.
    (R.LAPSED, R.CONFIRMED): "confirmed_late",
    (R.DROPPED, R.CONFIRMED): "confirmed_late",
}


class WaitingState(TextChoices):
    """A child's turn on the waiting list of a day."""

    WAITING = "waiting", "en attente"
    OFFERED = "offered", "place proposée"
    TAKEN = "taken", "place prise"
    PASSED = "passed", "sans réponse"
    LEFT = "left", "retirée"


#: States that keep a child on the list.
LIVE_WAITING = (WaitingState.WAITING, WaitingState.OFFERED)
