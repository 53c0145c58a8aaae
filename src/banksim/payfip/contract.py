"""The published description of the service: WSDL and three schemas, at its own address."""

from collections.abc import Mapping

from django.template.loader import render_to_string

from banksim.payfip.soap import OPERATIONS, SERVICE

_DOMAIN = "http://securite.service.tpa.cp.finances.gouv.fr"
_FAULTS = (
    "FonctionnelleErreur",
    "TechDysfonctionnementErreur",
    "TechIndisponibiliteErreur",
    "TechProtocolaireErreur",
)
#: Operation, type of its question (q: requete, r: reponse), type of its reply.
_TYPES = (
    ("creerPaiementSecurise", "q:CreerPaiementSecuriseRequest", "r:CreerPaiementSecuriseResponse"),
    (
        "recupererDetailPaiementSecurise",
        "r:RecupererDetailPaiementSecuriseRequest",
        "r:RecupererDetailPaiementSecuriseResponse",
    ),
    ("recupererDetailClient", "r:RecupererDetailClientRequest", "r:RecupererDetailClientResponse"),
)
#: Fields of each type, in the order of the schema (alphabetical).
_QUESTIONS = {
    "CreerPaiementSecuriseRequest": (
        *("exer", "mel", "montant", "numcli", "objet", "refdet"),
        *("saisie", "urlnotif", "urlredirect"),
    ),
}
_REPLIES = {
    "CreerPaiementSecuriseResponse": ("idOp",),
    "RecupererDetailClientRequest": ("numCli",),
    "RecupererDetailClientResponse": ("libelleN1", "libelleN2", "libelleN3", "numcli"),
    "RecupererDetailPaiementSecuriseRequest": ("idOp",),
    "RecupererDetailPaiementSecuriseResponse": (
        *("dattrans", "exer", "heurtrans", "idOp", "mel", "montant"),
        *("numauto", "numcli", "objet", "refdet", "resultrans", "saisie"),
    ),
}


def wsdl(address: str) -> str:
    """The description of the service that answers at `address`."""
    context = {"address": address, "service": SERVICE, "operations": OPERATIONS, "faults": _FAULTS}
    return render_to_string("payfip/contract/service.wsdl", context)


def schemas(address: str) -> Mapping[str, str]:
    """The three schemas by number: service, question, reply."""
    service = {"address": address, "service": SERVICE, "types": _TYPES, "faults": _FAULTS}
    return {
        "1": render_to_string("payfip/contract/service.xsd", service),
        "2": _types("requete", _QUESTIONS),
        "3": _types("reponse", _REPLIES),
    }


def _types(name: str, shapes: Mapping[str, tuple[str, ...]]) -> str:
    return render_to_string("payfip/contract/types.xsd", {"namespace": f"{_DOMAIN}/{name}", "shapes": shapes})
