"""Tariffs at the desk: the list, a tariff, a version typed line by line, a price tried, a unit attached."""

from datetime import date
from decimal import Decimal

import pytest

from preau.domain.pricing.models import Tariff, TariffVersion, UnitTariff
from preau.domain.pricing.rules import Basis, Grid, Line, Rounding
from preau.domain.pricing.tests.tariffs import SEPTEMBER, make_tariff, make_unit, make_version
from preau.foundation.audit.models import AuditEvent
from preau.interfaces.desk.tests.conftest import hire
from preau.interfaces.desk.version_forms import LineForm, VersionForm
from tests.support.factories import make_regie, make_town
from tests.support.pages import main_words, words

pytestmark = pytest.mark.django_db

LIST = "/bureau/tarifs/"
BRACKETS = (Line(price_cents=360, quotient_to_cents=80_000, town_links=("resident",)), Line(price_cents=560))


@pytest.fixture(autouse=True)
def today(frozen_clock):
    """Thursday 8 October 2026."""
    make_town()
    return frozen_clock


@pytest.fixture
def regie(today):
    return make_regie(label="Restauration")


@pytest.fixture
def agent(regie):
    return hire(regie, name="Nadège Vandenbroucke", post="regisseur")


@pytest.fixture
def unit(regie):
    return make_unit(regie)


@pytest.fixture
def tariff(regie, unit):
    return make_tariff(regie, unit, name="Repas")


def page_of(tariff, more="") -> str:
    return f"{LIST}{tariff.public_id}/{more}"


def rows(*lines: dict) -> dict:
    """What the grid posts; a line left out of the dictionary is an empty cell."""
    posted = {"ligne-TOTAL_FORMS": len(lines), "ligne-INITIAL_FORMS": 0}
    for place, line in enumerate(lines):
        posted |= {f"ligne-{place}-{name}": value for name, value in {"position": place + 1, **line}.items()}
    return posted


DELIBERATED = {"valid_from": "2027-01-01", "deliberation": "délibération n° 2026-77", "rounding": "cent"}
TRIED = {"essai-lien": "resident", "essai-rang": "1", "essai-sorte": "school"}
GRID = rows(
    {"quotient_to_cents": "800", "town_links": "resident", "price_cents": "3,60"},
    {"price_cents": "0,52 %", "floor_cents": "1", "ceiling_cents": "5,60", "levels": ["CP", "CE1"], "rank_from": "2"},
    {"price_cents": "5,60"},
    {},
)


def send(agent, tariff, action="enregistrer", *, grid=GRID, **changed):
    return agent.client.post(
        page_of(tariff, "nouvelle-version/"), {**DELIBERATED, **TRIED, **grid, "action": action, **changed}
    )


# The list


def test_the_list_says_what_is_in_force_and_what_comes_next(agent, tariff, regie):
    make_version(tariff, *BRACKETS)
    make_version(tariff, *BRACKETS, valid_from=date(2027, 1, 1), deliberation="délibération n° 2026-77")
    make_tariff(regie, name="Étude")
    page = main_words(agent.get(LIST))
    assert "Repas à l’unité Restauration depuis le 1er septembre 2026 délibération n° 2026-41 " in page
    assert "le 1er janvier 2027 délibération n° 2026-77 1" in page
    assert "Étude à l’unité Restauration Pas de prix — 0" in page


def test_a_town_without_tariff_reads_why_it_matters(agent):
    assert "Aucun tarif pour l’instant. Une activité sans tarif ne peut pas être réservée" in main_words(
        agent.get(LIST)
    )


def test_the_menu_leads_there(agent):
    answer = agent.get("/bureau/")
    assert f'href="{LIST}"' in answer.content.decode()
    assert "Tarifs" in words(answer)


