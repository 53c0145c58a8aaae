"""From the click on « Procéder au paiement » to the bank's page: once, whatever the payer does (U7, A17–A22)."""

import pytest
from django.test import Client
from django.urls import reverse

from preau.domain.families.models import Guardian
from preau.domain.payments.errors import GatewayRefusedError
from preau.domain.payments.models import AttemptLine, PaymentAttempt
from preau.domain.payments.states import AttemptState, Verdict
from tests.support.factories import login_family, make_invoice, make_user
from tests.support.pages import main_words
from tests.support.payer import Payer, another_payer


@pytest.mark.row("A17", "A18", "V24")
def test_the_preparation_page_then_the_bank_in_the_same_tab(payer):
    answer = payer.click(payer.choose(make_invoice(payer.household, payer.regie, cents=2400)))
    attempt = PaymentAttempt.objects.get()
    assert answer["Location"] == f"/paiement/{attempt.public_id}/"
    page = payer.get(answer["Location"])
    shown = main_words(page)
    assert "Préparation du paiement" in shown
    assert "24,00 € pour Restauration et périscolaire" in shown
    assert "Votre paiement est en cours de préparation. Merci de patienter quelques secondes" in shown
    assert "Si la page de paiement ne s’ouvre pas au bout de 5 secondes, cliquez sur le bouton ci-dessous." in shown
    html = page.content.decode()
    assert "data-auto-submit" in html
    assert "target=" not in html
    assert "window.open" not in html
    leaving = payer.leave(attempt)
    assert (leaving.status_code, leaving["Location"]) == (303, attempt.page_url)


@pytest.mark.row("A20")
def test_the_preparation_page_says_when_an_unfinished_payment_frees_its_invoices(payer):
    attempt = payer.prepare(make_invoice(payer.household, payer.regie))
    page = main_words(payer.get(f"/paiement/{attempt.public_id}/"))
    assert "Si vous ne finalisez pas votre paiement, vos factures pourront de nouveau être payées à 16 h 05." in page


@pytest.mark.row("A18")
def test_the_button_and_the_automatic_departure_are_one_payment(payer):
    attempt = payer.prepare(make_invoice(payer.household, payer.regie))
    addresses = {payer.leave(attempt)["Location"] for _ in range(3)}
    assert addresses == {attempt.page_url}
    assert len(payer.bank.operations) == 1


def test_only_the_pages_that_lead_to_the_bank_allow_its_address(payer):
    basket = payer.choose(make_invoice(payer.household, payer.regie))
    assert "form-action 'self';" in f"{basket['Content-Security-Policy']};"
    attempt = payer.prepare()
    preparation = payer.get(f"/paiement/{attempt.public_id}/")
    assert "form-action 'self' https://banque.example;" in f"{preparation['Content-Security-Policy']};"
    payer.leave(attempt)
    under_way = payer.get(f"/paiement/{attempt.public_id}/")
    assert "https://banque.example" in under_way["Content-Security-Policy"]
    for path in ("/accueil/", "/factures/", f"/paiement/resultat/{attempt.return_token}/"):
        assert "banque.example" not in payer.get(path)["Content-Security-Policy"]


def test_a_double_click_is_one_payment(payer):
    page = payer.choose(make_invoice(payer.household, payer.regie))
    first, second = payer.click(page), payer.click(page)
    assert first["Location"] == second["Location"]
    assert PaymentAttempt.objects.count() == 1


def test_the_same_form_sent_again_after_paying_shows_the_result(payer):
    page = payer.choose(make_invoice(payer.household, payer.regie))
    attempt = payer.pay()
    again = payer.click(page, form_key=attempt.form_key)
    assert payer.get(again["Location"])["Location"] == f"/paiement/resultat/{attempt.return_token}/"
    assert "Votre panier est vide" in main_words(payer.click(page), status=409)
    assert PaymentAttempt.objects.count() == 1


def test_back_then_forward_leads_to_the_payment_under_way(payer):
    page = payer.choose(make_invoice(payer.household, payer.regie))
    attempt = PaymentAttempt.objects.get(public_id=payer.click(page)["Location"].split("/")[2])
    payer.leave(attempt)
    again = payer.click(page)
    assert again["Location"] == f"/paiement/{attempt.public_id}/"
    shown = main_words(payer.get(again["Location"]))
    assert "Un paiement est en cours" in shown
    assert "data-auto-submit" not in payer.get(again["Location"]).content.decode()
    assert len(payer.bank.operations) == 1


