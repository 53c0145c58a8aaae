"""The installation's key changes: `preau reseal-secrets` keeps the contracts' keys readable."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from preau.domain.regies.models import ContractSecret
from preau.domain.regies.queries import secrets_of
from preau.domain.regies.services import set_secret
from preau.foundation.audit.actors import SYSTEM
from tests.support.factories import make_contract, make_regie

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract():
    contract = make_contract(make_regie(contract=False))
    set_secret(contract=contract, name="key", value="k" * 20, overlap=timedelta(0), by=SYSTEM)
    return contract


def test_the_keys_are_sealed_again_and_the_former_key_may_be_forgotten(contract, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    told = StringIO()
    call_command("reseal_secrets", stdout=told)
    settings.SECRET_KEY_FALLBACKS = []
    assert (told.getvalue(), secrets_of(contract)) == ("1 clé(s) de contrat rescellée(s).\n", {"key": ("k" * 20,)})


def test_a_key_that_cannot_be_opened_stops_everything(contract, settings):
    before = ContractSecret.objects.get().sealed
    settings.SECRET_KEY = "lost" * 20
    with pytest.raises(CommandError, match="rien n’a été changé"):
        call_command("reseal_secrets", stdout=StringIO())
    assert ContractSecret.objects.get().sealed == before
