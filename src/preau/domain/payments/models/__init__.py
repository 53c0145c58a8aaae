"""Facts about paying: baskets, attempts, what gateways said, what was captured, what needs a person."""

from preau.domain.payments.models.attempts import AttemptEvent, AttemptLine, Checkout, PaymentAttempt
from preau.domain.payments.models.baskets import BasketLine
from preau.domain.payments.models.captures import Allocation, Capture, FamilyCredit, Receipt
from preau.domain.payments.models.cases import ReviewCase
from preau.domain.payments.models.messages import Evidence, GatewayMessage

__all__ = [
    "Allocation",
    "AttemptEvent",
    "AttemptLine",
    "BasketLine",
    "Capture",
    "Checkout",
    "Evidence",
    "FamilyCredit",
    "GatewayMessage",
    "PaymentAttempt",
    "Receipt",
    "ReviewCase",
]
