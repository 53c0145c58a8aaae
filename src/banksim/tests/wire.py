"""A second writing of the protocol, from the guide, so that tests do not believe the simulator's own."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

import requests
from lxml import etree

NS = (
    "http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/"
    "contrat_paiement_securise/PaiementSecuriseService"
)
ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    raw: bytes

    @property
    def body(self):
        return etree.fromstring(self.raw).find(f"{ENVELOPE}Body")

    @property
    def fields(self) -> dict[str, str]:
        return {child.tag: child.text for child in self.body.find(".//return")}

    @property
    def code(self) -> str | None:
        return self.body.findtext(".//code")


class Service:
    def __init__(self, url: str, *, notify: str, back: str) -> None:
        self.url = url
        self._order = {
            "exer": "2025",
            "mel": "parent@example.org",
            "montant": "4250",
            "numcli": "090909",
            "refdet": "F2025000123A1",
            "saisie": "T",
            "urlnotif": notify,
            "urlredirect": back,
        }

    def create(self, **changed: str | None) -> Answer:
        return self.call("creerPaiementSecurise", {**self._order, **changed})

    def open(self, **changed: str | None) -> str:
        """The idOp of an accepted order."""
        return self.create(**changed).fields["idOp"]

    def detail(self, idop: str) -> Answer:
        return self.call("recupererDetailPaiementSecurise", {"idOp": idop})

    def client(self, numcli: str) -> Answer:
        return self.call("recupererDetailClient", {"numCli": numcli})

    def call(self, operation: str, fields: dict[str, str | None]) -> Answer:
        given = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items() if text is not None)
        return self.post(envelope(f'<o:{operation} xmlns:o="{NS}"><arg0>{given}</arg0></o:{operation}>'))

    def post(self, message: str | bytes, content_type: str = "text/xml; charset=utf-8") -> Answer:
        body = message.encode() if isinstance(message, str) else message
        got = requests.post(
            self.url,
            data=body,
            headers={"Content-Type": content_type, "SOAPAction": '""'},
            timeout=10,
            allow_redirects=False,
        )
        return Answer(got.status_code, got.headers.get("Content-Type", ""), got.content)


def envelope(content: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<e:Body>{content}</e:Body></e:Envelope>"
    )