def test_another_regie_finds_nothing(tariff):
    make_version(tariff, *BRACKETS)
    stranger = hire(make_regie(), name="Solange Berger")
    assert "Repas" not in main_words(stranger.get(LIST))
    for more in ("", "nouvelle-version/"):
        assert stranger.get(page_of(tariff, more)).status_code == 404
    for more in ("unites/", "retirer/", "nouvelle-version/"):
        assert stranger.client.post(page_of(tariff, more), {"version": SEPTEMBER}).status_code == 404
    assert TariffVersion.objects.count() == 1


@pytest.mark.parametrize("count", [1, 4])
def test_queries_of_the_list_do_not_grow(agent, regie, django_assert_num_queries, count):
    for _ in range(count):
        tariff = make_tariff(regie, *(make_unit(regie) for _ in range(count)))
        for year in range(count):
            make_version(tariff, *BRACKETS, valid_from=date(2023 + year, 9, 1))
    agent.get(LIST)
    with django_assert_num_queries(7):
        agent.get(LIST)


@pytest.mark.parametrize("count", [1, 4])
def test_queries_of_a_tariff_do_not_grow(agent, regie, django_assert_num_queries, count):
    tariff = make_tariff(regie, *(make_unit(regie) for _ in range(count)))
    for year in range(count):
        make_version(tariff, *BRACKETS, valid_from=date(2023 + year, 9, 1))
    make_tariff(regie, *(make_unit(regie) for _ in range(count)))
    agent.get(page_of(tariff))
    with django_assert_num_queries(10):
        agent.get(page_of(tariff))


# A new tariff


def test_a_tariff_is_named_then_priced(agent, regie):
    answer = agent.client.post(
        f"{LIST}nouveau/", {"regie": regie.public_id, "name": "Étude", "unit_label": "de l’heure"}
    )
    tariff = Tariff.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(tariff, "nouvelle-version/"))
    assert (tariff.name, tariff.unit_label, tariff.regie) == ("Étude", "de l’heure", regie)
    assert AuditEvent.objects.get(action="tariff.created").actor_key == agent.user.public_id


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "Donnez un nom au tarif."),
        ({"name": "Repas"}, "La régie a déjà un tarif « Repas »."),
        ({"unit_label": ""}, "Dites comment il se compte, comme « à l’unité »."),
        ({"regie": ""}, "Choisissez une régie."),
    ],
)
def test_a_new_tariff_that_cannot_be_says_why(agent, regie, tariff, typed, told):
    posted = {"regie": regie.public_id, "name": "Étude", "unit_label": "à l’unité", **typed}
    assert told in main_words(agent.client.post(f"{LIST}nouveau/", posted), status=422)
    assert Tariff.objects.count() == 1


def test_the_regie_of_somebody_else_cannot_be_chosen(agent):
    posted = {"regie": make_regie().public_id, "name": "Étude", "unit_label": "à l’unité"}
    assert agent.client.post(f"{LIST}nouveau/", posted).status_code == 422


# A version


def test_a_grid_typed_by_hand_is_kept(agent, tariff):
    answer = send(
        agent, tariff, rounding="five_cents", late_surcharge_cents="0,50", late_surcharge_percent="10", cap_cents="8"
    )
    assert (answer.status_code, answer["Location"]) == (302, page_of(tariff))
    version = TariffVersion.objects.get()
    assert (version.valid_from, version.deliberation) == (date(2027, 1, 1), "délibération n° 2026-77")
    assert version.grid == Grid(
        lines=[
            Line(price_cents=360, quotient_to_cents=80_000, town_links=("resident",)),
            Line(
                basis=Basis.EFFORT,
                rate=Decimal("0.0052"),
                floor_cents=100,
                ceiling_cents=560,
                levels=("CP", "CE1"),
                rank_from=2,
            ),
            Line(price_cents=560),
        ],
        rounding=Rounding.FIVE_CENTS,
        late_surcharge_cents=50,
        late_surcharge_percent=10,
        cap_cents=800,
    )
    page = main_words(agent.get(page_of(tariff)))
    assert "La version du 1er janvier 2027 est enregistrée." in page
    assert "À partir du 1er janvier 2027 À venirdélibération n° 2026-77" in page
    assert "1 Quotient en dessous de 800,00 €, habite la commune 3,60 €" in page
    assert "2 À partir du 2e enfant, CP ou CE1 0,52 % du quotient, de 1,00 € à 5,60 €" in page
    assert "Arrondi aux cinq centimes ; majoration de retard de 10 % et de 0,50 € ; plafond légal de 8,00 €." in page


