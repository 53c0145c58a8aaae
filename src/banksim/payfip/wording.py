"""What the pages say of an operation."""

from typing import Any

from banksim import clock
from banksim.payfip import records
from banksim.payfip.fields import Client
from banksim.payfip.records import Payment
from banksim.wording import euros

_OUTCOMES = {
    None: ("Vous avez quitté la page", "Aucun paiement n’a été fait. La page de paiement a expiré."),
    "P": ("Paiement accepté", "Le paiement par carte bancaire est accepté."),
    "V": ("Prélèvement accepté", "Votre compte sera prélevé dans quelques jours."),
    "R": ("Paiement refusé", "La carte bancaire a été refusée. Rien n’a été débité."),
    "Z": ("Prélèvement refusé", "Le prélèvement a été refusé. Rien ne sera débité."),
    "A": ("Paiement abandonné", "Vous avez abandonné le paiement. Rien n’a été débité."),
}


def page_context(payment: Payment) -> dict[str, Any]:
    """The operation, its creditor, its amount in words of a page, and how it ended."""
    title, sentence = _OUTCOMES[payment.result]
    done_at = payment.result_at and payment.result_at.astimezone(clock.PARIS)
    return {
        "payment": payment,
        "client": records.client(payment.numcli) or Client(numcli=payment.numcli, label_1=payment.numcli),
        "amount": euros(payment.montant),
        "title": title,
        "sentence": sentence,
        "done_at": done_at and f"{done_at:%d/%m/%Y} à {done_at:%H} h {done_at:%M}".replace(" h ", "\u202fh\u202f"),
        "settled": payment.result in {"P", "V"},
    }
