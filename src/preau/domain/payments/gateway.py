"""What a gateway plug-in must offer: values in, values out; it never sees a request, a template or a model.

Amounts are whole cents, instants are aware UTC. One folder per gateway under `preau.plugins.gateways`;
the folder registers itself when its app is ready.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol, cast

from preau.domain.payments.contract_settings import Setting
from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.states import Verdict
from preau.domain.regies.models import Channel
from preau.foundation.money import format_cents
from preau.foundation.outbound import is_public_https


@dataclass(frozen=True, slots=True)
class Merchant:
    """A régie's contract as its gateway needs it: number, mode (test, activation, production), settings, keys.

    `secrets` holds, by name, every key that is good now, the newest first: two while a bank changes one (G10).
    """

    number: str
    mode: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def secret(self, name: str) -> str:
        """The key to sign with; empty when the contract has none."""
        return next(iter(self.secrets.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, for the banks that ask (3-D Secure 2): as typed in the family's file, to be cut by the gateway."""

    first_name: str
    last_name: str
    address: str
    postal_code: str
    city: str


@dataclass(frozen=True, slots=True)
class Order:
    """One operation to open."""

    merchant: Merchant
    reference: str
    amount_cents: int
    email: str
    payer: Payer
    label: str
    lines: int
    fiscal_year: int
    notification_url: str
    return_url: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send the payer's browser. `fields` empty = a plain address, else a form to post there.

    `gateway_reference` names the operation in the gateway's messages: its own number, or our reference.
    """

    url: str
    gateway_reference: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A message received from outside, raw: query string, body and its content type."""

    query: str
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a gateway says of one operation. `authentic`: verified by signature or by an authenticated question."""

    verdict: Verdict
    authentic: bool
    gateway_reference: str
    reference: str = ""
    merchant: str = ""
    mode: str = ""
    amount_cents: int | None = None
    currency: str = "EUR"
    transaction_reference: str = ""
    means: str = ""
    code: str = ""
    label: str = ""
    occurred_at: datetime | None = None
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handed:
    """What an agent says they received at the desk. `number`: of the cheque, transfer or vouchers; may be empty."""

    amount_cents: int
    means: str
    number: str
    received_at: datetime
    agent_id: str
    agent_name: str


class StatementKind(Enum):
    """What a line of a bank's statement tells of: money in, money given back, money taken back by the payer's bank."""

    PAYMENT = "payment"
    REFUND = "refund"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One accepted operation as the bank's statement lists it; `number` is its line in the file, cents are positive.

    `reference` is ours; `gateway_reference` names the operation as in `Redirect`; it and `mode` are empty where the
    bank does not list them.
    """

    number: int
    kind: StatementKind
    merchant: str
    reference: str
    gateway_reference: str
    transaction_reference: str
    amount_cents: int
    currency: str
    means: str
    occurred_at: datetime
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a gateway takes: cents included on both ends, and how long a payer may stay on its pages.

    `news_for`: after this since its payer left, a signed "paid" is for a person to judge (payment-gateways 5.7).
    """

    min_cents: int
    max_cents: int
    session_minutes: int
    news_for: timedelta | None = None

    def refusal(self, amount_cents: int) -> str:
        """Why an amount cannot be paid at once, and what to do; empty when it can."""
        if amount_cents < self.min_cents:
            return (
                f"Le paiement en ligne commence à {format_cents(self.min_cents)}, "
                f"ici le total est de {format_cents(amount_cents)} : "
                "ajoutez une autre facture de cette régie, ou réglez celle-ci en mairie."
            )
        if amount_cents > self.max_cents:
            return (
                f"Le paiement en ligne s’arrête à {format_cents(self.max_cents)}, "
                f"ici le total est de {format_cents(amount_cents)} : retirez une facture, vous la paierez ensuite."
            )
        return ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """What families are told about a gateway; `operator` with its article, as it reads after « le site de »."""

    label: str
    operator: str
    official_host: str
    #: Working days between payment and debit on the account, by means: (fewest, most) (V08).
    debit_days: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a gateway wants to hear after a notification (9.7): 200 with this text, or a status for what it is not."""

    accepted: str = ""
    refused_status: int = 200


