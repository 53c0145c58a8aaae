"""The three operations of the web service."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict

from banksim import clock, controls
from banksim.payfip import life, records
from banksim.payfip.fields import check_numcli, check_order

Fields = Mapping[str, str]
Reply = Mapping[str, str | None]
#: What `exer` is cut to in the recorded replies: 2019 was sent, 20 came back.
_SHORT_EXER = 2


def run(operation: str, fields: Fields) -> tuple[Reply, str]:
    """The reply and the idOp it is about ("" for none).

    Raises:
        ServiceError: the fault to answer.
    """
    match operation:
        case "creerPaiementSecurise":
            return _create(fields)
        case "recupererDetailPaiementSecurise":
            return _detail(fields)
        case _:
            return _client_detail(fields)


def _create(fields: Fields) -> tuple[Reply, str]:
    order = check_order(fields, records.client(fields.get("numcli", "")))
    idop = str(uuid.uuid4())
    records.insert(
        records.Payment(**asdict(order), idop=idop, page_key=secrets.token_urlsafe(16), created_at=clock.now())
    )
    return {"idOp": idop}, idop


def _detail(fields: Fields) -> tuple[Reply, str]:
    idop = fields.get("idOp", "")
    payment = life.check_result(life.check_known(records.payment(idop=idop), clock.now()))
    done_at = (payment.result_at or payment.created_at).astimezone(clock.PARIS)
    short = controls.defaults().short_exer
    reply = {
        "dattrans": done_at.strftime("%d%m%Y"),
        "exer": payment.exer[:_SHORT_EXER] if short else payment.exer,
        "heurtrans": done_at.strftime("%H%M"),
        "idOp": payment.idop,
        "mel": payment.mel,
        "montant": str(payment.montant),
        "numauto": payment.numauto,
        "numcli": payment.numcli,
        "objet": payment.objet,
        "refdet": payment.refdet,
        "resultrans": payment.result,
        "saisie": payment.saisie,
    }
    return reply, idop


def _client_detail(fields: Fields) -> tuple[Reply, str]:
    numcli = fields.get("numCli", "")
    client = check_numcli(numcli, records.client(numcli))
    reply = {
        "libelleN1": client.label_1,
        "libelleN2": client.label_2,
        "libelleN3": client.label_3,
        "numcli": client.numcli,
    }
    return reply, ""
