"""PayFiP (DGFiP web service) as a gateway of Préau.

Nothing is signed in this protocol: a notification names an operation, its state is asked, and the answer is
compared with what was asked (payment-gateways 3). The library's own reading of results is not used.
"""

from urllib.parse import parse_qsl

from eopayment.payfip_ws import normalize_objet

from preau.domain.payments.contract_settings import Setting
from preau.domain.payments.errors import GatewayRefusedError, GatewayUnavailableError
from preau.domain.payments.gateway import (
    Answers,
    Checkup,
    Limits,
    Merchant,
    Message,
    Order,
    Presentation,
    Redirect,
    Report,
    StatementLine,
)
from preau.domain.payments.states import Verdict
from preau.domain.regies.models import Channel
from preau.foundation.outbound import Breaker, CircuitOpenError, origin_of
from preau.plugins import dgfip
from preau.plugins.gateways.payfip import wire

PAGE_URL = "https://www.payfip.gouv.fr/tpa/paiementws.web"
_SAISIE = {"test": "T", "activation": "X", "production": "W"}
_MAX_IDOP = 64
_ADDRESS_REFUSED = "PayFiP n’accepte pas cette adresse électronique : corrigez-la pour recevoir le reçu."


class PayfipGateway:
    """Card or one-off debit on the State's pages; free for families, six-digit client number per régie."""

    code = "payfip"
    channel = Channel.ONLINE
    limits = Limits(min_cents=1_00, max_cents=100_000_00, session_minutes=15)
    presentation = Presentation(
        label="PayFiP",
        operator="la Direction générale des Finances publiques",
        official_host="www.payfip.gouv.fr",
        debit_days={"card_online": (2, 4), "debit_online": (3, 7)},
    )
    answers = Answers()
    number = Setting(
        "merchant",
        "Numéro de client",
        pattern="[0-9]{6}",
        wrong="Le numéro de client PayFiP comporte six chiffres.",
    )
    settings: tuple[Setting, ...] = (
        Setting("service_url", "Adresse du service", kind="address", default=wire.SERVICE_URL),
        Setting("page_url", "Adresse de la page de paiement", kind="address", default=PAGE_URL),
    )
    can_ask = True
    is_hearsay = False

    def __init__(self) -> None:
        self._breaker = Breaker()

    def start(self, order: Order, *, timeout: float) -> Redirect:
        """Open an operation at the click: its identifier lives 15 minutes and opens once (3.6)."""
        fields = {
            "numcli": order.merchant.number,
            "saisie": _SAISIE[order.merchant.mode],
            "exer": str(order.fiscal_year),
            "refdet": order.reference,
            "montant": str(order.amount_cents),
            "mel": order.email,
            "url_notification": order.notification_url,
            "url_redirect": order.return_url,
            "objet": normalize_objet(order.label),
        }
        try:
            idop = self._breaker.call(
                lambda: wire.open_operation(_service_url(order.merchant), timeout=timeout, **fields),
                counts=(wire.SilenceError,),
                answers=(wire.FaultError,),
            )
        except wire.FaultError as fault:
            address = _ADDRESS_REFUSED if fault.code.startswith("A") else ""
            raise GatewayRefusedError(fault.code, fault.label, payer_message=address) from fault
        except (wire.SilenceError, CircuitOpenError) as silence:
            raise GatewayUnavailableError(str(silence)) from silence
        return Redirect(url=f"{_page_url(order.merchant)}?idop={idop}", gateway_reference=idop)

    def reference_in(self, message: Message) -> str | None:
        """The idOp a message names, spelt `idop` or `idOp`, in the query or the body; nothing else is read."""
        text = f"{message.query}&{message.body.decode('latin-1')}"
        try:
            pairs = parse_qsl(text, max_num_fields=50)
        except ValueError:
            return None
        named = {value for name, value in pairs if name.lower() == "idop" and len(value) <= _MAX_IDOP}
        return named.pop() if len(named) == 1 else None

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        """Nothing: a notification carries no signature, only the operation to ask about (3.6)."""
        del merchant, message
        return None

    def ask(self, merchant: Merchant, gateway_reference: str, *, timeout: float) -> Report:
        """The state of an operation, asked from the service."""
        try:
            detail = self._breaker.call(
                lambda: wire.operation_detail(_service_url(merchant), gateway_reference, timeout=timeout),
                counts=(wire.SilenceError,),
                answers=(wire.FaultError,),
            )
        except wire.FaultError as fault:
            return _report_of_fault(fault, gateway_reference)
        except (wire.SilenceError, CircuitOpenError) as silence:
            raise GatewayUnavailableError(str(silence)) from silence
        operation = detail.get("idOp", "")[:_MAX_IDOP]
        return dgfip.report_of(detail, authentic=True, gateway_reference=operation, letters=_SAISIE)

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """The DGFiP's return file."""
        return dgfip.read_return_file(content, letters=_SAISIE, operation_of=lambda _: "")  # it does not tell the idOp

    def problems(self, merchant: Merchant) -> list[str]:
        """None beyond its number and addresses."""
        del merchant
        return []

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        """Ask the service who this client is."""
        try:
            labels = wire.client_labels(_service_url(merchant), merchant.number, timeout=timeout)
        except wire.FaultError as fault:
            return Checkup(wrong=(f"Le service refuse ce numéro de client : {fault.label} ({fault.code})",))
        except wire.SilenceError:
            return Checkup(wrong=("Le service n’a pas répondu : vérifiez son adresse, ou réessayez plus tard.",))
        return Checkup(
            right=(f"Le service connaît ce numéro de client : {labels}.",),
            untried=("Le mode (test, activation, production) ne se vérifie qu’en payant.",),
        )

    def page_origins(self, merchant: Merchant) -> list[str]:
        """Where the browser goes."""
        return [origin_of(_page_url(merchant))]

    def checks_email(self, email: str) -> bool:
        """6 to 80 characters with one `@` (C40)."""
        return dgfip.is_email(email)


def _service_url(merchant: Merchant) -> str:
    return str(merchant.settings.get("service_url", wire.SERVICE_URL))


def _page_url(merchant: Merchant) -> str:
    return str(merchant.settings.get("page_url", PAGE_URL))


def _report_of_fault(fault: wire.FaultError, idop: str) -> Report:
    """P1: unknown or purged, hence never paid; P3, P4 and P5: no result to be had now (3.5)."""
    if fault.code not in {"P1", "P3", "P4", "P5"}:
        raise GatewayUnavailableError(str(fault))
    verdict = Verdict.EXPIRED if fault.code == "P1" else Verdict.PENDING
    return Report(verdict=verdict, authentic=True, gateway_reference=idop, code=fault.code, label=fault.label)
