import pytest

from preau.domain.pricing.models import Tariff
from preau.domain.pricing.tests.tariffs import make_tariff, make_unit
from preau.domain.regies.models import Regie
from tests.support.factories import make_regie, make_town


@pytest.fixture
def regie(db) -> Regie:
    make_town()
    return make_regie()


@pytest.fixture
def unit(regie):
    return make_unit(regie)


@pytest.fixture
def tariff(regie, unit) -> Tariff:
    return make_tariff(regie, unit, name="Restauration")