def test_lines_follow_their_numbers(agent, tariff):
    grid = rows(
        {"price_cents": "5,60", "position": "2"}, {"price_cents": "3,60", "quotient_to_cents": "800", "position": "1"}
    )
    send(agent, tariff, grid=grid)
    assert [line.price_cents for line in TariffVersion.objects.get().lines.all()] == [360, 560]


def test_a_new_version_starts_from_the_last_one(agent, tariff):
    make_version(tariff, *BRACKETS, late_surcharge_cents=50, late_surcharge_percent=10, cap_cents=800)
    odd = Line(
        basis=Basis.EFFORT, rate=Decimal("0.0052"), floor_cents=0, ceiling_cents=560, town_links=("schooled", "working")
    )
    make_version(tariff, odd, *BRACKETS, valid_from=date(2026, 10, 1), cap_cents=800)
    content = agent.get(page_of(tariff, "nouvelle-version/")).content.decode()
    for value in ('value="0,52\u202f%"', 'value="0,00"', 'value="5,60"', 'value="800,00"', 'value="8,00"'):
        assert value in content
    assert '<option value="schooled+working" selected>' in content
    assert "ligne-5-price_cents" in content
    assert "ligne-6-price_cents" not in content


def test_lines_may_be_added_and_nothing_typed_is_lost_or_judged(agent, tariff):
    answer = send(agent, tariff, "lignes", valid_from="", grid=rows({"price_cents": "abc", "levels": ["CP"]}, {}))
    content = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="abc"' in content
    assert "délibération n° 2026-77" in content
    assert 'value="CP" id="id_ligne-0-levels_4" checked' in content
    assert 'name="ligne-6-price_cents"' in content
    assert 'name="ligne-7-price_cents"' not in content
    assert "field__error" not in content


@pytest.mark.parametrize(
    ("line", "name", "told"),
    [
        ({"price_cents": "abc"}, "price_cents", "Écrivez un prix comme 3,20, ou un taux comme 0,52 %."),
        ({"price_cents": "NaN %"}, "price_cents", "Écrivez un prix comme 3,20, ou un taux comme 0,52 %."),
        ({"price_cents": "101 %", "floor_cents": "1", "ceiling_cents": "2"}, "price_cents", "entre 0 et 100 %."),
        ({"price_cents": "1 %", "ceiling_cents": "2"}, "floor_cents", "Un taux d’effort a un plancher (0 s’il"),
        ({"price_cents": "1", "ceiling_cents": "x"}, "ceiling_cents", "Écrivez un montant comme 12,50."),
        ({"quotient_to_cents": "8"}, "price_cents", "Écrivez un prix comme 3,20, ou un taux comme 0,52 %."),
        ({"price_cents": "1", "quotient_to_cents": "0"}, "quotient_to_cents", "La tranche finit avant de commencer"),
        ({"price_cents": "1", "rank_from": "deux"}, "rank_from", "Écrivez un nombre."),
        ({"price_cents": "1", "town_links": "moon"}, "town_links", "Choisissez dans la liste."),
        ({"price_cents": "1", "levels": ["CP", "6e"]}, "levels", "Choisissez dans la liste."),
        ({"price_cents": "9"}, "price_cents", "C’est plus que le plafond légal, 8,00 €."),
    ],
)  # fmt: skip
def test_each_error_is_beside_its_line_and_nothing_is_lost(agent, tariff, line, name, told):
    answer = send(
        agent,
        tariff,
        grid=rows({"price_cents": "4,44", "town_links": "none"}, line, {"price_cents": "5,60"}),
        cap_cents="8",
    )
    content, page = answer.content.decode(), main_words(answer, status=422)
    assert f'id="id_ligne-1-{name}-erreur"' in content
    assert told in page
    assert "À corriger : ligne 2." in page
    assert 'value="4,44"' in content
    assert not TariffVersion.objects.exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"valid_from": ""}, "Indiquez le premier jour."),
        ({"valid_from": "hier"}, "Ce n’est pas une date."),
        ({"deliberation": " "}, "Citez la délibération."),
        ({"rounding": "euro"}, "Choisissez un arrondi."),
        ({"late_surcharge_cents": "-1"}, "Écrivez une majoration entre 0 et 1 000,00 €."),
        ({"late_surcharge_percent": "501"}, "Écrivez 500 au plus."),
        ({"cap_cents": "0"}, "Écrivez un plafond entre 0,01 et 1 000,00 €."),
    ],
)
def test_each_error_of_the_deliberation_is_beside_its_field(agent, tariff, typed, told):
    assert told in main_words(send(agent, tariff, **typed), status=422)
    assert not TariffVersion.objects.exists()


