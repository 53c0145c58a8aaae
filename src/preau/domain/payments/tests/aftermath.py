"""What follows a payment, in a few words: money taken back, used, given back, each by the two agents of a régie."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.ledger.models import LedgerEntry
from preau.domain.payments.models import Capture, CreditNoteProposal, CreditUse, PaymentAttempt, Refund, Reversal
from preau.domain.payments.queries.acts import Act
from preau.domain.payments.queries.aftermath import credit_offer
from preau.domain.payments.services.acts import confirm_act
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.credit_notes import propose_credit_note
from preau.domain.payments.services.credits import use_credit
from preau.domain.payments.services.refunds import propose_refund
from preau.domain.payments.services.reversals import propose_reversal
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.domain.payments.tests.conftest import PARENT, Scene
from preau.domain.regies.models import RegieMember
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from tests.support.factories import NOON, make_user
from tests.support.fake_gateway import FakeGateway

AGENT = Actor(kind="agent", key="agent")
WHY = "Avis de la banque du 8 octobre."


@dataclass
class Town:
    """A family that pays, its bank, and two agents of its régie."""

    scene: Scene
    bank: FakeGateway
    nadege: User
    omar: User

    def pay(self, *invoices: Invoice, means: str = "card_online") -> Capture:
        attempt = self.scene.send(*invoices)
        return self.arrive(attempt, means=means)

    def arrive(self, attempt: PaymentAttempt, *, means: str = "card_online") -> Capture:
        self.bank.pay(attempt.gateway_reference, means=means)
        ask(attempt, origin=Origin.SWEEP, timeout=1)
        return Capture.objects.get(attempt=attempt)

    def pay_twice(self, invoice: Invoice) -> tuple[Capture, Capture]:
        """Once by each parent: the second payment goes to the family's credit."""
        first = self.scene.send(invoice)
        with clock.frozen(NOON + timedelta(minutes=31)):
            second = self.scene.send(invoice)
        return self.arrive(first), self.arrive(second)

    def use(self, invoice: Invoice, **changes: Any) -> CreditUse:
        offer = credit_offer(self.scene.household, invoice_id=invoice.public_id)
        values = {
            "household": self.scene.household,
            "user": self.scene.user,
            "invoice_id": invoice.public_id,
            "shown_cents": offer.usable_cents,
            "form_key": new_form_key(),
            "by": PARENT,
        }
        return use_credit(**{**values, **changes})

    def propose_reversal(self, capture: Capture, **changes: Any) -> Reversal:
        values = {
            "payment_id": capture.attempt.public_id,
            "kind": Reversal.Kind.CHARGEBACK,
            "amount_cents": capture.amount_cents,
            "reason": WHY,
            "notice": "Avis 12",
            "noticed_on": NOON.date(),
            "user": self.nadege,
            "by": AGENT,
        }
        return propose_reversal(**{**values, **changes})

    def propose_refund(self, cents: int, **changes: Any) -> Refund:
        values = {
            "household": self.scene.household,
            "regie": self.scene.regie,
            "amount_cents": cents,
            "means": Refund.Means.TRANSFER,
            "reference": "V-2026-8",
            "reason": WHY,
            "user": self.nadege,
            "by": AGENT,
        }
        return propose_refund(**{**values, **changes})

    def propose_credit_note(self, invoice: Invoice, cents: int, **changes: Any) -> CreditNoteProposal:
        values = {"amount_cents": cents, "label": "Sortie annulée", "reason": WHY, "user": self.nadege, "by": AGENT}
        invoice.refresh_from_db()
        return propose_credit_note(invoice=invoice, **{**values, **changes})

    def confirm(self, act: Act) -> None:
        confirm_act(act_id=act.public_id, user=self.omar, by=AGENT)
        act.refresh_from_db()

    def take_back(self, capture: Capture, **changes: Any) -> Reversal:
        act = self.propose_reversal(capture, **changes)
        self.confirm(act)
        return act

    def give_back(self, cents: int, **changes: Any) -> Refund:
        act = self.propose_refund(cents, **changes)
        self.confirm(act)
        return act

    def credit(self, invoice: Invoice, cents: int) -> CreditNoteProposal:
        act = self.propose_credit_note(invoice, cents)
        self.confirm(act)
        return act

    def balances(self) -> dict[str, int]:
        """Cents by kind of account, zero ones left out."""
        sums: dict[str, int] = {}
        for kind, cents in LedgerEntry.objects.values_list("account__kind", "amount_cents"):
            sums[kind] = sums.get(kind, 0) + cents
        return {kind: cents for kind, cents in sums.items() if cents}


def town_of(scene: Scene, bank: FakeGateway) -> Town:
    agents = [make_user(display_name=name) for name in ("Nadège Vandenbroucke", "Omar Lefebvre")]
    for agent in agents:
        RegieMember.objects.create(regie=scene.regie, user=agent, post="mandataire")
    return Town(scene, bank, *agents)
