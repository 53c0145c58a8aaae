"""What the common parts must know of PayFiP."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from banksim import clock
from banksim.gateways import Gateway, Line, Row
from banksim.payfip import life, records
from banksim.payfip.soap import OPERATIONS as SOAP_OPERATIONS
from banksim.wording import euros


class PayFip:
    """The web service of the régies."""

    name = "payfip"
    label = "PayFiP, service web des régies"
    aliases: tuple[str, ...] = ()
    schema = records.SCHEMA
    #: « page » is the first payment page, seen by the browser.
    operations: tuple[str, ...] = (*SOAP_OPERATIONS, "page")
    faults: Mapping[str, str] = {
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
    columns: tuple[str, ...] = (
        *("numcli", "exer", "refdet", "montant", "dattrans"),
        *("heurtrans", "numauto", "resultrans", "saisie"),
    )

    def declare(self, declared: Mapping[str, Any]) -> None:
        """A client: `numcli`, `label_1` to `label_3`, `secured`, `ceiling_cents`."""
        records.save_client(records.read_client(declared))

    def clear(self) -> None:
        """Forget operations; clients stay declared."""
        records.clear()

    def summary(self, now: datetime) -> Sequence[Line]:
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

    def rows(self, merchant: str) -> Iterable[Row]:
        """Card payments and debits accepted, with the whole year as it was sent."""
        for payment in records.payments(limit=-1):
            if payment.numcli != merchant or payment.result not in {"P", "V"} or payment.result_at is None:
                continue
            local = payment.result_at.astimezone(clock.PARIS)
            cells = {
                "numcli": payment.numcli,
                "exer": payment.exer,
                "refdet": payment.refdet,
                "dattrans": local.strftime("%d%m%Y"),
                "heurtrans": local.strftime("%H%M"),
                "numauto": payment.numauto or "",
                "resultrans": payment.result,
                "saisie": payment.saisie,
            }
            yield Row(at=payment.result_at, reference=payment.refdet, amount_cents=payment.montant, cells=cells)

    def write_amount(self, cents: int) -> str:
        """Cents."""
        return str(cents)


GATEWAY: Gateway = PayFip()
