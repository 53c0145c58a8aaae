"""From the draft to the payment, without any script: held, paid, confirmed, or given up (C34–C39)."""

from datetime import date, timedelta

import pytest

from preau.domain.activities.models import PaymentMode, PlacesOfDay
from preau.domain.billing.models import CreditNote
from preau.domain.billing.services import record_credit_note
from preau.domain.bookings.models import DraftChange
from preau.domain.bookings.services.orders import confirm_order, lock_order
from preau.domain.payments.services.holds import lapse_due
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.portal.planning.tests.conftest import parent_of
from tests.support.bookings import (
    FRIDAY,
    MONDAY,
    PARENT,
    THURSDAY,
    TUESDAY,
    make_enrolment,
    make_family,
    make_service,
    reprice,
)
from tests.support.factories import NOON, login_family, make_regie
from tests.support.pages import main_words


def summary(parent, **query: str) -> str:
    return main_words(parent.get("planning_summary", **query))


def hold_four_meals(parent) -> None:
    """Two days for each of two children, « Valider et terminer »."""
    parent.tick(MONDAY, TUESDAY, faire="valider")
    parent.tick(MONDAY, TUESDAY, child=1, faire="recapitulatif")
    assert parent.save().status_code == 302


@pytest.mark.row("C34", "C35", "C36", "C37")
def test_four_meals_for_two_children_cost_14_40(parent):
    hold_four_meals(parent)
    page = summary(parent)
    assert "À payer : 14,40 €" in page
    assert (
        "Validation des modifications. Afin d’enregistrer définitivement votre saisie, veuillez cliquer sur le bouton "
        "« Payer ». Si vous cliquez sur « Tout supprimer », vos modifications seront effacées."
    ) in page
    assert "Paiement immédiat Vos places sont confirmées par le paiement." in page
    assert "Date Élément Tarification Coût" in page
    assert "lun. 16/11/2026 Enfant1 – Cantine Jules-Ferry – repas à l’unité 3,60 €" in page
    assert "mar. 17/11/2026 Enfant2 – Cantine Jules-Ferry – repas à l’unité 3,60 €" in page
    assert "Total 14,40 €" in page
    assert parent.states() == {MONDAY: "held", TUESDAY: "held"}


@pytest.mark.row("C38", "C39", "V13")
def test_paying_confirms_the_days_and_says_which(parent):
    hold_four_meals(parent)
    answer = parent.pay()
    assert answer["Location"].startswith("/paiement/")
    assert "Un paiement est en cours" in summary(parent)
    assert f'href="{answer["Location"]}"' in parent.get("planning_summary").content.decode()
    assert parent.states() == {MONDAY: "held", TUESDAY: "held"}
    page = main_words(parent.go_through_the_bank())
    assert "Vos réservations Elles sont confirmées." in page
    assert page.count(" – Cantine Jules-Ferry 3,60 €") == 4
    assert parent.states() == {MONDAY: "confirmed", TUESDAY: "confirmed"}
    mail = OutgoingMail.objects.get(kind="bookings.confirmed")
    assert "Jours ajoutés pour Enfant1" in mail.text
    assert mail.text.count("3,60") == 4
    assert "Rien à valider" in summary(parent)
    assert not violations()


@pytest.mark.row("C37")
def test_a_day_given_up_is_a_negative_line(parent):
    confirm_order(lock_order(parent.family.hold(MONDAY).id), by=PARENT)
    parent.untick(MONDAY)
    parent.tick(TUESDAY, THURSDAY)
    page = summary(parent)
    assert "lun. 16/11/2026 Enfant1 – Cantine Jules-Ferry – repas, annulé à l’unité −3,60 €" in page
    assert "Total 3,60 €" in page


@pytest.mark.row("C36")
def test_why_a_price_is_what_it_is(parent):
    parent.tick(MONDAY)
    assert "Comment ces prix sont calculés Enfant1, Cantine Jules-Ferry – repas" in summary(parent)
    assert "délibération n° 2026-41" in summary(parent)


