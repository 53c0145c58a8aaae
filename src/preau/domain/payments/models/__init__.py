"""Facts about paying: baskets, attempts, what gateways said, what was captured, what needs a person."""

from preau.domain.payments.models.aftermath import (
    CreditNoteProposal,
    CreditUse,
    Refund,
    Reversal,
    ReversalPart,
    TwoPersonAct,
)
from preau.domain.payments.models.attempts import AttemptEvent, AttemptLine, Checkout, PaymentAttempt
from preau.domain.payments.models.baskets import BasketLine
from preau.domain.payments.models.captures import Allocation, Capture, FamilyCredit, Receipt
from preau.domain.payments.models.cases import CaseDecision, ReviewCase
from preau.domain.payments.models.chain import ReceiptAnchor, ReceiptLink
from preau.domain.payments.models.messages import Evidence, GatewayMessage
from preau.domain.payments.models.statements import BankStatement, Reconciliation, StatementEntry

__all__ = [
    "Allocation",
    "AttemptEvent",
    "AttemptLine",
    "BankStatement",
    "BasketLine",
    "Capture",
    "CaseDecision",
    "Checkout",
    "CreditNoteProposal",
    "CreditUse",
    "Evidence",
    "FamilyCredit",
    "GatewayMessage",
    "PaymentAttempt",
    "Receipt",
    "ReceiptAnchor",
    "ReceiptLink",
    "Reconciliation",
    "Refund",
    "Reversal",
    "ReversalPart",
    "ReviewCase",
    "StatementEntry",
    "TwoPersonAct",
]