@pytest.mark.row("P03")
def test_two_tabs_cannot_pay_the_same_invoice(payer):
    first_tab = payer.choose(make_invoice(payer.household, payer.regie))
    second_tab = payer.get("/panier/")
    attempt = PaymentAttempt.objects.get(public_id=payer.click(first_tab)["Location"].split("/")[2])
    page = main_words(payer.click(second_tab), status=409)
    assert "Un paiement est déjà en cours sur la facture" in page
    assert "depuis 15 h 35" in page
    assert "elle sera libérée à 16 h 05" in page
    assert f'href="/paiement/{attempt.public_id}/"' in payer.get("/panier/").content.decode()
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.row("P03")
def test_the_other_parent_meets_the_lock_too(payer):
    invoice = make_invoice(payer.household, payer.regie)
    other = Guardian.objects.create(
        household=payer.household, position=2, first_name="Karim", last_name="Berger", user=make_user()
    )
    browser = Client()
    browser.force_login(other.user)
    payer.prepare(invoice)
    browser.post("/panier/ajouter/", {"facture": invoice.public_id})
    page = main_words(browser.get("/panier/"))
    assert "Un paiement a été commencé à 15 h 35. S’il n’aboutit pas, la facture sera libérée à 16 h 05." in page
    assert "Procéder au paiement" not in page


def test_two_tabs_with_two_baskets_ask_again_when_the_amount_changed(payer):
    """Price shown = price charged (U6)."""
    old_tab = payer.choose(make_invoice(payer.household, payer.regie, cents=2400))
    payer.choose(make_invoice(payer.household, payer.regie, cents=1000))
    answer = payer.click(old_tab)
    page = main_words(answer, status=409)
    assert "Le montant a changé depuis l’affichage de la page : il est maintenant de 34,00 €." in page
    assert PaymentAttempt.objects.count() == 0
    payer.click(answer)
    assert PaymentAttempt.objects.get().amount_cents == 3400


def test_an_invoice_corrected_since_the_page_was_shown_is_asked_again(payer):
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    page = payer.choose(invoice)
    invoice.received_cents = 400
    invoice.save(update_fields=["received_cents"])
    assert "il est maintenant de 20,00 €" in main_words(payer.click(page), status=409)
    assert payer.bank.operations == {}


@pytest.mark.row("A20", "A22")
@pytest.mark.parametrize(("minutes", "is_locked"), [(29, True), (31, False)])
def test_an_unfinished_payment_frees_its_invoices_after_half_an_hour(payer, frozen_clock, minutes, is_locked):
    invoice = make_invoice(payer.household, payer.regie)
    payer.send(invoice)
    frozen_clock.advance(minutes=minutes)
    login_family(payer.client, payer.household)
    basket = main_words(payer.get("/panier/"))
    assert ("sera libérée à 16 h 05" in basket) is is_locked
    assert ("Procéder au paiement" in basket) is not is_locked
    assert invoice.number in basket
    assert "24,00 €" in basket


@pytest.mark.row("A21")
def test_while_locked_the_page_says_until_when(payer):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    page = main_words(payer.get(f"/paiement/{attempt.public_id}/"))
    assert "24,00 € pour Restauration et périscolaire, commencé à 15 h 35." in page
    assert "vos factures seront de nouveau à payer à 16 h 05" in page


@pytest.mark.row("A22")
def test_cancelling_frees_at_once_and_a_late_payment_still_counts(payer):
    invoice = make_invoice(payer.household, payer.regie)
    attempt = payer.send(invoice)
    cancel = reverse("portal:payment_cancel", args=[attempt.public_id])
    page = main_words(payer.client.post(cancel, follow=True))
    assert "Le paiement est annulé. Vos factures sont de nouveau à payer." in page
    assert "Procéder au paiement" in page
    assert "Paiement abandonné" in main_words(payer.client.post(cancel, follow=True))
    payer.bank.pay(attempt.gateway_reference)
    payer.notify(attempt)
    assert attempt.state == AttemptState.CAPTURED
    assert "Votre panier est vide" in main_words(payer.get("/panier/"))


@pytest.mark.parametrize("verdict", [Verdict.PAID, Verdict.REFUSED])
def test_whoever_cancels_after_the_bank_decided_is_told_what_it_decided(payer, verdict):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference, verdict=verdict)
    page = main_words(payer.client.post(reverse("portal:payment_cancel", args=[attempt.public_id]), follow=True))
    attempt.refresh_from_db()
    assert attempt.state == ("captured" if verdict == Verdict.PAID else "refused")
    assert ("24,00 € payés. Merci !" in page) is (verdict == Verdict.PAID)


