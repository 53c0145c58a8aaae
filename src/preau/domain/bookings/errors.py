"""Refusals that a caller must handle; `message` can be shown to a family."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from preau.foundation import french

if TYPE_CHECKING:
    from preau.domain.bookings.queries.proposals import Proposal


class BookingError(Exception):
    """Nothing was written."""

    message = "Vos choix n’ont pas pu être enregistrés."

    def __init__(self, message: str = "") -> None:
        self.message = message or self.message
        super().__init__(self.message)


class ForbiddenMoveError(BookingError):
    """The table of states does not hold this move."""


class NothingToSaveError(BookingError):
    """The draft is empty."""

    message = "Il n’y a aucun changement à enregistrer."


class RefusedChangesError(BookingError):
    """Some days cannot be booked or given back; `proposal` says which and why."""

    message = "Certains jours ne peuvent pas être réservés."

    def __init__(self, proposal: "Proposal", message: str = "") -> None:
        super().__init__(message)
        self.proposal = proposal


class PriceChangedError(BookingError):
    """What would be asked is not what the page announced (U6)."""


class TooManyHeldError(BookingError):
    """The family already holds as many unpaid places as the town allows (W25)."""


class FullError(BookingError):
    """Some days have no place left; `slots` are those that failed."""

    def __init__(self, slots: "tuple[object, ...]") -> None:
        super().__init__("Il n’y a plus assez de places.")
        self.slots = slots


class OrderClosedError(BookingError):
    """The order is no longer waiting: paid, dropped, or its time is over."""

    message = "Ces réservations n’attendent plus de paiement."


class DraftTooLongError(BookingError):
    """More days than a person ever books at once."""

    message = "Il y a trop de jours à la fois : enregistrez d’abord ceux que vous avez choisis."


class EnrolmentRefusedError(BookingError):
    """The child cannot be enrolled; the message says why, `field` names what was typed wrong, if anything was."""

    def __init__(self, message: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ContractRefusedError(BookingError):
    """The contract cannot be written, changed or ended; `field` names what was typed wrong, empty when nothing was."""

    message = "Ce contrat ne peut pas être enregistré."

    def __init__(self, message: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ContractFullError(ContractRefusedError):
    """Some days of a contract have no place left: nothing was taken."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__(f"Il n’y a plus de place {french.days_listed(days)}. Rien n’a été enregistré.")
        self.days = tuple(days)


class WaitingRefusedError(BookingError):
    """The child cannot wait for this day; the message says why."""


class ReasonMissingError(BookingError):
    """An agent passes a rule, or takes something away, without saying why (I19, U12)."""

    message = "Expliquez en quelques mots\u202f: un collègue, ou la famille, le lira."


class NotToBookError(BookingError):
    """What an agent asks cannot be done; the message says why."""
