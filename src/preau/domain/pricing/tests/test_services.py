"""Tariffs written: each refusal, beside its field; what is kept, and what may still be taken back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps

from preau.domain.pricing.errors import OtherRegieError, TariffRefusedError, VersionUsedError
from preau.domain.pricing.invariants import units_are_priced_by_their_regie, versions_price_everybody
from preau.domain.pricing.models import PriceLine, Tariff, TariffVersion, UnitTariff
from preau.domain.pricing.rules import Basis, Grid, Line, Rounding
from preau.domain.pricing.services import add_version, attach, create_tariff, remove_version
from preau.domain.pricing.tests.tariffs import SEPTEMBER, make_tariff, make_unit, make_version, plain
from preau.domain.town.models import Town
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.models import AuditEvent
from tests.support.factories import make_household, make_regie

AGENT = Actor(kind="agent", key="agent")
TODAY = date(2026, 10, 8)
EVERYBODY = Line(price_cents=380)


@pytest.fixture(autouse=True)
def today(frozen_clock) -> None:
    """A Thursday of October."""


def add(tariff: Tariff, *lines: Line, **values) -> TariffVersion:
    told = {"valid_from": TODAY, "deliberation": "délibération n° 2026-41", **values}
    return add_version(tariff=tariff, lines=lines or (EVERYBODY,), by=AGENT, **told)


def faults(call, *args, **values):
    with pytest.raises(TariffRefusedError) as refusal:
        call(*args, **values)
    return [(fault.field, fault.line, *plain(fault.message)) for fault in refusal.value.faults]


def last_event():
    event = AuditEvent.objects.latest("sequence")
    return event.action, event.subject, event.details


# A version


def test_a_version_is_kept_as_it_was_typed_and_audited(tariff):
    lines = [
        Line(
            basis=Basis.EFFORT,
            rate=Decimal("0.0052"),
            floor_cents=100,
            ceiling_cents=560,
            quotient_to_cents=90_000,
            town_links=("resident", "schooled"),
        ),
        Line(price_cents=420, rank_from=2, levels=("CP",), day_kinds=("wednesday",), quotient_from_cents=10_000),
        Line(price_cents=560),
    ]
    said = {
        "rounding": Rounding.FIVE_CENTS,
        "late_surcharge_cents": 50,
        "late_surcharge_percent": 10,
        "cap_cents": 800,
    }
    version = add(tariff, *lines, deliberation="  délibération   n° 2026-41 ", **said)
    assert version.deliberation == "délibération n° 2026-41"
    assert TariffVersion.objects.get().grid == Grid(lines=lines, **said)
    kept = {"valid_from": "2026-10-08", "deliberation": "délibération n° 2026-41", "lines": 3}
    assert last_event() == ("tariff.version_added", tariff.public_id, kept)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"deliberation": " "}, "deliberation", "Citez la délibération."),
        ({"deliberation": "x" * 121}, "deliberation", "Écrivez 120 caractères au plus."),
        ({"rounding": "euro"}, "rounding", "Choisissez un arrondi."),
        ({"late_surcharge_cents": -1}, "late_surcharge_cents", "Écrivez une majoration entre 0 et 1 000,00 €."),
        ({"late_surcharge_percent": 501}, "late_surcharge_percent", "Écrivez une majoration entre 0 et 500 %."),
        ({"cap_cents": 0}, "cap_cents", "Écrivez un plafond entre 0,01 et 1 000,00 €."),
    ],
)
def test_each_fault_of_a_version_is_told_at_its_field(tariff, values, field, sentence):
    assert (field, None, sentence) in faults(add, tariff, **values)
    assert not TariffVersion.objects.exists()


def test_faults_of_the_version_and_of_its_lines_are_told_together(tariff):
    told = faults(add, tariff, Line(price_cents=380, quotient_to_cents=50_000), EVERYBODY, EVERYBODY, deliberation="")
    assert [(field, line) for field, line, _ in told] == [("deliberation", None), ("", 3)]


def test_a_grid_that_leaves_families_without_price_says_who(tariff):
    told = faults(add, tariff, Line(price_cents=380, quotient_to_cents=50_000))
    gap = "Ces familles n’ont pas de prix : quotient de 500,00 € et plus."
    assert told == [("", None, f"{gap} Terminez la grille par une ligne sans condition.")]


def test_two_versions_do_not_begin_on_one_day(tariff):
    add(tariff)
    assert faults(add, tariff) == [("valid_from", None, "Une version commence déjà ce jour-là.")]


def test_a_tariff_never_changes_the_prices_of_days_gone_by(tariff):
    add(tariff, valid_from=SEPTEMBER)
    told = faults(add, tariff, valid_from=date(2026, 10, 7))
    sentence = (
        "Un tarif n’est pas rétroactif : la version du 1er septembre 2026 a valu ces jours-là. "
        "Choisissez aujourd’hui ou plus tard."
    )
    assert told == [("valid_from", None, sentence)]
    assert add(tariff, valid_from=TODAY).valid_from == TODAY


def test_days_that_had_no_price_may_be_given_one(tariff):
    add(tariff, valid_from=SEPTEMBER)
    assert add(tariff, valid_from=date(2025, 9, 1)).valid_from == date(2025, 9, 1)


@pytest.mark.parametrize(
    ("zone", "at", "is_past"),
    [
        ("Europe/Paris", datetime(2026, 10, 8, 21, 59, 59, tzinfo=UTC), False),
        ("Europe/Paris", datetime(2026, 10, 8, 22, 0, 0, tzinfo=UTC), True),
        ("America/Martinique", datetime(2026, 10, 9, 3, 59, 59, tzinfo=UTC), False),
        ("America/Martinique", datetime(2026, 10, 9, 4, 0, 0, tzinfo=UTC), True),
    ],
)
def test_a_day_is_gone_by_at_midnight_of_the_town(tariff, frozen_clock, zone, at, is_past):
    Town.objects.update(time_zone=zone)
    add(tariff, valid_from=SEPTEMBER)
    frozen_clock.set(at)
    if is_past:
        assert [field for field, _, _ in faults(add, tariff)] == ["valid_from"]
    else:
        assert add(tariff).valid_from == TODAY


# Taking one back


def book(version, unit, household) -> None:
    """As the applications above write it."""
    enrolment = apps.get_model("bookings", "Enrolment").objects.create(
        child=household.children.get(),
        household=household,
        activity=unit.activity,
        state="accepted",
        first_day=SEPTEMBER,
        last_day=date(2027, 7, 3),
        requested_at="2026-09-01T08:00Z",
        decided_at="2026-09-01T08:00Z",
    )
    apps.get_model("bookings", "Booking").objects.create(
        enrolment=enrolment,
        child=enrolment.child,
        household=household,
        activity=unit.activity,
        unit=unit,
        day=TODAY,
        state="confirmed",
        price_cents=380,
        tariff_version=version,
        created_at="2026-09-01T08:00Z",
    )


def test_a_version_that_made_no_price_may_be_taken_back(tariff):
    version = add(tariff)
    remove_version(version=version, by=AGENT)
    assert not TariffVersion.objects.exists()
    assert not PriceLine.objects.exists()
    details = {"valid_from": "2026-10-08", "deliberation": "délibération n° 2026-41"}
    assert last_event() == ("tariff.version_removed", tariff.public_id, details)


def test_a_version_that_made_a_price_stays(tariff, unit):
    version = add(tariff)
    book(version, unit, make_household(with_login=False))
    with pytest.raises(VersionUsedError) as refusal:
        remove_version(version=version, by=AGENT)
    assert plain(refusal.value.message) == (
        (
            "La version du 8 octobre 2026 a déjà servi à des réservations : elle ne peut plus être retirée. "
            "Pour changer les prix, écrivez une nouvelle version."
        ),
    )
    assert version.lines.count() == 1
    assert last_event()[0] == "tariff.version_added"


# Tariffs and units


def test_a_tariff_is_created_without_price(regie):
    tariff = create_tariff(regie=regie, name=" Étude  du soir ", unit_label="de l’heure", by=AGENT)
    assert (tariff.name, tariff.unit_label, tariff.regie) == ("Étude du soir", "de l’heure", regie)
    assert last_event() == ("tariff.created", tariff.public_id, {"name": "Étude du soir"})


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"name": ""}, ("name", "Donnez un nom au tarif.")),
        ({"name": "x" * 101}, ("name", "Écrivez 100 caractères au plus.")),
        ({"name": "Restauration"}, ("name", "La régie a déjà un tarif « Restauration ».")),
        ({"unit_label": ""}, ("unit_label", "Dites comment il se compte, comme « à l’unité ».")),
        ({"unit_label": "x" * 41}, ("unit_label", "Écrivez 40 caractères au plus.")),
    ],
)
def test_a_tariff_that_cannot_be_created_says_why(tariff, values, told):
    asked = {"name": "Étude", "unit_label": "à l’unité", **values}
    field, sentence = told
    assert faults(create_tariff, regie=tariff.regie, by=AGENT, **asked) == [(field, None, sentence)]


def test_two_regies_may_use_one_name(tariff):
    other = create_tariff(regie=make_regie(), name=tariff.name, unit_label="à l’unité", by=AGENT)
    assert other.name == tariff.name


def test_a_unit_passes_from_a_tariff_to_another(tariff, unit, regie):
    other = make_tariff(regie)
    attach(unit=unit, tariff=other, by=AGENT)
    assert UnitTariff.objects.get(unit=unit).tariff == other
    details = {"activity": unit.activity.public_id, "unit": "repas"}
    assert last_event() == ("tariff.attached", other.public_id, details)


def test_a_unit_without_tariff_takes_one(tariff, regie):
    unit = make_unit(regie)
    attach(unit=unit, tariff=tariff, by=AGENT)
    assert UnitTariff.objects.get(unit=unit).tariff == tariff


def test_a_unit_is_not_priced_by_another_regie(tariff):
    stranger = make_unit(make_regie())
    with pytest.raises(OtherRegieError) as refusal:
        attach(unit=stranger, tariff=tariff, by=AGENT)
    assert plain(refusal.value.message) == (
        "« Repas » est encaissé par une autre régie que celle du tarif « Restauration ».",
    )
    assert not UnitTariff.objects.filter(unit=stranger).exists()


# What the self-check reads


def test_sound_tariffs_break_no_statement(tariff):
    add(tariff)
    assert list(_violations()) == []


def test_a_version_that_forgets_families_and_a_hole_in_its_lines_are_seen(tariff):
    make_version(tariff, Line(price_cents=380, town_links=("none",)))
    make_version(tariff, valid_from=TODAY).lines.create(position=2, price_cents=380)
    told = plain(*_violations())
    assert told[0] == "« Restauration », version du 2026-10-08 : lignes [2]"
    assert told[1].startswith("« Restauration », version du 2026-09-01 : Ces familles n’ont pas de prix : habite la")


def test_a_unit_priced_by_another_regie_is_seen(tariff):
    UnitTariff.objects.create(unit=make_unit(make_regie()), tariff=tariff)
    assert plain(*_violations()) == ("« Repas » a le tarif « Restauration » d’une autre régie",)


def _violations():

    yield from units_are_priced_by_their_regie()
    yield from versions_price_everybody()