def test_all_lines_in_fault_are_told_at_once(agent, tariff):
    backwards = {"price_cents": "2,60", "quotient_from_cents": "600", "quotient_to_cents": "100"}
    page = main_words(send(agent, tariff, valid_from="", grid=rows({"price_cents": "abc"}, backwards)), status=422)
    assert "À corriger : ligne 1, ligne 2." in page
    assert "La tranche finit avant de commencer" in page
    assert "Indiquez le premier jour." in page


def test_a_grid_that_forgets_families_says_who(agent, tariff):
    page = main_words(send(agent, tariff, grid=rows({"price_cents": "3,60", "quotient_to_cents": "800"})), status=422)
    assert "La grille est à revoir Ces familles n’ont pas de prix : quotient de 800,00 € et plus." in page


def test_a_line_that_serves_nobody_is_told_at_its_place(agent, tariff):
    answer = send(agent, tariff, grid=rows({"price_cents": "3,60"}, {"price_cents": "5,60"}))
    page = main_words(answer, status=422)
    assert "À corriger : ligne 2." in page
    assert "Cette ligne ne sert jamais" in page


def test_lines_that_share_families_say_which_one_decides(agent, tariff):
    grid = rows(
        {"price_cents": "1", "quotient_to_cents": "500"},
        {"price_cents": "2", "quotient_from_cents": "400", "quotient_to_cents": "800"},
        {"price_cents": "3"},
    )
    told = "Lignes 1 et 2 : pour « quotient de 400,00 € à moins de 500,00 € », c’est la ligne 1 qui vaut."
    assert told in main_words(send(agent, tariff, "essayer", grid=grid))
    send(agent, tariff, grid=grid)
    assert told in main_words(agent.get(page_of(tariff)))


@pytest.mark.parametrize("total", ["", "-1", "1e9", "99999999", "٣"])
def test_a_number_of_lines_that_nobody_typed_breaks_nothing(agent, tariff, total):
    answer = send(agent, tariff, **{"ligne-TOTAL_FORMS": total})
    assert answer.status_code == 422


# A price tried


def test_a_price_may_be_tried_before_anything_is_kept(agent, tariff):
    page = main_words(send(agent, tariff, "essayer", valid_from="", deliberation="", **{"essai-quotient": "712"}))
    assert "3,60 € à l’unité Quotient familial de 712,00 €. Quotient en dessous de 800,00 €, habite la commune" in page
    assert "Indiquez le premier jour" not in page
    assert not TariffVersion.objects.exists()


def test_a_price_that_nobody_is_given_is_told(agent, tariff):
    grid = rows({"price_cents": "3,60", "town_links": "none"})
    page = main_words(send(agent, tariff, "essayer", grid=grid))
    assert "Pas de prix Aucune ligne ne prévoit ce cas : pas de prix." in page
    assert "Ces familles n’ont pas de prix : habite la commune" in page


