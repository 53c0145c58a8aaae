from preau.domain.bookings.models.bookings import Booking, BookingEvent
from preau.domain.bookings.models.contracts import CareContract, ContractDay, ContractEvent
from preau.domain.bookings.models.drafts import DraftChange
from preau.domain.bookings.models.enrolments import Enrolment, EnrolmentEvent
from preau.domain.bookings.models.orders import BookingOrder, OrderEvent, OrderLine
from preau.domain.bookings.models.waiting import WaitingEntry

__all__ = [
    "Booking",
    "BookingEvent",
    "BookingOrder",
    "CareContract",
    "ContractDay",
    "ContractEvent",
    "DraftChange",
    "Enrolment",
    "EnrolmentEvent",
    "OrderEvent",
    "OrderLine",
    "WaitingEntry",
]
