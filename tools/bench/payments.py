"""Payments under way at a bank that signs its notices, and the notices that would tell of them."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket
from preau.domain.payments.services.sending import send_attempt
from preau.domain.regies.models import Regie
from preau.domain.regies.services import set_secret
from preau.foundation.audit.actors import SYSTEM
from preau.plugins.gateways.systempay.wire import sign
from tests.support import factories
from tools.bench.paced import Request

_GATEWAY, _STRANGERS = "systempay", "payfip"
_SHOP, _KEY = "12345678", "1122334455667788"
_CENTS = 2400


@dataclass(frozen=True)
class Payment:
    """An attempt whose payer is at the bank, and what the bank will say of it: the fields of a signed form."""

    attempt: PaymentAttempt
    told: str

    @property
    def notice(self) -> Request:
        """What the bank's server sends."""
        return Request(reverse("webhooks:notification", args=[_GATEWAY, self.attempt.return_token]), self.told)

    @property
    def way_back(self) -> str:
        """Where the payer's browser comes back."""
        return f"{reverse('portal:payment_return', args=[self.attempt.return_token])}?{self.told}"


def open_regie(code: str) -> Regie:
    """A régie at the bank that signs."""
    regie = factories.make_regie(code=code, contract=False)
    contract = factories.make_contract(regie, gateway=_GATEWAY, merchant=_SHOP)
    set_secret(contract=contract, name="key", value=_KEY, overlap=timedelta(0), by=SYSTEM)
    return regie


def leave(regie: Regie, *, number: int) -> list[Payment]:
    """As many families, each on the bank's page for one invoice and about to pay it."""
    payer = factories.make_user()
    payments = []
    for _ in range(number):
        household = factories.make_household(with_login=False)
        invoice = factories.make_invoice(household, regie, cents=_CENTS)
        add_to_basket(user=payer, household=household, invoice_ids=[invoice.public_id])
        attempt = start_payment(
            household=household,
            user=payer,
            receipt_email="parent@example.org",
            form_key=new_form_key(),
            shown_cents=_CENTS,
            by=SYSTEM,
        )
        send_attempt(attempt=attempt, link_for=lambda _: ("http://localhost/n/", "http://localhost/r/"), by=SYSTEM)
        payments.append(Payment(attempt, _told(attempt)))
    return payments


def stranger() -> Request:
    """A notice about an operation that nobody here opened."""
    path = reverse("webhooks:notification", args=[_STRANGERS, secrets.token_urlsafe(24)])
    return Request(path, urlencode({"idop": secrets.token_hex(16)}))


def _told(attempt: PaymentAttempt) -> str:
    fields = {
        "vads_site_id": _SHOP,
        "vads_ctx_mode": "TEST",
        "vads_order_id": attempt.reference,
        "vads_amount": str(attempt.amount_cents),
        "vads_currency": "978",
        "vads_operation_type": "DEBIT",
        "vads_trans_status": "AUTHORISED",
        "vads_result": "00",
        "vads_trans_uuid": secrets.token_hex(16),
    }
    return urlencode({**fields, "signature": sign(fields, _KEY)})