@pytest.mark.row("C34")
def test_what_is_billed_later_is_saved_at_once(db, frozen_clock, bank):
    service = make_service("Garderie", payment_mode=PaymentMode.AFTERWARDS, regie=make_regie())
    parent = parent_of(make_family(service), bank)
    parent.tick(MONDAY)
    saved = parent.save()
    page = main_words(parent.client.get(saved["Location"]))
    assert "C’est enregistré" in page
    assert "Facturé après Enregistré." in page
    assert "lun. 16/11/2026 Enfant1 – Garderie – repas à l’unité 3,60 €" in page
    assert parent.states() == {MONDAY: "confirmed"}


@pytest.mark.row("C36")
def test_lines_are_grouped_by_way_to_pay(parent):
    care = make_service("Garderie", cents=120, unit="Soir", payment_mode="afterwards", regie=parent.activity.regie)
    make_enrolment(parent.family.children[0], care, parent.family.household)
    parent.tick(MONDAY)
    parent.tick(TUESDAY, activity=care)
    parent.save()
    page = summary(parent)
    first, _, second = page.partition("Facturé après")
    assert "Cantine Jules-Ferry – repas" in first
    assert "Garderie – soir" not in first
    assert "Garderie – soir à l’unité 1,20 €" in second
    assert "À payer : 3,60 €" in page


@pytest.mark.row("C26", "C37")
def test_a_credit_is_joined_and_shown_as_a_line(parent):
    note = CreditNote(
        regie=parent.activity.regie, household=parent.family.household, number="AV-1", label="Sortie annulée",
        issued_on=NOON.date(), total_cents=200,
    )  # fmt: skip
    record_credit_note(note=note)
    hold_four_meals(parent)
    page = summary(parent)
    assert "Avoir utilisé −2,00 €" in page
    assert "À payer 12,40 €" in page
    parent.pay()
    assert "12,40 € payés" in main_words(parent.go_through_the_bank())


@pytest.mark.row("C26")
def test_a_credit_that_covers_everything_asks_no_payment(parent):
    note = CreditNote(
        regie=parent.activity.regie, household=parent.family.household, number="AV-1", label="Sortie annulée",
        issued_on=NOON.date(), total_cents=5000,
    )  # fmt: skip
    record_credit_note(note=note)
    parent.tick(MONDAY)
    parent.save()
    assert "cliquer sur le bouton « Enregistrer »" in summary(parent)
    assert parent.pay()["Location"] == "/planning/"
    assert parent.states() == {MONDAY: "confirmed"}


def test_two_regies_are_paid_one_after_the_other(parent):
    leisure = make_service("Mercredi", cents=1150, unit="Jour", regie=make_regie(label="Accueil de loisirs"))
    make_enrolment(parent.family.children[0], leisure, parent.family.household)
    parent.tick(MONDAY)
    parent.tick(TUESDAY, activity=leisure)
    parent.save()
    page = summary(parent)
    assert "À payer : 15,10 €" in page
    assert "vous payez 2 fois, à la suite" in page
    assert "Paiement 1 sur 2 3,60 €" in page
    parent.pay()
    assert "Il reste un paiement" in main_words(parent.go_through_the_bank())


@pytest.mark.row("C38")
def test_everything_is_deleted_after_a_question(parent):
    hold_four_meals(parent)
    parent.tick(FRIDAY)
    assert "Tout supprimer ?" in main_words(parent.get("planning_drop"))
    assert parent.states() == {MONDAY: "held", TUESDAY: "held"}
    answer = parent.post("planning_drop")
    assert "effacées et les places rendues" in main_words(parent.client.get(answer["Location"]))
    assert parent.states() == {MONDAY: "released", TUESDAY: "released"}
    assert not DraftChange.objects.exists()
    assert not violations()


@pytest.mark.row("C38")
def test_modifier_gives_the_places_back_and_keeps_the_choices(parent):
    hold_four_meals(parent)
    assert parent.post("planning_drop", garder="1")["Location"] == "/planning/modifier/"
    assert parent.states() == {MONDAY: "released", TUESDAY: "released"}
    assert parent.drafted() == {MONDAY: "repas", TUESDAY: "repas"}


@pytest.mark.row("C38")
def test_retour_keeps_everything_held(parent):
    hold_four_meals(parent)
    html = parent.get("planning_summary").content.decode()
    assert 'href="/planning/">Retour' in html
    parent.get("planning")
    assert parent.states() == {MONDAY: "held", TUESDAY: "held"}


