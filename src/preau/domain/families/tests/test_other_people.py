"""A login never passes to somebody else, however alike they are (design 4.10)."""

from datetime import date

from preau.domain.families.rules import pair_adults
from preau.domain.families.tests.conftest import adult

SHARED = "famille@exemple.fr"


def _known(known, told):
    """Whom the adult told at the second rank is taken for, when everybody has a login."""
    lina = adult("Roux", "Lina", email=SHARED)
    pairs = pair_adults({1: lina, 2: known}, [lina, told], is_free=lambda _: False)
    return pairs[1].known


def test_a_first_name_is_not_enough_against_two_birth_dates():
    """Marc left, another Marc came: the first would read the second's family under his name."""
    known = adult("Petit", "Marc", birth_date=date(1980, 1, 1))
    assert _known(known, adult("Durand", "Marc", birth_date=date(1985, 6, 2))) is None


def test_the_address_of_the_whole_family_names_nobody():
    assert _known(adult("Petit", "Marc", email=SHARED), adult("Durand", "Paul", email=SHARED)) is None


def test_a_corrected_name_is_still_known_by_what_stays():
    marc = adult("Petit", "Marc", email="marc@exemple.fr", birth_date=date(1980, 1, 1))
    assert _known(marc, adult("Petit-Roux", "Marc")) == marc
    assert _known(marc, adult("Durand", "Markus", email="MARC@exemple.fr")) == marc
    assert _known(marc, adult("Durand", "Markus", birth_date=date(1980, 1, 1))) == marc
