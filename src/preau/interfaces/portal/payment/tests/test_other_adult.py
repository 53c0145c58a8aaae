"""The other adult of the family follows a payment they did not make (design 4.10)."""

import pytest
from django.test import Client

from preau.domain.families.models import Guardian
from tests.support.factories import make_invoice, make_regie, make_user
from tests.support.pages import main_words
from tests.support.payer import Payer


@pytest.fixture
def other(payer) -> Client:
    """Logged in as the second adult, in another browser, with an invoice in their own basket."""
    user = make_user(display_name="Marc Berger", email="marc@example.org")
    Guardian.objects.create(household=payer.household, user=user, position=2, first_name="Marc", last_name="Berger")
    browser = Client()
    browser.force_login(user)
    browser.post("/panier/ajouter/", {"facture": make_invoice(payer.household, make_regie(), cents=5000).public_id})
    return browser


def test_their_own_basket_is_not_the_rest_of_a_payment_they_did_not_make(payer, other):
    """Its receipt would have gone to the address of the one who paid."""
    attempt = payer.pay(make_invoice(payer.household, payer.regie))
    page = payer.come_back(attempt, client=other)
    assert "payés. Merci !" in main_words(page)
    assert "email" not in Payer.fields_of(page)


def test_the_one_who_paid_goes_on_with_the_rest(payer, other):
    attempt = payer.pay(make_invoice(payer.household, payer.regie))
    payer.choose(make_invoice(payer.household, make_regie()))
    assert Payer.fields_of(payer.result(attempt))["email"] == payer.user.email
