"""A family in front of the portal's pages, whose bank is the fake one: it fills the basket, pays, comes back.

Everything goes through the pages, by Django's client: what a form holds is read from the page that shows it.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from preau.domain.accounts.models import User
from preau.domain.accounts.services import record_session
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Guardian, Household
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services.inbox import process_due
from tests.support.factories import login_family, make_household, make_regie, make_town, make_user, user_of
from tests.support.fake_gateway import FakeGateway

_HIDDEN = re.compile(r'<input type="hidden" name="(form_key|shown_cents|checkout|email)" value="([^"]*)"')
_TYPED = re.compile(r'<input type="email" name="(email)" value="([^"]*)"')


@dataclass
class Payer:
    """A household whose first adult has logged in; its pages are Django's answers."""

    household: Household
    client: Client
    bank: FakeGateway
    regie: object = field(default=None)

    def again(self) -> "Payer":
        """The same family as it was made, in a browser of its own."""
        return Payer(deepcopy(self.household), same_browser(self.client), self.bank, deepcopy(self.regie))

    @property
    def user(self) -> User:
        return user_of(self.household)

    def get(self, path: str) -> HttpResponse:
        return self.client.get(path)

    def choose(self, *invoices: Invoice) -> HttpResponse:
        """Tick invoices and send them to the basket."""
        answer = self.client.post("/panier/ajouter/", {"facture": [one.public_id for one in invoices]})
        assert answer["Location"] == "/panier/"
        return self.get("/panier/")

    @staticmethod
    def fields_of(page: HttpResponse) -> dict[str, str]:
        """What the form to pay of a page would send."""
        html = page.content.decode()
        return dict(_HIDDEN.findall(html)) | dict(_TYPED.findall(html))

    def click(self, page: HttpResponse | None = None, **changes: str) -> HttpResponse:
        """Press « Procéder au paiement » on a page (the basket as it is now unless given)."""
        return self.client.post("/panier/payer/", self.fields_of(page or self.get("/panier/")) | changes)

    def prepare(self, *invoices: Invoice) -> PaymentAttempt:
        """On the preparation page, before the bank; without invoices, with what the basket holds."""
        answer = self.click(self.choose(*invoices) if invoices else None)
        assert answer.status_code == 302, answer.content.decode()
        return PaymentAttempt.objects.get(public_id=answer["Location"].split("/")[2])

    def leave(self, attempt: PaymentAttempt) -> HttpResponse:
        """Press « Effectuer le paiement » of the preparation page."""
        answer = self.client.post(reverse("portal:payment_send", args=[attempt.public_id]))
        attempt.refresh_from_db()
        return answer

    def send(self, *invoices: Invoice) -> PaymentAttempt:
        """On the bank's pages."""
        attempt = self.prepare(*invoices)
        assert self.leave(attempt).status_code == 303
        return attempt

    def notify(self, attempt: PaymentAttempt, **fields: str) -> None:
        """The bank's notice arrives, and the worker reads it."""
        self.post_notice(attempt.return_token, **{"op": attempt.gateway_reference, **fields})
        process_due()
        attempt.refresh_from_db()

    @staticmethod
    def post_notice(token: str, **fields: str) -> HttpResponse:
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        return Client().get(f"{reverse('webhooks:notification', args=['fake', token])}?{query}")

    def come_back(self, attempt: PaymentAttempt, query: str = "", *, client: Client | None = None) -> HttpResponse:
        """The browser comes back from the bank; the page it then shows."""
        browser = client or self.client
        answer = browser.get(f"{reverse('portal:payment_return', args=[attempt.return_token])}?{query}")
        assert answer.status_code == 303
        attempt.refresh_from_db()
        return browser.get(answer["Location"])

    def result(self, attempt: PaymentAttempt) -> HttpResponse:
        return self.get(reverse("portal:payment_result", args=[attempt.return_token]))

    def pay(self, *invoices: Invoice) -> PaymentAttempt:
        """Paid and noticed."""
        attempt = self.send(*invoices)
        self.bank.pay(attempt.gateway_reference)
        self.notify(attempt)
        return attempt


def make_payer(client: Client, bank: FakeGateway) -> Payer:
    """A town, one régie, one family that has logged in."""
    make_town()
    regie = make_regie()
    household = make_household(file_name="BERGER38")
    login_family(client, household)
    return Payer(household, client, bank, regie)


def same_browser(client: Client) -> Client:
    """Another one with the same cookies."""
    copied = Client()
    copied.cookies = deepcopy(client.cookies)
    return copied


@pytest.fixture
def payer(db, frozen_clock, client, bank) -> Payer:
    """`make_payer` on Thursday 8 October 2026, 15 h 35 in Paris."""
    return make_payer(client, bank)


@pytest.fixture
def partner(payer) -> Payer:
    """Karim, the other adult of the payer's household, in his own browser."""
    user, client = make_user(display_name="Karim Berger"), Client()
    Guardian.objects.create(
        household=payer.household, user=user, position=2, civility="Monsieur", first_name="Karim", last_name="Berger"
    )
    client.force_login(user)
    record_session(
        user=user, session_key=client.session.session_key, network="127.0.0.1", agent="Chromium", remembered=False
    )
    return Payer(payer.household, client, payer.bank, payer.regie)


def another_payer(bank: FakeGateway) -> Payer:
    """Another family of the same town, in its own browser."""
    household, client = make_household(), Client()
    login_family(client, household)
    return Payer(household, client, bank)