@pytest.mark.parametrize("fields", [{}, {"garder": "1"}])
def test_nothing_is_given_up_while_it_is_being_paid(parent, fields):
    hold_four_meals(parent)
    parent.pay()
    answer = parent.post("planning_drop", **fields)
    assert "Un paiement est en cours pour ces réservations" in main_words(parent.client.get(answer["Location"]))
    assert parent.states() == {MONDAY: "held", TUESDAY: "held"}


@pytest.mark.row("C35", "C39")
def test_the_time_left_is_told_and_put_off_once(parent):
    hold_four_meals(parent)
    assert "Places gardées encore 1 h 00. Sans paiement avant 16 h 35" in summary(parent)
    answer = parent.post("planning_extend")
    assert "Le délai pour payer est prolongé." in main_words(parent.client.get(answer["Location"]))
    page = summary(parent)
    assert "Places gardées encore 2 h 00. Sans paiement avant 17 h 35" in page
    assert "Prolonger" not in page
    again = parent.post("planning_extend")
    assert "Le délai ne peut plus être prolongé." in main_words(parent.client.get(again["Location"]))


@pytest.mark.row("C39")
def test_a_hold_that_ends_gives_the_choices_back_and_says_so_by_mail(parent, frozen_clock):
    hold_four_meals(parent)
    frozen_clock.advance(minutes=61)
    lapse_due()
    login_family(parent.client, parent.family.household)
    assert "4 jours à enregistrer" in summary(parent)
    assert OutgoingMail.objects.filter(kind="bookings.lapsed").count() == 1


def test_a_click_on_payer_after_the_end_of_the_hold_asks_nothing(parent, frozen_clock):
    hold_four_meals(parent)
    html = parent.get("planning_summary").content.decode()
    frozen_clock.advance(minutes=61)
    login_family(parent.client, parent.family.household)
    assert "form_key" in html
    answer = parent.pay()
    assert "Le délai pour payer est passé" in main_words(answer, status=409)
    assert not parent.family.household.attempts.exists()


class TestRefusedSaving:
    """Nothing is saved, nothing is lost, each refused day says why (U2, U6)."""

    @pytest.fixture
    def read_before(self, parent):
        """The summary of two days ticked; somebody took the last place of Monday since it was read."""
        parent.activity.capacity = 5
        parent.activity.save()
        parent.tick(MONDAY, TUESDAY)
        form = parent.saving_form()
        PlacesOfDay.objects.create(activity=parent.activity, day=MONDAY, part="am", capacity=5, ceiling=5, taken=5)
        return form

    @pytest.mark.row("C34")
    def test_a_day_that_became_full_is_named(self, parent, read_before):
        page = main_words(parent.client.post("/planning/valider/", read_before), status=409)
        assert "Certains jours ne peuvent pas être réservés. Rien n’est enregistré pour l’instant" in page
        assert "Enfant1, lundi 16 novembre 2026 Cantine Jules-Ferry – repas Ce jour est complet." in page
        assert "Enregistrer les autres jours" in page
        assert parent.states() == {}
        assert parent.drafted() == {MONDAY: "repas", TUESDAY: "repas"}

    def test_a_full_day_is_named_before_the_saving(self, parent, read_before):
        page = main_words(parent.get("planning_summary"))
        assert "Enfant1, lundi 16 novembre 2026 Cantine Jules-Ferry – repas Ce jour est complet." in page
        assert "Enregistrer les autres jours" in page

    def test_the_other_days_are_saved_on_an_explicit_choice(self, parent, read_before):
        answer = parent.client.post("/planning/valider/", read_before)
        form = answer.content.decode().partition('action="/planning/valider/"')[2]
        assert 'name="partiel" value="1"' in form
        parent.client.post("/planning/valider/", {**read_before, "partiel": "1"})
        assert parent.states() == {TUESDAY: "held"}
        assert parent.drafted() == {MONDAY: "repas"}

    def test_a_full_day_is_taken_out_of_the_choices(self, parent, read_before):
        parent.tick(faire="retirer")
        assert parent.drafted() == {TUESDAY: "repas"}

    @pytest.mark.row("C37")
    def test_a_price_that_changed_is_never_asked_in_silence(self, parent):
        parent.tick(MONDAY)
        html = parent.get("planning_summary").content.decode()
        assert 'name="annonce" value="360"' in html
        reprice(parent.family.unit, 390)
        page = main_words(parent.save(annonce="360"), status=409)
        assert "Le coût a changé depuis l’affichage de la page : il est maintenant de 3,90 €." in page
        assert parent.states() == {}
        assert parent.save().status_code == 302

    def test_too_many_places_held_is_told(self, parent):
        parent.activity.max_held = 1
        parent.activity.save()
        parent.tick(MONDAY, TUESDAY)
        assert "Vous pouvez garder une place au plus" in main_words(parent.save(), status=409)

    def test_a_form_without_its_fields_shows_the_summary(self, parent):
        parent.tick(MONDAY)
        assert parent.post("planning_save")["Location"] == "/planning/recapitulatif/"
        assert parent.states() == {}

    def test_the_same_click_twice_saves_once(self, parent):
        parent.tick(MONDAY)
        parent.save(form_key="k" * 20)
        parent.tick(TUESDAY)
        parent.post("planning_save", form_key="k" * 20, annonce="0")
        assert parent.states() == {MONDAY: "held"}