@dataclass(frozen=True, slots=True)
class Checkup:
    """What trying a contract showed, in French sentences: what is right, what is wrong, what cannot be tried."""

    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()


class Gateway(Protocol):
    """A way to be paid."""

    code: str
    #: On line, or at the desk: then it is a `DeskGateway`.
    channel: Channel
    limits: Limits
    presentation: Presentation
    answers: Answers
    #: The contract's own number, then what else it holds; keys are the settings of kind "secret".
    number: Setting
    settings: tuple[Setting, ...]
    #: Whether the state of an operation can be asked; else only its messages and the bank's statement tell it.
    can_ask: bool
    #: Whether its messages prove nothing, even to the bank: "paid" is then declared until a statement says so.
    is_hearsay: bool

    def start(self, order: Order, *, timeout: float) -> Redirect:
        """Open an operation.

        Raises:
            GatewayRefusedError: the gateway will not open it.
            GatewayUnavailableError: nobody knows whether it was opened; the payer was not sent anywhere.
        """

    def reference_in(self, message: Message) -> str | None:
        """The operation (`Redirect.gateway_reference`) that a message names, or None if it names none."""

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        """What a message that names an operation says of it; None when it says nothing by itself and one must ask."""

    def ask(self, merchant: Merchant, gateway_reference: str, *, timeout: float) -> Report:
        """Ask for the state of an operation.

        Raises:
            GatewayUnavailableError: no usable answer, or a gateway that cannot be asked.
        """

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """The lines of the file that the bank gives of its operations, in their order.

        Raises:
            StatementRefusedError: the file is not one, or some of its lines cannot be read; every fault is told.
        """

    def problems(self, merchant: Merchant) -> list[str]:
        """French sentences naming what is wrong in a contract beyond each setting alone; empty when nothing is."""

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        """Try a contract without paying anything."""

    def page_origins(self, merchant: Merchant) -> list[str]:
        """Origins the browser may be sent to, for the page's security policy."""

    def checks_email(self, email: str) -> bool:
        """Whether the gateway accepts this address for its own ticket."""


class NeverAsked:
    """Part of a gateway whose protocol has no question: its messages and the bank's statement tell everything."""

    can_ask = False

    def ask(self, merchant: Merchant, gateway_reference: str, *, timeout: float) -> Report:
        """No answer, ever."""
        del merchant, timeout
        raise GatewayUnavailableError(f"{gateway_reference} cannot be asked")


class DeskGateway(Gateway, Protocol):
    """A way to be paid in which no bank speaks: an agent of the régie does."""

    def declare(self, merchant: Merchant, reference: str, handed: Handed) -> Report:
        """What an agent received for the attempt of this reference, as evidence.

        Whoever calls has checked that they hold a post in the régie.
        """


def imitations(merchant: Merchant) -> list[str]:
    """French sentences naming the addresses of a contract that no real bank has: not https, or of this machine."""
    return [
        f"« {name} » désigne un simulateur ({value})."
        for name, value in merchant.settings.items()
        if isinstance(value, str) and "://" in value and not is_public_https(value)
    ]


_registry: dict[str, Gateway] = {}


def register(gateway: Gateway) -> None:
    """Make a gateway known under its code."""
    _registry[gateway.code] = gateway


def gateway_named(code: str) -> Gateway:
    """The gateway a contract names.

    Raises:
        LookupError: no such plug-in is installed.
    """
    return _registry[code]


def desk_gateway_named(code: str) -> DeskGateway:
    """The same, of a contract of the desk.

    Raises:
        LookupError: no such plug-in is installed, or it is of another channel.
    """
    gateway = gateway_named(code)
    if gateway.channel != Channel.DESK:
        raise LookupError(code)
    return cast("DeskGateway", gateway)


def gateway_choices(*channels: Channel) -> list[tuple[str, str]]:
    """(code, label) of the installed gateways, for set-up forms; of these channels alone when some are named."""
    kept = [one for one in _registry.values() if one.channel in (channels or Channel)]
    return sorted((one.code, one.presentation.label) for one in kept)
