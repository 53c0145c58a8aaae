"""The desk of a régie: no bank and no wire. An agent who holds a post there says what they received (rules 8, 11, 12).

Nothing that arrives from outside is ever believed here: no message names an operation, and none is read.
"""

from preau.domain.payments.contract_settings import Setting
from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import (
    Answers,
    Checkup,
    Handed,
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
from preau.domain.payments.states import Verdict
from preau.domain.regies.models import Channel


class CounterGateway(NeverAsked):
    """Cash, cheques, cards, transfers and vouchers, as the act of the régie allows them."""

    code = "counter"
    channel = Channel.DESK
    limits = Limits(min_cents=1, max_cents=99_999_99, session_minutes=15)
    presentation = Presentation(label="Guichet de la régie", operator="la régie", official_host="", debit_days={})
    answers = Answers()
    number = Setting(
        "merchant",
        "Nom du guichet",
        pattern=r"[\w’'. -]{1,40}",
        wrong="Le nom du guichet a 40 lettres ou chiffres au plus.",
        help_text="Par exemple « Mairie ». Les moyens acceptés sont ceux de l’acte de la régie, réglés avec elle.",
    )
    settings: tuple[Setting, ...] = ()
    is_hearsay = False

    def start(self, order: Order, *, timeout: float) -> Redirect:
        """Nowhere to go: the operation has our own reference."""
        del timeout
        return Redirect(url="", gateway_reference=order.reference)

    def declare(self, merchant: Merchant, reference: str, handed: Handed) -> Report:
        """What the agent received; authentic, because the caller checked their post in the régie."""
        return Report(
            verdict=Verdict.PAID,
            authentic=True,
            gateway_reference=reference,
            reference=reference,
            merchant=merchant.number,
            mode=merchant.mode,
            amount_cents=handed.amount_cents,
            transaction_reference=handed.number,
            means=handed.means,
            label=f"Reçu au guichet par {handed.agent_name}",
            occurred_at=handed.received_at,
            raw={"agent": handed.agent_id},
        )

    def reference_in(self, message: Message) -> str | None:
        """No message from outside names anything here."""
        del message
        return None

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        """Nor says anything."""
        del merchant, message
        return None

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """No bank lists what a desk receives."""
        del content
        raise StatementRefusedError([(0, "Un guichet n’a pas de relevé de banque.")])

    def problems(self, merchant: Merchant) -> list[str]:
        """None beyond its name."""
        del merchant
        return []

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        """Nothing to try."""
        del merchant, timeout
        return Checkup(untried=("Un guichet n’a pas de banque à essayer : encaissez une petite somme.",))

    def page_origins(self, merchant: Merchant) -> list[str]:
        """No page."""
        del merchant
        return []

    def checks_email(self, email: str) -> bool:
        """Whatever mail can be sent to; it may be none (V11)."""
        del email
        return True