@pytest.mark.row("C34")
def test_valider_et_terminer_from_the_planning_keeps_its_ticks_then_shows_their_cost(parent):
    """Without the script nobody announced the cost of what was just ticked: it is read before it is saved."""
    form = parent.form(jour="2026-11-16")
    answer = parent.client.post("/planning/valider/", {**form, parent.box(MONDAY): "repas"})
    page = main_words(parent.client.get(answer["Location"]))
    assert "Voici le coût de vos choix : vérifiez-le, puis enregistrez." in page
    assert "1 jour à enregistrer" in page
    assert parent.states() == {}


@pytest.mark.row("C34")
def test_valider_et_terminer_saves_at_once_what_was_announced(parent):
    parent.tick(MONDAY)
    form = parent.form(jour="2026-11-16")
    assert parent.client.post("/planning/valider/", form)["Location"].startswith("/planning/recapitulatif/?saisie=")
    assert parent.states() == {MONDAY: "held"}


def test_a_bad_tick_stops_the_saving_and_keeps_the_rest(parent):
    form = {**parent.form(jour="2026-11-16"), parent.box(MONDAY): "repas", parent.box(date(2026, 11, 18)): "repas"}
    assert "Fermé le mercredi" in main_words(parent.client.post("/planning/valider/", form), status=422)
    assert (parent.states(), parent.drafted()) == ({}, {MONDAY: "repas"})


def test_nothing_to_save_is_no_breakdown(parent):
    form = parent.form(jour="2026-11-16")
    answer = parent.client.post("/planning/valider/", form)
    assert "Rien à valider" in main_words(parent.client.get(answer["Location"]))


@pytest.mark.parametrize("email", ["", "trop court"])
def test_the_receipts_address_is_checked(parent, email):
    hold_four_meals(parent)
    page = main_words(parent.pay(email=email), status=422)
    assert "Le paiement n’a pas commencé" in page
    assert "adresse" in page


def test_an_amount_that_changed_since_the_page_is_not_asked(parent):
    hold_four_meals(parent)
    assert parent.pay(shown_cents="1").status_code == 409
    assert not parent.family.household.attempts.exists()


def test_another_family_sees_and_saves_nothing_of_it(parent):
    hold_four_meals(parent)
    other = parent_of(make_family(parent.activity))
    assert "Rien à valider" in summary(other)
    order = parent.order
    assert "Rien à valider" in summary(other, saisie=order.form_key)
    answer = other.post("planning_drop")
    assert answer["Location"] == "/planning/"
    assert parent.states() == {MONDAY: "held", TUESDAY: "held"}


@pytest.mark.parametrize("days", [1, 12])
def test_queries_do_not_grow_with_lines(parent, days):
    all_days = [MONDAY + timedelta(days=n) for n in range(30) if (MONDAY + timedelta(days=n)).weekday() in {0, 1, 3, 4}]
    parent.family.draft(*all_days[:days])
    parent.family.save()
    parent.family.draft(*all_days[:days], child=1)
    assert parent.queries("planning_summary") == 28
