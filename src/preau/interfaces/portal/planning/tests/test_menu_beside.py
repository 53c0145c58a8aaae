"""The menu stands beside the day that a family books (V12)."""

import pytest

from preau.domain.activities.models.menus import Menu
from preau.foundation import clock
from tests.support.bookings import MONDAY
from tests.support.pages import words

pytestmark = pytest.mark.django_db


@pytest.mark.row("V12")
@pytest.mark.parametrize("page", ["planning", "planning_edit"])
def test_the_menu_of_the_day_is_beside_it(parent, page):
    menu = Menu.objects.create(site=parent.activity.site, day=MONDAY, published_at=clock.now())
    menu.dishes.create(position=1, course="entrée", name="Carottes râpées")
    menu.dishes.create(position=2, course="plat principal", name="Lasagnes aux légumes")
    shown = words(parent.get(page, enfant=parent.child(), jour=MONDAY.isoformat()))
    assert "Carottes râpées, Lasagnes aux légumes" in shown


def test_a_day_without_menu_says_nothing_of_it(parent):
    shown = words(parent.get("planning", enfant=parent.child(), jour=MONDAY.isoformat()))
    assert "Carottes" not in shown
