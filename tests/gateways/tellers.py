"""One teller per gateway: how its contract is written, how its payer arrives and decides, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from banksim.testing import BankSim
from preau.domain.payments.gateway import Redirect
from preau.domain.payments.models import PaymentAttempt
from preau.domain.regies.models import GatewayContract, Regie
from preau.domain.regies.services import set_secret
from preau.foundation.audit.actors import SYSTEM
from tests.support.factories import make_contract

HMAC_KEY = "0123456789ABCDEF" * 8
FORM_KEY = "1122334455667788"
ACCESS_KEY = "abCdeFgHiJKLmNoPqrst"


@dataclass(frozen=True)
class Teller:
    """What a test needs to know of a gateway and of its imitation."""

    gateway: str
    bank: str
    number: str
    paid: str
    refused: str
    abandoned: str
    can_ask: bool
    is_hearsay: bool = False
    #: Lies that the bank can tell, each with what the portal must make of it: "refused" (nothing changes, listed) or
    #: "anomaly" (signed but contradicting what was asked).
    lies: Mapping[str, str] = field(default_factory=dict)
    #: Native outcomes that are neither paid nor an end.
    pending: tuple[str, ...] = ()

    def contract(self, sim: BankSim, regie: Regie, *, number: str = "", mode: str = "test") -> GatewayContract:
        """Declare the merchant at the bank, and its contract here."""
        number = number or self.number
        settings, secrets = _SIGNERS[self.gateway](sim, number, regie.label)
        contract = make_contract(regie, gateway=self.gateway, merchant=number, mode=mode, settings=settings)
        for name, value in secrets.items():
            set_secret(contract=contract, name=name, value=value, overlap=timedelta(0), by=SYSTEM)
        return contract

    def arrive(self, sim: BankSim, there: Redirect) -> None:
        """The browser opens the bank's page, by its address or by its form."""
        if there.fields:
            sim.bank(self.bank).submit(there.url, there.fields)
        else:
            sim.request("GET", there.url.removeprefix(sim.base_url))

    def decide(self, sim: BankSim, attempt: PaymentAttempt, outcome: str, **controls: Any) -> dict[str, Any]:
        """The payer decides; `notify` and `return` as in the simulator."""
        if self.bank == "payfip":
            return sim.decide(attempt.gateway_reference, outcome, **controls)
        return sim.bank(self.bank).decide(attempt.gateway_reference, outcome, **controls)

    def notify(self, sim: BankSim, attempt: PaymentAttempt, how: Any = "normal") -> list[dict[str, Any]]:
        """The bank notifies now."""
        if self.bank == "payfip":
            return sim.notify(attempt.gateway_reference, how)
        return sim.bank(self.bank).notify(attempt.gateway_reference, how)

    def __str__(self) -> str:
        return self.gateway


def _payfip(sim: BankSim, number: str, label: str):
    sim.add_client(number, label)
    return {"service_url": sim.service_url, "page_url": sim.page_url}, {}


def _tipi(sim: BankSim, number: str, label: str):
    sim.bank("tipi").declare(numcli=number, label_1=label)
    return {"page_url": f"{sim.base_url}/tpa/paiement.web"}, {}


def _paybox(sim: BankSim, number: str, label: str):
    bank = sim.bank("paybox")
    bank.declare(site=number, rang="32", identifiant="2", key=HMAC_KEY, label=label)
    settings = {
        "rang": "32",
        "identifiant": "2",
        "public_key": bank.public_key(),
        "page_url": f"{sim.base_url}/cgi/MYchoix_pagepaiement.cgi",
    }
    return settings, {"hmac_key": HMAC_KEY}


def _systempay(sim: BankSim, number: str, label: str):
    sim.bank("systempay").declare(site_id=number, key_test=FORM_KEY, label=label, notify_abandoned=True)
    return {"service_url": f"{sim.base_url}/vads-payment/"}, {"key": FORM_KEY}


def _payline(sim: BankSim, number: str, label: str):
    sim.bank("payline").declare(
        merchant_id="12345678901234", access_key=ACCESS_KEY, contract=number, label=label, repeat_seconds=0
    )
    settings = {
        "merchant_id": "12345678901234",
        "endpoint": f"{sim.base_url}/V4/services/WebPaymentAPI",
        "page_origin": sim.base_url,
    }
    return settings, {"access_key": ACCESS_KEY}


_SIGNERS = {
    "payfip": _payfip,
    "tipi": _tipi,
    "paybox": _paybox,
    "systempay": _systempay,
    "payzen": _systempay,
    "payline": _payline,
}
_FORM_LIES = {
    "forged": "refused",
    "unsigned": "refused",
    "altered": "refused",
    "other_reference": "refused",
    "resigned": "anomaly",
    "other_mode": "anomaly",
}
#: The other mode has another key, which this contract does not hold (payment-gateways 2.7, 27).
_SHOP_LIES = {**_FORM_LIES, "other_mode": "refused", "other_merchant": "anomaly", "other_currency": "anomaly"}

TELLERS = (
    Teller("payfip", "payfip", "090909", "P", "R", "A", can_ask=True, lies={"forged": "ignored"}),
    Teller(
        "tipi",
        "tipi",
        "090908",
        "P",
        "R",
        "A",
        can_ask=False,
        is_hearsay=True,
        lies={"altered": "ignored", "other_reference": "refused", "other_merchant": "ignored", "other_mode": "ignored"},
    ),
    Teller(
        "paybox", "paybox", "1999888", "00000", "00151", "00001", can_ask=False, lies=_FORM_LIES, pending=("99999",)
    ),
    Teller(
        "systempay",
        "systempay",
        "12345678",
        "AUTHORISED",
        "REFUSED",
        "ABANDONED",
        can_ask=False,
        lies=_SHOP_LIES,
        pending=("WAITING_AUTHORISATION", "UNDER_VERIFICATION"),
    ),
    Teller(
        "payzen",
        "systempay",
        "87654321",
        "AUTHORISED",
        "REFUSED",
        "ABANDONED",
        can_ask=False,
        lies=_SHOP_LIES,
    ),
    Teller("payline", "payline", "1234567", "00000", "01100", "02319", can_ask=True, lies={"forged": "ignored"}),
)
