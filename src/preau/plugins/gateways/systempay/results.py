"""What a transaction's status means, instead of the library's reading of `vads_result` alone (6.7)."""

from collections.abc import Mapping

from preau.domain.payments.states import Verdict

_DEBIT = {
    **dict.fromkeys(("AUTHORISED", "CAPTURED", "ACCEPTED"), (Verdict.PAID, "Payé par carte bancaire")),
    **dict.fromkeys(
        (
            "AUTHORISED_TO_VALIDATE",
            "WAITING_AUTHORISATION",
            "WAITING_AUTHORISATION_TO_VALIDATE",
            "WAITING_FOR_PAYMENT",
            "UNDER_VERIFICATION",
            "INITIAL",
            "SUSPENDED",
        ),
        (Verdict.PENDING, "En attente de la banque"),
    ),
    **dict.fromkeys(("REFUSED", "NOT_CREATED"), (Verdict.REFUSED, "Carte refusée par la banque")),
    "ABANDONED": (Verdict.CANCELLED, "Paiement abandonné"),
    # After a payment, its money will not come; before one, nothing was paid.
    "EXPIRED": (Verdict.UNDONE, "Autorisation périmée, jamais encaissée"),
    "CANCELLED": (Verdict.UNDONE, "Transaction annulée à la banque"),
    "CAPTURE_FAILED": (Verdict.UNDONE, "Encaissement impossible"),
}
_WITHOUT_STATUS = {
    "00": (Verdict.PAID, "Payé par carte bancaire"),
    "05": (Verdict.REFUSED, "Carte refusée par la banque"),
    "17": (Verdict.CANCELLED, "Paiement abandonné"),
}
_UNKNOWN = (Verdict.PENDING, "Résultat inconnu")


def reading_of(fields: Mapping[str, str]) -> tuple[Verdict, str]:
    """(verdict, French label) of a signed message; a status that nobody documents ends nothing."""
    operation = fields.get("vads_operation_type", "DEBIT")
    if operation == "CREDIT":
        return Verdict.REFUNDED, "Remboursement fait à la banque"
    if operation != "DEBIT":
        return _UNKNOWN
    status = fields.get("vads_trans_status", "")
    if status:
        return _DEBIT.get(status, _UNKNOWN)
    return _WITHOUT_STATUS.get(fields.get("vads_result", ""), _UNKNOWN)


def is_documented(status: str) -> bool:
    """Whether a status is one of 6.6."""
    return status in _DEBIT
