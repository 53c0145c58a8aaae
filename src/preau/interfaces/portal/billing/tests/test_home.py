"""The home page: the situation in one sentence, one block per service group, the family's card."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.families.models import Guardian
from preau.domain.payments.states import AttemptState
from preau.foundation import clock
from tests.support.factories import (
    login_family,
    make_group,
    make_household,
    make_invoice,
    make_regie,
    make_town,
    make_window,
)
from tests.support.pages import main_words, words

TODAY = date(2026, 10, 8)


def _heading(response) -> str:
    content = response.content.decode()
    start = content.index("<h1>")
    response.content = content[start : content.index("</h1>")].encode()
    return words(response)


@pytest.mark.row("V19")
def test_two_invoices_due_the_same_day_are_told_in_one_sentence(family):
    regie = make_regie()
    make_invoice(family.household, regie, cents=5880, due_on=date(2026, 10, 13))
    make_invoice(family.household, regie, cents=2520, due_on=date(2026, 10, 13))
    assert _heading(family.get("home")) == "Vous avez 2 factures à payer : 84,00 € avant le 13 octobre"


@pytest.mark.row("V19")
def test_one_invoice_is_told_in_the_singular(family):
    make_invoice(family.household, make_regie(), cents=2400, due_on=date(2027, 1, 1))
    assert _heading(family.get("home")) == "Vous avez 1 facture à payer : 24,00 € avant le 1er janvier 2027"


@pytest.mark.row("V19", "L07")
def test_a_late_invoice_among_others_is_told_after_the_sum(family):
    regie = make_regie()
    make_invoice(family.household, regie, cents=5880, due_on=date(2026, 10, 13))
    make_invoice(family.household, regie, cents=2520, issued_on=date(2026, 9, 1), due_on=date(2026, 9, 30))
    page = main_words(family.get("home"))
    assert "Vous avez 2 factures à payer : 84,00 € 25,20 € en retard depuis le 30 septembre." in page
    assert "58,80 € avant le 13 octobre." in page


@pytest.mark.row("V19", "L07")
def test_when_everything_is_late_the_sentence_says_so(family):
    make_invoice(family.household, make_regie(), issued_on=date(2026, 9, 1), due_on=date(2026, 9, 30))
    page = main_words(family.get("home"))
    assert "Vous avez 1 facture en retard : 24,00 € À régler depuis le 30 septembre." in page


@pytest.mark.row("V19")
def test_more_than_two_due_dates_end_with_later(family):
    regie = make_regie()
    for day, cents in ((13, 1000), (14, 2000), (15, 3000), (16, 4000)):
        make_invoice(family.household, regie, cents=cents, due_on=date(2026, 10, day))
    page = main_words(family.get("home"))
    assert "Vous avez 4 factures à payer : 100,00 € 10,00 € avant le 13 octobre. 20,00 € avant le 14 octobre." in page
    assert "70,00 € plus tard." in page


@pytest.mark.row("V19")
def test_an_invoice_without_due_date_is_told_so_beside_another(family):
    regie = make_regie()
    make_invoice(family.household, regie, cents=1000, due_on=None)
    make_invoice(family.household, regie, cents=2000, due_on=date(2026, 10, 13))
    assert "20,00 € avant le 13 octobre. 10,00 € sans date limite." in main_words(family.get("home"))


@pytest.mark.row("V19", "V07")
def test_nothing_due_tells_the_next_invoice(family):
    make_regie(next_invoice_on=date(2026, 11, 2))
    page = main_words(family.get("home"))
    assert "Vous n’avez rien à payer Prochaine facture prévue le 2 novembre." in page
    assert "Voir et payer" not in page


@pytest.mark.row("V07")
def test_a_next_invoice_date_of_the_past_is_not_announced(family):
    make_regie(next_invoice_on=date(2026, 10, 5))
    assert "Prochaine facture" not in main_words(family.get("home"))


@pytest.mark.row("V19", "A21")
def test_a_payment_under_way_replaces_the_sum_to_pay(family):
    invoice = make_invoice(family.household, make_regie(), cents=1850)
    family.start_payment(invoice)
    page = main_words(family.get("home"))
    assert "Un paiement est en cours : 18,50 €" in page
    assert "1 paiement en cours 18,50 €" in page
    assert "à payer :" not in page


@pytest.mark.row("V19")
def test_a_payment_under_way_beside_other_invoices(family):
    regie = make_regie()
    family.start_payment(make_invoice(family.household, regie, cents=1850))
    make_invoice(family.household, regie, cents=2400, due_on=date(2026, 10, 13))
    page = main_words(family.get("home"))
    assert "Vous avez 1 facture à payer : 24,00 € avant le 13 octobre 18,50 € en cours de paiement." in page


@pytest.mark.row("V19")
def test_a_credit_is_told(family):
    """Paid on line, and at the town hall while the bank was slow: the second sum is the family's."""
    invoice = make_invoice(family.household, make_regie(), cents=2400)
    attempt = family.start_payment(invoice)
    record_receipt_elsewhere(invoice=invoice, amount_cents=2400, means="chèque", received_on=TODAY)
    family.bank.pay(attempt.gateway_reference)
    family.settle(attempt)
    page = main_words(family.get("home"))
    assert "Vous n’avez rien à payer 24,00 € à votre crédit." in page
    assert "À votre crédit +24,00 €" in page


@pytest.mark.row("L19")
def test_closed_windows_announce_when_payment_opens(family):
    regie = make_regie(uses_payment_windows=True)
    make_window(regie, first=date(2026, 11, 5), last=date(2026, 11, 18), months=[date(2026, 12, 1)])
    make_invoice(family.household, regie, billed_month=date(2026, 12, 1), due_on=date(2026, 11, 30))
    assert "Le paiement en ligne ouvre le 5 novembre." in main_words(family.get("home"))


