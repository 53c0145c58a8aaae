"""What the common parts must know of PayFiP."""

from collections.abc import Mapping

from banksim.payfip import records
from banksim.payfip.soap import OPERATIONS as SOAP_OPERATIONS

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
