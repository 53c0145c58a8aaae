"""Setting up a contract: in production, no imitated bank may say that families paid (payment-gateways 11.1)."""

import json

import pytest

from preau.domain.payments.admin import ContractForm
from tests.support.factories import make_regie, make_town


def fill(**values) -> ContractForm:
    make_town()
    usual = {
        "regie": make_regie(contract=False).pk,
        "gateway": "fake",
        "merchant": "090909",
        "mode": "production",
        "settings": "{}",
        "opened_on": "2026-10-08",
    }
    return ContractForm({**usual, **values})


SIMULATED = ["http://127.0.0.1:9000/ws", "https://127.0.0.1/ws", "https://localhost/ws", "http://banque.example/ws"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", SIMULATED)
def test_a_simulator_is_refused_when_it_is_typed_and_not_at_the_next_start(settings, address):
    """Until then every click on the imitated page was a payment; then the portal no longer started."""
    settings.PREAU_ENV = "production"
    form = fill(settings=json.dumps({"service_url": address}))
    assert form.errors == {"settings": [f"« service_url » désigne un simulateur ({address})."]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "address"), [("demo", SIMULATED[0]), ("production", "https://paiement.banque.example/ws")]
)
def test_the_demo_has_its_simulator_and_production_the_real_addresses(settings, where, address):
    settings.PREAU_ENV = where
    assert fill(settings=json.dumps({"service_url": address})).is_valid()
