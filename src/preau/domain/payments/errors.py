"""Refusals a caller must handle; `message` can be shown to a family."""

from datetime import datetime


class PaymentError(Exception):
    """Base of every refusal of this app."""

    def __init__(self, message: str = "Le paiement n’a pas pu être préparé. Rien n’a été débité.") -> None:
        super().__init__(message)
        self.message = message


class NothingToPayError(PaymentError):
    """The basket holds nothing that can be paid now."""


class PaymentInProgressError(PaymentError):
    """Another attempt holds one of the invoices (P03)."""

    def __init__(self, message: str, *, since: datetime | None = None, until: datetime | None = None) -> None:
        super().__init__(message)
        self.since, self.until = since, until


class PaymentClosedError(PaymentError):
    """Outside the payment window, or the régie takes no payment on line (L19)."""


class AmountRefusedError(PaymentError):
    """An amount that the régie or the gateway does not take (L18, C40)."""


class ReceiptAddressError(PaymentError):
    """The address for the receipt cannot be used by the gateway (L30)."""


class CreditRefusedError(PaymentError):
    """The family's credit cannot be used on this invoice, or no longer as its page said."""


class DeskRefusedError(PaymentError):
    """What an agent says they received cannot be written down so; `field` is the one in fault, if one is."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class CaseError(Exception):
    """Base of what stops a decision of an agent about money; its sentence can be shown to them."""


class NotOfRegieError(CaseError):
    """Whoever decides holds no post in the régie (I28)."""


class SamePersonError(CaseError):
    """Whoever proposed a decision neither confirms it nor sends it back (W14)."""


class CaseDecidedError(CaseError):
    """The case is closed, or a decision already waits; the decision already has its answer."""


class OutcomeRefusedError(CaseError):
    """This outcome does not fit the case, or no longer does."""


class ReasonTooShortError(CaseError):
    """A decision gives its reason in words."""


class ActRefusedError(CaseError):
    """What an agent proposes or confirms does not fit the money as it is; `field` is the one in fault, if one is."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ForbiddenTransitionError(Exception):
    """A move that the state table does not hold; a bug of ours, never shown to a family."""


class GatewayError(Exception):
    """Base of what may go wrong with a gateway."""


class GatewayUnavailableError(GatewayError):
    """No usable answer: try again later, nothing is known (G1–G4)."""


class GatewayRefusedError(GatewayError):
    """The gateway refuses to open the operation; `payer_message` says what the payer can do about it."""

    def __init__(self, code: str, detail: str, *, payer_message: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.payer_message = (
            payer_message or "Le paiement en ligne est indisponible pour le moment. Réessayez plus tard."
        )


class StatementRefusedError(Exception):
    """A bank's statement that cannot be read: nothing of it is kept. `faults` are (line number, French sentence)."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__(f"{len(faults)} faults, the first: {faults[0]}")
        self.faults = faults
