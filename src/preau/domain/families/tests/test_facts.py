"""What an agent notes of a family: classes, diets, link with the town, quotient; every refusal (rules 15, 20)."""

from datetime import date

import pytest

from preau.domain.families.models import ChildDiet, ChildHome, QuotientFamilial
from preau.domain.families.queries import families_named, family_sheet, home_of_child
from preau.domain.families.services import FactRefusedError, note_child, note_quotient, note_town_link
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.models import AuditEvent
from tests.support.factories import make_household

pytestmark = pytest.mark.django_db

AGENT = Actor(kind="agent", key="agent")
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def household(frozen_clock):
    return make_household(file_name="DELATTRÉ", file_number="2026-77")


@pytest.fixture
def child(household):
    return household.children.get()


def _diets(child) -> set[str]:
    return set(ChildDiet.objects.filter(child=child).values_list("diet", flat=True))


def test_a_class_and_diets_are_noted_and_replaced(child):
    note_child(child=child, level="CE1", diets=["no_pork", "no_gluten"], by=AGENT)
    note_child(child=child, level="CE2", diets=["no_gluten", "own_basket"], by=AGENT)
    child.refresh_from_db()
    assert (child.level, _diets(child)) == ("CE2", {"no_gluten", "own_basket"})
    note_child(child=child, level="", diets=[], by=AGENT)
    child.refresh_from_db()
    assert (child.level, _diets(child)) == ("", set())


def test_the_journal_says_that_diets_changed_and_never_which(child):
    note_child(child=child, level="CE1", diets=["no_pork"], by=AGENT)
    assert AuditEvent.objects.get(action="child.noted").details == {"level": "CE1", "diets": 1}


@pytest.mark.parametrize(
    ("values", "field"),
    [({"level": "6e"}, "level"), ({"diets": ["halal"]}, "diets"), ({"diets": ["no_pork", "diabète"]}, "diets")],
)
def test_no_other_word_is_kept_of_a_child(child, values, field):
    with pytest.raises(FactRefusedError) as refused:
        note_child(**{"child": child, "level": "CE1", "diets": [], "by": AGENT, **values})
    assert refused.value.field == field
    child.refresh_from_db()
    assert (child.level, _diets(child)) == ("", set())


def test_the_link_with_the_town_is_noted(household):
    note_town_link(household=household, town_link="working", by=AGENT)
    household.refresh_from_db()
    assert household.town_link == "working"
    assert AuditEvent.objects.get(action="household.town_link").details == {"before": "resident", "after": "working"}
    with pytest.raises(FactRefusedError):
        note_town_link(household=household, town_link="friend", by=AGENT)


def test_quotients_have_a_history_and_a_slip_is_corrected_in_the_open(household):
    for cents, day in ((70000, SEPTEMBER), (65000, date(2027, 1, 1)), (75000, SEPTEMBER)):
        note_quotient(household=household, amount_cents=cents, valid_on=day, by=AGENT)
    assert dict(QuotientFamilial.objects.values_list("valid_on", "amount_cents")) == {
        SEPTEMBER: 75000,
        date(2027, 1, 1): 65000,
    }
    last = AuditEvent.objects.filter(action="household.quotient").latest("sequence")
    assert last.details == {"valid_on": "2026-09-01", "before": 70000, "after": 75000}


@pytest.mark.parametrize("cents", [-1, 10_000_001])
def test_an_amount_that_no_office_writes_is_refused(household, cents):
    with pytest.raises(FactRefusedError) as refused:
        note_quotient(household=household, amount_cents=cents, valid_on=SEPTEMBER, by=AGENT)
    assert refused.value.field == "amount"
    assert not QuotientFamilial.objects.exists()


@pytest.mark.parametrize(
    "sought", ["2026-77", "DELATTRÉ", "delattré", "lattré", "Amélie", "amélie", "enfant1", "Berger"]
)
def test_a_family_is_found_by_number_or_by_a_name(household, sought):
    assert list(families_named(sought)) == [household]


@pytest.mark.parametrize("sought", ["", "2026", "introuvable"])
def test_nothing_is_found_when_nothing_is_named(household, sought):
    assert list(families_named(sought)) == []


def test_a_family_with_two_homes_is_found_once(household):
    make_household(children=3)
    assert families_named("Berger").count() == 2


@pytest.mark.parametrize("count", [1, 5])
def test_a_family_is_read_in_a_number_of_queries_that_does_not_grow(frozen_clock, django_assert_num_queries, count):
    household = make_household(children=count)
    for place in household.child_places.all():
        note_child(child=place.child, level="CP", diets=["no_pork", "no_meat"], by=AGENT)
        note_quotient(household=household, amount_cents=1, valid_on=date(2026, 1, place.position), by=AGENT)
    with django_assert_num_queries(5):
        sheet = family_sheet(public_id=household.public_id)
        assert [len(place.child.diets.all()) for place in sheet.children] == [2] * count
    assert len(sheet.quotients) == count


def test_a_child_is_read_in_the_home_it_was_opened_from(household, child):
    other = make_household(children=0)
    other.children.add(child, through_defaults={"position": 1})
    assert home_of_child(child_id=child.public_id).household == household
    assert home_of_child(child_id=child.public_id, household_id=other.public_id).household == other
    assert home_of_child(child_id=child.public_id, household_id="x").household == household
    with pytest.raises(ChildHome.DoesNotExist):
        home_of_child(child_id="x")
