"""The desk of a régie, opened in a test, and an agent who takes money there through its pages."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments.models import PaymentAttempt
from preau.domain.regies.models import DESK_MEANS, AllowedMeans, Channel, GatewayContract, Regie, RegieMember
from preau.foundation import clock
from tests.support.factories import make_contract, make_user

#: The gateway of a desk, by its code.
DESK = "counter"


def open_desk(regie: Regie, *, means: tuple[str, ...] = DESK_MEANS, **values: Any) -> GatewayContract:
    """Its contract, and what its act lets it take."""
    AllowedMeans.objects.filter(regie=regie, means__in=DESK_MEANS).delete()
    AllowedMeans.objects.bulk_create(AllowedMeans(regie=regie, means=one) for one in means)
    return make_contract(regie, **{"gateway": DESK, "channel": Channel.DESK, "merchant": "Mairie", **values})


@dataclass
class Till:
    """An agent before the page of a family."""

    user: User
    client: Client
    regie: Regie

    def path(self, household: Household) -> str:
        return f"/bureau/guichet/{household.public_id}/"

    def page(self, household: Household, *, regie: Regie | None = None) -> HttpResponse:
        return self.client.get(f"{self.path(household)}?regie={(regie or self.regie).public_id}")

    def typed(self, *invoices: Invoice, amount: str, means: str = "cash", **changes: Any) -> dict[str, Any]:
        """What the form of the page of these invoices' family would send."""
        page = self.page(invoices[0].household, regie=invoices[0].regie).content.decode()
        hidden = dict(re.findall(r'<input type="hidden" name="(form_key|regie)" value="([^"]*)"', page))
        return {
            **hidden,
            "invoices": [one.public_id for one in invoices],
            "amount": amount,
            "means": means,
            "number": "",
            "received_on": clock.now().date().isoformat(),
            **changes,
        }

    def send(self, household: Household, typed: dict[str, Any]) -> HttpResponse:
        return self.client.post(self.path(household), typed)

    def take(self, *invoices: Invoice, amount: str, means: str = "cash", **changes: Any) -> HttpResponse:
        """The answer to the form, filled and sent."""
        typed = self.typed(*invoices, amount=amount, means=means, **changes)
        return self.send(invoices[0].household, typed)

    def taken(self, *invoices: Invoice, **said: Any) -> PaymentAttempt:
        """The payment that it wrote down."""
        answer = self.take(*invoices, **said)
        assert answer.status_code == 302, answer.content.decode()
        return PaymentAttempt.objects.get(public_id=answer["Location"].split("/")[3])


def hired(*regies: Regie, name: str = "Nadège Vandenbroucke") -> Till:
    """An agent of these régies who has logged in."""
    user, client = make_user(display_name=name), Client()
    RegieMember.objects.bulk_create(RegieMember(regie=one, user=user, post="mandataire") for one in regies)
    client.force_login(user)
    return Till(user, client, regies[0])
