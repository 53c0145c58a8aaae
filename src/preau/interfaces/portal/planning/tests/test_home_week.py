"""The children's week and what waits for an answer, on the family's home page."""

from datetime import UTC, datetime

import pytest

from preau.domain.bookings.services.orders import confirm_order, lock_order
from preau.interfaces.portal.planning.tests.conftest import parent_of
from tests.support.bookings import FRIDAY, MONDAY, PARENT, TUESDAY, make_family
from tests.support.factories import login_family
from tests.support.pages import main_words


@pytest.fixture
def at_that_week(parent, frozen_clock):
    """Monday and Friday booked for the first child; the clock then moves to Tuesday of that week."""
    confirm_order(lock_order(parent.family.hold(MONDAY, FRIDAY).id), by=PARENT)
    frozen_clock.set(datetime(2026, 11, 17, 9, 0, tzinfo=UTC))
    login_family(parent.client, parent.family.household)
    return parent


def test_the_week_of_each_child_that_has_something_is_shown(at_that_week):
    page = main_words(at_that_week.get("home"))
    assert "Les enfants cette semaine Enfant1" in page
    assert "lun. 16 Cantine Jules-Ferry mar. 17 Rien mer. 18 Rien jeu. 19 Rien ven. 20 Cantine Jules-Ferry" in page
    assert "Enfant2" not in page
    assert 'class="is-today" aria-current="date"><b>mar. 17' in at_that_week.get("home").content.decode()


def test_from_saturday_on_it_is_the_next_week(at_that_week, frozen_clock):
    frozen_clock.set(datetime(2026, 11, 14, 9, 0, tzinfo=UTC))
    login_family(at_that_week.client, at_that_week.family.household)
    assert "lun. 16 Cantine Jules-Ferry" in main_words(at_that_week.get("home"))


def test_what_is_held_is_told_with_its_limit(parent):
    parent.family.hold(MONDAY)
    page = main_words(parent.get("home"))
    assert "Des réservations attendent votre paiement : 3,60 €" in page
    assert "Places gardées jusqu’au 8 octobre 2026, 16 h 35." in page


def test_what_is_drafted_is_told(parent):
    parent.family.draft(MONDAY, TUESDAY)
    assert "2 jours choisis, pas encore enregistrés" in main_words(parent.get("home"))


def test_a_family_that_books_nothing_sees_nothing_of_it(parent):
    page = main_words(parent.get("home"))
    assert "Les enfants cette semaine" not in page
    assert "Ce qui vous attend" not in page


@pytest.mark.parametrize("children", [1, 6])
def test_queries_do_not_grow_with_children(db, frozen_clock, children):
    parent = parent_of(make_family(children=children))
    for child in range(children):
        parent.family.draft(MONDAY, child=child)
    parent.family.save()
    frozen_clock.set(datetime(2026, 11, 16, 9, 0, tzinfo=UTC))
    login_family(parent.client, parent.family.household)
    assert parent.queries("home") == 14
