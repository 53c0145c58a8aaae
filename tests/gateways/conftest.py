"""A family's payment on each gateway, through the portal's own pages, the bank imitated on the real wire."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from django.test import Client

from banksim.testing import BankSim
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments.gateway import Redirect
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import Regie
from tests.gateways.post import Post, post
from tests.gateways.tellers import TELLERS, Teller
from tests.support.clock import DEFAULT, FrozenClock
from tests.support.factories import login_family, make_household, make_invoice, make_regie, make_town

__all__ = ["post"]


#: What the worker owes by now: these tests move the clock, and no worker runs beside them.
_OWED_BY_THE_WORKER = {"I22", "I24", "I26"}


def untrue() -> dict[str, list[str]]:
    """What the self-check finds wrong about money, rights and history, by code; empty is what every test expects."""
    return {code: found for code, found in broken().items() if code not in _OWED_BY_THE_WORKER}


@pytest.fixture(params=TELLERS, ids=str)
def teller(request) -> Teller:
    """Each gateway in turn."""
    return request.param


@dataclass
class Office:
    """One family, one régie and its contract, the bank, and what the bank has sent."""

    teller: Teller
    sim: BankSim
    post: Post
    clock: FrozenClock
    regie: Regie
    household: Household
    client: Client
    invoices: list[Invoice] = field(default_factory=list)

    def owe(self, *cents: int) -> list[Invoice]:
        """Invoices to pay."""
        made = [make_invoice(self.household, self.regie, cents=amount) for amount in cents]
        self.invoices += made
        return made

    def leave(self, *invoices: Invoice) -> PaymentAttempt:
        """Pay these invoices: basket, click, bank's page open; the payer's attempt."""
        attempt, there = self.click(*invoices)
        self.teller.arrive(self.sim, there)
        return attempt

    def click(self, *invoices: Invoice) -> tuple[PaymentAttempt, Redirect]:
        """Up to the bank's door: the attempt, and where the browser is sent."""
        self.client.post("/panier/ajouter/", {"facture": [invoice.public_id for invoice in invoices]})
        answer = self.client.post("/panier/payer/", {"email": "parent@example.org", **self.pay_form()})
        assert answer.status_code == 302, refusal_in(answer)
        page = answer.headers["Location"]
        return self.send(PaymentAttempt.objects.get(public_id=page.split("/")[2]))

    def pay_form(self) -> dict[str, str]:
        """The hidden fields of the basket's « Payer »."""
        page = self.client.get("/panier/").content.decode()
        found = re.findall(r'<input type="hidden" name="(form_key|shown_cents|checkout)" value="([^"]*)"', page)
        return dict(found)

    def send(self, attempt: PaymentAttempt) -> tuple[PaymentAttempt, Redirect]:
        """The click of the preparation page: an address, or a form to post."""
        answer = self.client.post(f"/paiement/{attempt.public_id}/partir/")
        attempt.refresh_from_db()
        reference = attempt.gateway_reference or ""
        if answer.status_code == 303:
            return attempt, Redirect(answer.headers["Location"], reference)
        page = answer.content.decode()
        action = re.search(r'<form action="([^"]+)" method="post" data-auto-submit', page)
        assert action, refusal_in(answer)
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
        return attempt, Redirect(
            unescape(action[1]), reference, {unescape(name): unescape(value) for name, value in fields}
        )

    def decide(self, attempt: PaymentAttempt, outcome: str, **controls: Any) -> None:
        """The payer decides; nothing that the bank sends is delivered yet."""
        self.teller.decide(self.sim, attempt, outcome, **{"return": "none", **controls})
        self.sim.wait_notifications()

    def pay(self, attempt: PaymentAttempt, **controls: Any) -> None:
        self.decide(attempt, self.teller.paid, **controls)

    def deliver(self) -> list[int]:
        """Bring every letter of the bank to the portal, and let the worker understand; the statuses answered."""
        answered = [letter.delivered(Client()).status_code for letter in self.post.taken()]
        process_due()
        return answered

    def advance(self, **duration: float) -> None:
        """Time passes for the portal and for the bank."""
        before = self.clock.now()
        self.clock.advance(**duration)
        self.sim.shift_clock((self.clock.now() - before).total_seconds())
        login_family(self.client, self.household)  # a session lives half an hour

    def state(self, attempt: PaymentAttempt) -> str:
        attempt.refresh_from_db()
        return attempt.state


def refusal_in(answer) -> str:
    """What a page says went wrong, for the message of a failing test."""
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return f"{answer.status_code}: {' '.join(text.split())[-600:]}"


@pytest.fixture
def office(teller, banksim, post, settings, frozen_clock, db) -> Office:
    """Everything ready to pay on one gateway."""
    return open_office(teller, banksim, post, settings, frozen_clock)


def open_office(teller, banksim, post, settings, frozen_clock) -> Office:
    """The same, for tests that need another database fixture."""
    settings.PREAU_PUBLIC_URL = post.url
    banksim.set_clock(DEFAULT.isoformat())
    make_town()
    regie = make_regie(contract=False, label="CE DU LAMENTIN")
    teller.contract(banksim, regie)
    household = make_household()
    client = Client()
    login_family(client, household)
    return Office(teller, banksim, post, frozen_clock, regie, household, client)
