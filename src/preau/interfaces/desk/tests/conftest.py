"""Two agents of one régie before their desk, a third of another, and a payment that the bank contradicts."""

from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.test import Client

from preau.domain.payments.models import CaseDecision, PaymentAttempt, ReviewCase
from preau.domain.regies.models import RegieMember
from tests.support.factories import make_invoice, make_regie, make_user
from tests.support.payer import Payer

WHY = "Relevé de la DGFiP du 8 octobre : 24,01 € reçus."


@dataclass
class Agent:
    """Somebody of a régie who has logged in."""

    user: object
    client: Client

    def get(self, path: str) -> HttpResponse:
        return self.client.get(path)

    def propose(self, case: ReviewCase, outcome: str = "credit", *, reason: str = WHY) -> HttpResponse:
        return self.client.post(f"/bureau/dossiers/{case.public_id}/proposer/", {"outcome": outcome, "reason": reason})

    def confirm(self, case: ReviewCase) -> HttpResponse:
        decision = CaseDecision.objects.get(case=case, refused_at=None)
        return self.client.post(f"/bureau/dossiers/{case.public_id}/confirmer/", {"decision": decision.public_id})


def hire(*regies, name: str, post: str = "mandataire") -> Agent:
    user, client = make_user(display_name=name), Client()
    for regie in regies:
        RegieMember.objects.create(regie=regie, user=user, post=post)
    client.force_login(user)
    return Agent(user, client)


@pytest.fixture
def nadege(payer) -> Agent:
    return hire(payer.regie, name="Nadège Vandenbroucke", post="regisseur")


@pytest.fixture
def omar(payer) -> Agent:
    return hire(payer.regie, name="Omar Lefebvre")


@pytest.fixture
def elsewhere(payer) -> Agent:
    return hire(make_regie(label="Petite enfance"), name="Solange Berger")


def contradict(payer: Payer, *, invoices: int = 1) -> PaymentAttempt:
    """2 400 cents asked, one cent more announced."""
    chosen = [make_invoice(payer.household, payer.regie, cents=2400) for _ in range(invoices)]
    attempt = payer.send(*chosen)
    payer.bank.pay(attempt.gateway_reference, amount_cents=attempt.amount_cents + 1)
    payer.notify(attempt)
    return attempt


@pytest.fixture
def case(payer) -> ReviewCase:
    return ReviewCase.objects.get(attempt=contradict(payer))