def test_a_silent_bank_does_not_hold_whoever_cancels(payer):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.down = True
    answer = payer.client.post(reverse("portal:payment_cancel", args=[attempt.public_id]))
    assert answer["Location"] == "/panier/"


def test_the_banks_page_can_be_opened_again_only_while_it_lives(payer, frozen_clock):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    assert "Rouvrir la page de paiement" in main_words(payer.get(f"/paiement/{attempt.public_id}/"))
    frozen_clock.advance(minutes=15)
    page = main_words(payer.get(f"/paiement/{attempt.public_id}/"))
    assert "Rouvrir" not in page
    assert "Annuler et recommencer" in page


@pytest.mark.row("A22")
def test_a_second_payment_becomes_a_credit(payer):
    invoice = make_invoice(payer.household, payer.regie)
    first = payer.send(invoice)
    payer.client.post(reverse("portal:payment_cancel", args=[first.public_id]))
    payer.pay(invoice)
    payer.bank.pay(first.gateway_reference, transaction="AUTO02")
    payer.notify(first)
    page = main_words(payer.result(first))
    assert "24,00 € payés. Merci !" in page
    assert "Porté à votre crédit 24,00 €" in page


def test_an_unreachable_bank_is_told_and_locks_nothing(payer):
    payer.bank.down = True
    attempt = payer.prepare(make_invoice(payer.household, payer.regie))
    answer = payer.leave(attempt)
    assert (answer.status_code, answer["Location"]) == (302, "/panier/")
    page = main_words(payer.get("/panier/"))
    assert "Le paiement en ligne est indisponible pour le moment. Rien n’a été débité" in page
    assert "Procéder au paiement" in page
    assert not AttemptLine.objects.filter(is_open=True).exists()


def test_a_refused_opening_says_what_to_do(payer):
    payer.bank.refusal = GatewayRefusedError("A2", "mel", payer_message="Corrigez votre adresse.")
    answer = payer.leave(payer.prepare(make_invoice(payer.household, payer.regie)))
    assert answer["Location"] == "/panier/"
    assert "Corrigez votre adresse." in main_words(payer.get("/panier/"))


def test_an_ended_payment_leads_to_its_result(payer):
    attempt = payer.pay(make_invoice(payer.household, payer.regie))
    assert payer.get(f"/paiement/{attempt.public_id}/")["Location"] == f"/paiement/resultat/{attempt.return_token}/"
    assert payer.leave(attempt)["Location"] == "/panier/"
    assert len(payer.bank.operations) == 1


@pytest.mark.parametrize("step", ["", "partir/", "annuler/"])
def test_another_familys_payment_is_answered_like_a_missing_one(payer, step):
    attempt = payer.prepare(make_invoice(payer.household, payer.regie))
    stranger: Payer = another_payer(payer.bank)
    ask = stranger.client.post if step else stranger.client.get
    theirs, missing = ask(f"/paiement/{attempt.public_id}/{step}"), ask(f"/paiement/{'x' * 22}/{step}")
    assert main_words(theirs, status=404) == main_words(missing, status=404)
    attempt.refresh_from_db()
    assert (attempt.state, payer.bank.operations) == (AttemptState.PREPARED, {})


def test_another_familys_chain_is_not_continued(payer):
    payer.prepare(make_invoice(payer.household, payer.regie))
    theirs = PaymentAttempt.objects.get().checkout
    stranger = another_payer(payer.bank)
    stranger.choose(make_invoice(stranger.household, payer.regie))
    stranger.click(checkout=theirs.public_id)
    assert PaymentAttempt.objects.filter(checkout=theirs).count() == 1
    assert PaymentAttempt.objects.count() == 2


@pytest.mark.parametrize("path", ["ajouter", "retirer", "montant", "payer"])
def test_the_basket_changes_by_post_alone(payer, path):
    assert payer.get(f"/panier/{path}/").status_code == 405


@pytest.mark.parametrize("step", ["partir/", "annuler/"])
def test_a_payment_moves_by_post_alone(payer, step):
    attempt = payer.prepare(make_invoice(payer.household, payer.regie))
    assert payer.get(f"/paiement/{attempt.public_id}/{step}").status_code == 405
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.PREPARED
