"""Families of another software written into ours: all or nothing, and twice the same changes nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from preau.domain.families import services
from preau.domain.families.models import Child, ChildHome, Guardian, Household, QuotientFamilial
from preau.domain.families.tests.conftest import adult, child, family, report
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent

pytestmark = pytest.mark.usefixtures("town")

LEA, NOE = child("Léa", date(2018, 3, 9)), child("Noé", date(2020, 12, 21))


def apply(*households):
    return services.apply_intake(report=report(*households), by=SYSTEM)


def counts_of(outcome) -> dict[str, int]:
    return {
        name: getattr(outcome, name)
        for name in ("created", "updated", "unchanged", "guardians_added", "children_added")
        if getattr(outcome, name)
    }


def everything() -> dict[str, list[dict]]:
    models = (Household, Guardian, Child, ChildHome, QuotientFamilial)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_a_family_is_created_with_its_people():
    told = family(
        address_lines=("12 rue des Lilas", "Bât. B"),
        quotient_familial_cents=41_250,
        quotient_familial_on=date(2026, 1, 1),
        guardians=(adult(civility="Madame", email="lina@exemple.fr"), adult("Petit", "Marc")),
        children=(LEA, NOE),
    )
    assert counts_of(apply(told)) == {"created": 1, "guardians_added": 2, "children_added": 2}
    household = Household.objects.get()
    assert (household.file_number, household.file_name, household.address) == (
        "101",
        "ROUX",
        "12 rue des Lilas\nBât. B",
    )
    assert [(g.position, g.civility, g.full_name, g.email) for g in household.guardians.all()] == [
        (1, "Madame", "Lina Roux", "lina@exemple.fr"),
        (2, "", "Marc Petit", ""),
    ]
    assert [(p.position, p.child.first_name) for p in household.child_places.all()] == [(1, "Léa"), (2, "Noé")]
    quotient = household.quotients.get()
    assert (quotient.amount_cents, quotient.valid_on) == (41_250, date(2026, 1, 1))


def test_the_same_file_twice_changes_nothing():
    told = family(quotient_familial_cents=0, guardians=(adult(), adult("Petit", "Marc")), children=(LEA, NOE))
    apply(told)
    before = everything()
    with clock.frozen(datetime(2027, 1, 1, tzinfo=UTC)):
        assert counts_of(apply(told)) == {"unchanged": 1}
    assert everything() == before
    assert AuditEvent.objects.filter(action="families_imported").count() == 1


def test_a_changed_family_updates_its_fields():
    apply(family(), family("102"))
    told = family(address_lines=("1 place Neuve",), guardians=(adult(mobile_phone="06 39 98 01 01"),))
    outcome = apply(replace(told, children=(child(school="Les Tilleuls"),)), family("102"))
    assert counts_of(outcome) == {"updated": 1, "unchanged": 1}
    household = Household.objects.get(file_number="101")
    assert household.address == "1 place Neuve"
    assert household.guardians.get().mobile_phone == "06 39 98 01 01"
    assert household.children.get().school == "Les Tilleuls"


def test_an_empty_cell_erases_nothing():
    full = family(guardians=(adult(email="lina@exemple.fr"),), children=(child(school="Les Tilleuls"),))
    apply(full)
    before = everything()
    assert counts_of(apply(family(address_lines=(), city="", children=()))) == {"unchanged": 1}
    assert everything() == before


def test_nobody_is_deleted_when_a_file_forgets_them():
    apply(family(children=(LEA, NOE)), family("102"))
    apply(family(guardians=(), children=(LEA,)))
    assert (Household.objects.count(), Guardian.objects.count(), Child.objects.count()) == (2, 2, 3)


def test_a_child_who_arrives_takes_the_next_rank():
    apply(family(children=(LEA,)))
    assert counts_of(apply(family(children=(NOE, LEA)))) == {"updated": 1, "children_added": 1}
    places = ChildHome.objects.order_by("position")
    assert [(place.position, place.child.first_name) for place in places] == [(1, "Léa"), (2, "Noé")]


def test_a_child_of_two_families_stays_two_children():
    apply(family("101", children=(LEA,)), family("102", children=(LEA,)))
    assert Child.objects.count() == 2


def test_the_number_of_a_file_is_read_whatever_its_case():
    apply(family("A12"))
    assert counts_of(apply(family("a12"))) == {"unchanged": 1}


def test_quotients_keep_their_history():
    apply(family(quotient_familial_cents=40_000, quotient_familial_on=date(2026, 1, 1)))
    apply(family(quotient_familial_cents=45_000, quotient_familial_on=date(2027, 1, 1)))
    apply(family(quotient_familial_cents=46_000, quotient_familial_on=date(2027, 1, 1)))
    assert list(QuotientFamilial.objects.values_list("amount_cents", "valid_on")) == [
        (46_000, date(2027, 1, 1)),
        (40_000, date(2026, 1, 1)),
    ]


def test_a_quotient_without_date_holds_from_today_in_the_town(town):
    town.time_zone = "America/Martinique"
    town.save()
    with clock.frozen(datetime(2026, 10, 7, 2, 0, tzinfo=UTC)):
        apply(family(quotient_familial_cents=40_000))
    assert QuotientFamilial.objects.get().valid_on == date(2026, 10, 6)


def test_a_login_stays_with_its_person():
    apply(family())
    lina = Guardian.objects.get()
    services.invite_guardian(guardian=lina, valid_for=timedelta(days=60), by=SYSTEM)
    outcome = apply(family(guardians=(adult("Durand", "Paul"),)))
    assert counts_of(outcome) == {"updated": 1, "guardians_added": 1}
    assert [(g.position, g.full_name, g.user_id is not None) for g in Guardian.objects.all()] == [
        (1, "Lina Roux", True),
        (2, "Paul Durand", False),
    ]


def test_an_adult_for_whom_there_is_no_room_is_left_to_a_person():
    apply(family(guardians=(adult(), adult("Petit", "Marc"))))
    for guardian in Guardian.objects.all():
        services.invite_guardian(guardian=guardian, valid_for=timedelta(days=60), by=SYSTEM)
    outcome = apply(family(guardians=(adult("Durand", "Paul"),)))
    assert counts_of(outcome) == {"unchanged": 1}
    (remark,) = outcome.remarks
    assert str(remark) == (
        "Ligne 2\u202f: «\u202fPaul Durand\u202f» n’est pas chargé\u202f: "
        "ce dossier a déjà deux autres responsables qui ont un compte"
    )


def test_a_failure_leaves_nothing_behind():
    # Two families of one number cannot come from a reader: the database stops the writing half-way.
    with pytest.raises(IntegrityError):
        apply(family("101"), family("101"))
    assert [len(rows) for rows in everything().values()] == [0, 0, 0, 0, 0]
    assert AuditEvent.objects.count() == 0


def test_comparing_tells_the_same_and_writes_nothing():
    apply(family("101"), family("102"))
    before = everything()
    told = report(family("101"), family("102", city="Roubaix"), family("103"))
    assert counts_of(services.compare_intake(report=told)) == {
        "created": 1,
        "updated": 1,
        "unchanged": 1,
        "guardians_added": 1,
        "children_added": 1,
    }
    assert everything() == before


def test_the_import_is_traced_and_shows_its_progress():
    seen = []
    services.apply_intake(
        report=report(family("101"), family("102")), by=SYSTEM, progress=lambda done, all_: seen.append((done, all_))
    )
    assert seen == [(2, 2)]
    event = AuditEvent.objects.get()
    assert (event.action, event.details) == ("families_imported", {"created": 2, "updated": 0, "unchanged": 0})


@pytest.mark.parametrize("count", [1, 40])
def test_loading_more_families_asks_no_more_queries(django_assert_num_queries, count):
    told = report(*(family(str(number)) for number in range(count)))
    with django_assert_num_queries(17):
        services.apply_intake(report=told, by=SYSTEM)
