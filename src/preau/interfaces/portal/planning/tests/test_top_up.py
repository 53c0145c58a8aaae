"""« Recharger »: from the planning to the bank and back to days that need no bank (C24)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preau.domain.activities.models import Activity, PaymentMode
from preau.domain.billing.models import Invoice
from preau.foundation.mail.models import OutgoingMail
from tests.support.bookings import MONDAY, make_enrolment, make_service
from tests.support.factories import make_regie
from tests.support.pages import main_words, words

PAGE = "/recharger/"


@pytest.fixture
def prepaid(parent):
    Activity.objects.update(payment_mode=PaymentMode.PREPAID)
    return parent


def send(parent, montant: str, **more):
    html = parent.client.get(PAGE).content.decode()
    key = html.partition('name="form_key" value="')[2].partition('"')[0]
    regie = parent.activity.regie.public_id
    fields = {"form_key": key, "regie": regie, "montant": montant, "email": "parent@example.org", **more}
    return parent.client.post(PAGE, fields)


@pytest.mark.row("C24")
def test_a_family_recharges_then_books_without_the_bank(prepaid):
    assert '<a href="/recharger/">Recharger</a>' in prepaid.get("planning").content.decode()
    page = main_words(prepaid.client.get(PAGE))
    assert f"{prepaid.activity.regie.label}, avoir : 0,00 €" in page
    answer = send(prepaid, "30")
    assert answer["Location"].startswith("/paiement/")
    assert "30,00 € payés" in main_words(prepaid.go_through_the_bank())
    assert OutgoingMail.objects.get().kind == "receipt"
    assert "Avoir : 30,00 €, utilisé à votre prochaine réservation" in main_words(prepaid.get("planning"))
    prepaid.tick(MONDAY, faire="recapitulatif")
    prepaid.save()
    prepaid.pay()
    assert prepaid.states() == {MONDAY: "confirmed"}
    assert "Avoir : 26,40 €" in main_words(prepaid.get("planning"))


def test_nothing_prepaid_offers_nothing(parent):
    assert "/recharger/" not in parent.get("planning").content.decode()
    assert "Rien de prépayé pour vos enfants" in main_words(parent.client.get(PAGE))
    assert "Choisissez un service de la liste." in words(send(parent, "30"), status=422)
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said", "status"),
    [
        ("", "Indiquez un montant, comme 30,00.", 422),
        ("trente", "Écrivez un montant comme 12,50.", 422),
        ("12,505", "Écrivez un montant comme 12,50.", 422),
        ("0", "Choisissez un montant entre 1,00 € et 500,00 €.", 409),
        ("500,01", "Choisissez un montant entre 1,00 € et 500,00 €.", 409),
    ],
)
def test_an_odd_amount_is_said_beside_it_and_nothing_is_lost(prepaid, typed, said, status):
    answer = send(prepaid, typed, email="autre@example.org")
    page = main_words(answer, status=status)
    assert said in page
    html = answer.content.decode()
    assert 'value="autre@example.org"' in html
    assert not typed or f'value="{typed}"' in html
    assert not Invoice.objects.exists()


def test_an_odd_address_is_said_beside_it(prepaid):
    assert "Cette adresse n’est pas complète" in main_words(send(prepaid, "30", email="parent@"), status=422)


def test_a_stale_page_is_said(prepaid):
    assert "Cette page n’est plus à jour." in main_words(send(prepaid, "30", form_key=""), status=422)


def test_the_same_page_sent_twice_asks_once(prepaid):
    assert send(prepaid, "30", form_key="k")["Location"] == send(prepaid, "30", form_key="k")["Location"]
    assert Invoice.objects.count() == 1


def test_two_services_are_told_apart(prepaid):
    other = make_service("Garderie", regie=make_regie(label="Garderie du soir"), payment_mode=PaymentMode.PREPAID)
    make_enrolment(prepaid.family.children[0], other, prepaid.family.household)
    page = main_words(prepaid.client.get(PAGE))
    assert "Garderie du soir, avoir : 0,00 €" in page
    assert "Choisissez un service." in main_words(send(prepaid, "30", regie=""), status=422)
    send(prepaid, "30", regie=other.regie.public_id)
    assert Invoice.objects.get().regie == other.regie


def test_the_page_asks_the_same_whatever_the_services(prepaid):
    def asked() -> int:
        prepaid.client.get(PAGE)
        with CaptureQueriesContext(connection) as seen:
            prepaid.client.get(PAGE)
        return len(seen)

    one = asked()
    for number in range(4):
        more = make_service(f"S{number}", regie=make_regie(), payment_mode=PaymentMode.PREPAID)
        make_enrolment(prepaid.family.children[0], more, prepaid.family.household)
    assert (one, asked()) == (9, 9)
