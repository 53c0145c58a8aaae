"""What the common parts must know of PayFiP."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from banksim.gateways import Line
from banksim.payfip import life, records
from banksim.payfip.soap import OPERATIONS as SOAP_OPERATIONS
from banksim.payfip.wording import euros

NAME = "payfip"
LABEL = "PayFiP, service web des régies"
SCHEMA = records.SCHEMA
#: « page » is the first payment page, seen by the browser.
OPERATIONS: tuple[str, ...] = (*SOAP_OPERATIONS, "page")
FAULTS: Mapping[str, str] = {
    "technical_999": "erreur SOAP technique, code 999 (TechDysfonctionnementErreur)",
    "unavailable": "erreur SOAP technique (TechIndisponibiliteErreur)",
    "other_idop": "la réponse parle d’une autre opération",
    "altered_amount": "le montant de la réponse est augmenté d’un centime",
    "other_numcli": "la réponse porte un autre numéro de client",
    "other_saisie": "la réponse porte un autre mode (T devient W, X et W deviennent T)",
    "other_refdet": "la réponse porte une autre référence de dette",
    "paid_twice": "la réponse porte un second numéro d’autorisation",
    "external_entity": "la réponse déclare une entité externe",
    "wrong_namespace": "la réponse est dans un autre espace de noms",
}
clear = records.clear


def summary(now: datetime) -> Sequence[Line]:
    """The last operations."""
    return [
        Line(
            key=payment.idop,
            reference=payment.refdet,
            creditor=f"client {payment.numcli}, mode {payment.saisie}",
            amount=euros(payment.montant),
            state=life.state(payment, now),
            page="" if payment.opened_at or payment.result else f"/tpa/paiementws.web?idop={payment.idop}",
        )
        for payment in records.payments(limit=30)
    ]