@pytest.mark.row("A09")
def test_each_regie_tells_its_number_and_amount_with_the_right_plural(family):
    canteen, nursery = make_regie(label="Cantine"), make_regie(label="Crèche")
    make_regie(label="Centre de loisirs")
    make_invoice(family.household, canteen, cents=1000)
    make_invoice(family.household, canteen, cents=2000)
    make_invoice(family.household, nursery, cents=500)
    page = main_words(family.get("home"))
    assert "Cantine 2 factures à payer 30,00 €" in page
    assert "Crèche 1 facture à payer 5,00 €" in page
    assert "Centre de loisirs Rien à payer" in page


@pytest.mark.row("L22", "L23")
def test_one_block_per_group_with_its_own_colour_name_and_links(family):
    small = make_group("Petite Enfance", colour="#8a55b5", icon="pram", position=1)
    after = make_group("Activités Extra & Péri-scolaires", colour="#d99a1f", icon="canteen", position=2)
    nursery = make_regie(label="Crèches", group=small)
    canteen, leisure = make_regie(label="Restauration & Garderie", group=after), make_regie(label="ACM", group=after)
    make_invoice(family.household, nursery)
    response = family.get("home")
    html = response.content.decode()

    assert [html.count(f'data-group="{group.pk}"') for group in (small, after)] == [1, 1]
    assert html.index("Petite Enfance") < html.index("Activités Extra &amp; Péri-scolaires")
    assert '<use href="#i-pram"/>' in html
    assert '<use href="#i-canteen"/>' in html
    for regie in (nursery, canteen, leisure):
        assert f'href="/factures/historique/?regie={regie.public_id}"' in html
    assert f'href="/factures/?regie={nursery.public_id}"' in html

    sheet = family.client.get("/ville/groupes.css").content.decode()
    assert f'[data-group="{small.pk}"] {{ --block: #8a55b5; }}' in sheet
    assert f'[data-group="{after.pk}"] {{ --block: #d99a1f; }}' in sheet


@pytest.mark.row("L22")
def test_pay_and_history_entries_are_limited_to_their_regie(family):
    nursery, canteen = make_regie(label="Crèches"), make_regie(label="Cantine")
    make_invoice(family.household, nursery, label="Accueil de septembre")
    make_invoice(family.household, canteen, label="Repas de septembre")
    for name in ("invoices", "history"):
        page = main_words(family.get(name, regie=nursery.public_id))
        assert "Accueil de septembre" in page
        assert "Repas de septembre" not in page


def test_a_drawing_that_nobody_knows_becomes_the_invoice(family):
    make_regie(group=make_group("Autre", icon="licorne"))
    assert '<use href="#i-invoice"/>' in family.get("home").content.decode()


def test_a_closed_regie_still_owed_something_stays_on_the_page(family):
    regie = make_regie(label="Ancienne garderie")
    make_invoice(family.household, regie)
    regie.is_active = False
    regie.save()
    assert "Ancienne garderie 1 facture à payer 24,00 €" in main_words(family.get("home"))


@pytest.mark.row("S13")
def test_the_card_shows_both_adults_the_address_and_the_mobiles(family):
    Guardian.objects.create(
        household=family.household,
        position=2,
        civility="Monsieur",
        first_name="Pierre",
        last_name="Dupond",
        mobile_phone="06 39 98 02 02",
    )
    page = main_words(family.get("home"))
    assert "Madame Amélie Berger Mobile de Amélie Berger : 06 39 98 01 01" in page
    assert "Monsieur Pierre Dupond Mobile de Pierre Dupond : 06 39 98 02 02" in page
    assert "12 rue des Flamboyants 59000 Saint-Éloi-sur-Lys" in page


@pytest.mark.row("P06", "L07")
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Martinique"])
def test_an_invoice_is_late_from_midnight_after_its_due_date_in_the_town(db, client, zone):
    town = make_town(time_zone=zone)
    household = make_household()
    make_invoice(household, make_regie(), issued_on=date(2026, 9, 1), due_on=date(2026, 10, 13))
    midnight = datetime(2026, 10, 14, tzinfo=town.zone).astimezone(UTC)
    with clock.frozen(midnight - timedelta(seconds=1)):
        login_family(client, household)
        assert "Vous avez 1 facture à payer : 24,00 € avant le 13 octobre" in main_words(client.get("/accueil/"))
    with clock.frozen(midnight):
        login_family(client, household)
        assert "Vous avez 1 facture en retard : 24,00 €" in main_words(client.get("/accueil/"))


@pytest.mark.row("A22", "V19")
def test_a_lock_that_is_over_gives_the_invoice_back_before_any_sweep(family, frozen_clock):
    attempt = family.start_payment(make_invoice(family.household, make_regie()))
    frozen_clock.advance(minutes=29)
    assert "Un paiement est en cours" in main_words(family.get("home"))
    frozen_clock.advance(minutes=2)
    login_family(family.client, family.household)
    assert "Vous avez 1 facture à payer" in main_words(family.get("home"))
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SENT


@pytest.mark.parametrize("count", [1, 40])
def test_queries_do_not_grow_with_invoices(family, count):
    regies = [make_regie(), make_regie()]
    for number in range(count):
        make_invoice(family.household, regies[number % 2])
    assert family.queries("home") == 16


def test_another_person_without_a_family_has_no_home(town, client: Client, django_user_model):
    client.force_login(django_user_model.objects.create_user(display_name="Agent", password="x"))
    assert client.get("/accueil/").status_code == 404