def test_what_is_tried_must_be_readable(agent, tariff):
    page = main_words(send(agent, tariff, "essayer", **{"essai-quotient": "beaucoup"}))
    assert "Écrivez un montant comme 12,50." in page
    assert "à l’unité Quotient" not in page


def test_an_agent_answers_a_parent_on_the_phone(agent, tariff):
    make_version(tariff, *BRACKETS, late_surcharge_cents=50)
    asked = "?jour=2026-10-08&lien=resident&rang=1&sorte=school&retard=on"
    page = main_words(agent.get(page_of(tariff, f"{asked}&quotient=712,00")))
    assert "4,10 € à l’unité Tarif « Repas », délibération n° 2026-41, en vigueur depuis le 1er septembre 2026." in page
    assert "Réservation tardive : majoration de 0,50 €." in page
    assert "6,10 € à l’unité" in main_words(agent.get(page_of(tariff, f"{asked}&quotient=")))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("jour=2020-01-01", "« Repas » n’a pas de tarif le 1er janvier 2020."),
        ("jour=", "Indiquez un jour."),
        ("jour=2026-10-08&quotient=-5", "Écrivez un montant comme 12,50."),
        ("jour=2026-10-08&rang=99", "Écrivez 20 au plus."),
    ],
)
def test_a_price_that_cannot_be_tried_says_why(agent, tariff, asked, told):
    make_version(tariff, *BRACKETS)
    assert told in main_words(agent.get(page_of(tariff, f"?lien=resident&rang=1&sorte=school&{asked}")))


@pytest.mark.parametrize("value", ["\x00", "-1", "9" * 30, "é" * 500, "[]", "\u202e"])
def test_an_odd_question_is_never_a_breakdown(agent, tariff, value):
    make_version(tariff, *BRACKETS)
    names = ["jour", "quotient", "lien", "rang", "classe", "sorte", "minutes", "retard"]
    assert agent.client.get(page_of(tariff), dict.fromkeys(names, value)).status_code == 200
    odd = rows(dict.fromkeys(LineForm.base_fields, value))
    assert send(agent, tariff, grid=odd, **dict.fromkeys(VersionForm.base_fields, value)).status_code == 422
    assert TariffVersion.objects.count() == 1


# Taking back, attaching


def test_a_version_never_used_is_taken_back(agent, tariff):
    make_version(tariff, *BRACKETS)
    answer = agent.client.post(page_of(tariff, "retirer/"), {"version": SEPTEMBER})
    assert answer.status_code == 302
    assert "La version du 1er septembre 2026 est retirée." in main_words(agent.get(page_of(tariff)))
    assert not TariffVersion.objects.exists()


@pytest.mark.parametrize("day", ["2026-09-02", "hier", ""])
def test_a_version_that_does_not_exist_is_not_found(agent, tariff, day):
    make_version(tariff, *BRACKETS)
    assert agent.client.post(page_of(tariff, "retirer/"), {"version": day}).status_code == 404


def test_a_unit_of_the_regie_is_attached(agent, tariff, regie):
    other = make_unit(regie, name="Goûter")
    assert "Goûter (sans tarif)" in main_words(agent.get(page_of(tariff)))
    agent.client.post(page_of(tariff, "unites/"), {"unite": other.id})
    assert UnitTariff.objects.get(unit=other).tariff == tariff
    assert f"{other.activity.name}, Goûter suit maintenant ce tarif." in main_words(agent.get(page_of(tariff)))


def test_a_unit_of_another_regie_cannot_be_attached(agent, tariff, regie):
    make_unit(regie)
    stranger = make_unit(make_regie())
    answer = agent.client.post(page_of(tariff, "unites/"), {"unite": stranger.id})
    assert "Choisissez dans la liste." in main_words(answer, status=422)
    assert not UnitTariff.objects.filter(unit=stranger).exists()
