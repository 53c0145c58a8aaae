"""One family, one régie, one invoice, one attempt at the fake bank: the start of most payment tests."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket
from preau.domain.payments.services.sending import send_attempt
from preau.domain.regies.models import Regie
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from tests.support.factories import NOON, make_household, make_invoice, make_regie, make_town, user_of

PARENT = Actor(kind="family", key="parent")


def links(attempt: PaymentAttempt) -> tuple[str, str]:
    return f"https://town.example/n/{attempt.return_token}", f"https://town.example/r/{attempt.return_token}"


@dataclass
class Scene:
    household: Household
    user: User
    regie: Regie
    invoice: Invoice

    def choose(self, *invoices: Invoice) -> None:
        add_to_basket(user=self.user, household=self.household, invoice_ids=[i.public_id for i in invoices])

    def start(self, cents: int, **values) -> PaymentAttempt:
        return start_payment(
            **{
                "household": self.household,
                "user": self.user,
                "receipt_email": "parent@example.org",
                "form_key": new_form_key(),
                "shown_cents": cents,
                "by": PARENT,
                **values,
            },
        )

    def send(self, *invoices: Invoice, cents: int | None = None) -> PaymentAttempt:
        """An attempt whose payer is on the bank's pages."""
        chosen = invoices or (self.invoice,)
        self.choose(*chosen)
        attempt = self.start(sum(i.left_cents for i in chosen) if cents is None else cents)
        send_attempt(attempt=attempt, link_for=links, by=PARENT)
        attempt.refresh_from_db()
        return attempt


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def scene(db, at_noon) -> Scene:
    make_town()
    regie = make_regie()
    household = make_household()
    return Scene(household, user_of(household), regie, make_invoice(household, regie, cents=2400))
