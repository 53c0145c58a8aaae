"""A town, a family in front of its pages, and payments that the fake bank confirms or keeps waiting."""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments.models import PaymentAttempt, Receipt
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.foundation.audit.actors import Actor
from tests.support.factories import login_family, make_household, make_town, user_of

PARENT = Actor(kind="family", key="parent")


@dataclass
class Family:
    """A household whose first adult has logged in; the clock says Thursday 8 October 2026, 15 h 35 in Paris."""

    household: Household
    client: Client
    bank: object

    def get(self, name: str, *args: str, **query: str):
        return self.client.get(reverse(f"portal:{name}", args=args), query)

    def queries(self, name: str, *args: str) -> int:
        """How many queries a page asks once the session is known (the first page of a session writes it)."""
        self.get(name, *args)
        with CaptureQueriesContext(connection) as asked:
            assert self.get(name, *args).status_code == 200
        return len(asked)

    def start_payment(self, *invoices: Invoice) -> PaymentAttempt:
        """The payer is on the bank's pages: these invoices are locked."""
        user = user_of(self.household)
        add_to_basket(user=user, household=self.household, invoice_ids=[i.public_id for i in invoices])
        attempt = start_payment(
            household=self.household,
            user=user,
            receipt_email="parent@example.org",
            form_key=new_form_key(),
            shown_cents=sum(i.left_cents for i in invoices),
            by=PARENT,
        )
        send_attempt(attempt=attempt, link_for=lambda _: ("https://t.example/n", "https://t.example/r"), by=PARENT)
        attempt.refresh_from_db()
        return attempt

    def settle(self, attempt: PaymentAttempt) -> None:
        """Ask the bank what became of it."""
        ask(attempt, origin=Origin.SWEEP, timeout=1)

    def pay(self, *invoices: Invoice) -> Receipt:
        """The bank confirms."""
        attempt = self.start_payment(*invoices)
        self.bank.pay(attempt.gateway_reference)
        ask(attempt, origin=Origin.SWEEP, timeout=1)
        return Receipt.objects.get(capture__attempt=attempt)


@pytest.fixture
def town(db, frozen_clock):
    return make_town()


@pytest.fixture
def family(town, client, bank) -> Family:
    household = make_household()
    login_family(client, household)
    return Family(household, client, bank)
