"""TIPI, the web form of the DGFiP, for the towns whose contract has no web service (payment-gateways 4).

Nothing in this protocol is authenticated: the payer reads every value in the address bar and could announce the
payment alone. Its results are declared, and the daily return file confirms them.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from preau.domain.payments.contract_settings import Setting, value_of
from preau.domain.payments.gateway import (
    Answers,
    Checkup,
    Limits,
    Merchant,
    Message,
    NeverAsked,
    Order,
    Presentation,
    Redirect,
    Report,
    StatementLine,
)
from preau.domain.regies.models import Channel
from preau.foundation.outbound import origin_of
from preau.foundation.text import ascii_only
from preau.foundation.wire import single_fields
from preau.plugins import dgfip

_SAISIE = {"test": "T", "activation": "X", "production": "A"}
_OBJECT_LENGTH = 100
_PAGE_URL = Setting(
    "page_url",
    "Adresse de la page de paiement",
    kind="address",
    default="https://www.payfip.gouv.fr/tpa/paiement.web",
)


class TipiGateway(NeverAsked):
    """Card or one-off debit on the State's pages, by an address that holds everything."""

    code = "tipi"
    channel = Channel.ONLINE
    limits = Limits(min_cents=1_00, max_cents=9_999_99, session_minutes=15)
    presentation = Presentation(
        label="TIPI (DGFiP)",
        operator="la Direction générale des Finances publiques",
        official_host="www.payfip.gouv.fr",
        debit_days={"card_online": (2, 4), "debit_online": (3, 7)},
    )
    answers = Answers()
    number = Setting(
        "merchant",
        "Numéro de client",
        pattern="[0-9]{6}",
        wrong="Le numéro de client comporte six chiffres.",
        help_text="Préférez le service web de la DGFiP si votre contrat le permet : ici, rien ne prouve un paiement "
        "avant le fichier de retour du lendemain.",
    )
    settings: tuple[Setting, ...] = (_PAGE_URL,)
    is_hearsay = True

    def start(self, order: Order, *, timeout: float) -> Redirect:
        """An address (4.1); the reference is random, so that nobody announces the payment of another family."""
        del timeout
        fields = {
            "numcli": order.merchant.number,
            "exer": str(order.fiscal_year),
            "refdet": order.reference,
            "objet": ascii_only(order.label, _OBJECT_LENGTH),
            "montant": f"{order.amount_cents:03d}",
            "mel": order.email,
            "urlcl": order.notification_url,
            "saisie": _SAISIE[order.merchant.mode],
        }
        page = value_of(_PAGE_URL, order.merchant.settings)
        return Redirect(url=f"{page}?{urlencode(fields)}", gateway_reference=order.reference)

    def reference_in(self, message: Message) -> str | None:
        """Our own reference (refdet)."""
        return _fields(message).get("refdet") or None

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        """What somebody says of the operation, never authentic (4.2)."""
        del merchant
        fields = _fields(message)
        return dgfip.report_of(fields, authentic=False, gateway_reference=fields.get("refdet", ""), letters=_SAISIE)

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """The DGFiP's return file."""
        return dgfip.read_return_file(content, letters=_SAISIE, operation_of=lambda reference: reference)

    def problems(self, merchant: Merchant) -> list[str]:
        """None beyond its number and address."""
        del merchant
        return []

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        """Nothing can be tried: the form answers to payers only."""
        del merchant, timeout
        return Checkup(untried=("Le formulaire ne répond qu’aux payeurs : faites un paiement d’essai.",))

    def page_origins(self, merchant: Merchant) -> list[str]:
        """Where the browser goes."""
        return [origin_of(value_of(_PAGE_URL, merchant.settings))]

    def checks_email(self, email: str) -> bool:
        """6 to 80 characters of ASCII with one `@`."""
        return dgfip.is_email(email)


def _fields(message: Message) -> Mapping[str, str]:
    text = message.body.decode("latin-1") if message.body else message.query
    return single_fields(text) or {}
