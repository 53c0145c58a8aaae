"""Back from the bank: what each outcome shows, to whom, and what a browser's word is worth (N11, U8, S32)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from preau.domain.payments.models import Capture, GatewayMessage, PaymentAttempt
from preau.domain.payments.states import AttemptState, MessageVerdict, Verdict
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import PASSWORD, make_invoice, make_regie
from tests.support.pages import main_words, words
from tests.support.payer import another_payer

PERSONAL = ["BERGER38", "Berger", "24,00", "RP-2026", "parent", "Restauration"]


@pytest.mark.row("S32", "S31", "V08")
def test_a_payment_confirmed(payer):
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    attempt = payer.send(invoice)
    payer.bank.pay(attempt.gateway_reference)
    answer = payer.come_back(attempt)
    page = main_words(answer)
    assert "24,00 € payés. Merci !" in page
    assert f"Votre reçu est envoyé à {payer.user.email}." in page
    assert "Reçu de paiement n° 2026-000001" in page
    assert "8 octobre 2026, 15 h 35" in page
    assert f"Cantine n° {invoice.number} 24,00 €" in page
    assert attempt.reference in page
    assert "Débit prévu sur votre compte entre le 12 octobre 2026 et le 14 octobre 2026." in page
    assert "dossier" in page
    html = answer.content.decode()
    receipt = re.search(r'href="(/recus/[^"]+/pdf/)"', html)
    assert payer.get(receipt[1])["Content-Type"] == "application/pdf"


@pytest.mark.row("S31")
def test_the_receipt_can_be_printed_without_the_rest_of_the_page(payer):
    """The print rules are the stylesheet's; what is not the receipt is marked for them."""
    attempt = payer.pay(make_invoice(payer.household, payer.regie))
    html = payer.result(attempt).content.decode()
    assert '<article class="receipt"' in html
    assert "no-print" in html


@pytest.mark.row("S32")
@pytest.mark.parametrize(
    ("verdict", "title", "next_step"),
    [
        (Verdict.REFUSED, "Le paiement a été refusé", "Réessayer"),
        (Verdict.CANCELLED, "Paiement abandonné", "Revenir au panier"),
        (Verdict.PENDING, "Paiement en attente de confirmation", "Actualiser"),
    ],
)
def test_each_other_outcome_says_what_happened_and_what_to_do(payer, verdict, title, next_step):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference, verdict=verdict)
    page = main_words(payer.come_back(attempt))
    assert title in page
    assert next_step in page
    assert "Merci" not in page


@pytest.mark.row("S32")
def test_a_payment_never_finished(payer, frozen_clock):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference, verdict=Verdict.EXPIRED)
    frozen_clock.advance(minutes=25)
    page = main_words(payer.come_back(attempt))
    assert "Le paiement n’a pas été terminé" in page
    assert "Revenir au panier" in page


def test_a_mail_is_promised_only_for_a_payment_that_is_accepted(payer):
    """Nothing is sent when the bank refuses or says nothing."""
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    promise = "Si le paiement est accepté, le reçu vous parvient par e-mail."
    assert promise in main_words(payer.come_back(attempt))
    assert promise in main_words(payer.come_back(attempt, client=Client()))


@pytest.mark.row("S32")
def test_a_payment_to_examine_asks_not_to_pay_again(payer):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference, amount_cents=2401)
    page = main_words(payer.come_back(attempt))
    assert "La régie vérifie ce paiement" in page
    assert "Ne payez pas une seconde fois" in page
    assert attempt.reference in page
    assert "Rien n’a été débité" not in page
    neutral = main_words(payer.come_back(attempt, client=Client()))
    assert "Ne payez pas une seconde fois" in neutral
    assert "Rien n’a été débité" not in neutral


@pytest.mark.row("V06", "P08")
def test_a_basket_of_two_regies_goes_on_with_the_second(payer):
    nursery = make_regie(label="Petite enfance")
    payer.choose(
        make_invoice(payer.household, payer.regie, cents=5880), make_invoice(payer.household, nursery, cents=2520)
    )
    first = payer.pay()
    answer = payer.result(first)
    page = main_words(answer)
    assert "58,80 € payés. Merci !" in page
    assert "Il reste un paiement" in page
    assert "Paiement 1 sur 2 terminé." in page
    assert "Petite enfance 25,20 €" in page

    sent = payer.click(answer)
    second = PaymentAttempt.objects.get(public_id=sent["Location"].split("/")[2])
    assert second.checkout_id == first.checkout_id
    assert (second.regie_id, second.amount_cents) == (nursery.pk, 2520)
    payer.leave(second)
    payer.bank.pay(second.gateway_reference, transaction="AUTO02")
    payer.notify(second)
    page = main_words(payer.result(second))
    assert "25,20 € payés. Merci !" in page
    assert "Il reste un paiement" not in page
    merchants = [(one.order.merchant.number, one.order.amount_cents) for one in payer.bank.operations.values()]
    assert merchants == [(payer.regie.contracts.get().merchant, 5880), (nursery.contracts.get().merchant, 2520)]


@pytest.mark.row("P02", "L34")
@pytest.mark.parametrize(
    "query",
    [
        "ok=1",
        "resultrans=P&montant=2400",
        "op=op-999-autre&resultrans=P",
        "op=../../&state=captured",
        "op=%00",
        "token=x&verdict=paid&signature=abc",
        "",
    ],
)
def test_what_a_browser_brings_back_is_never_believed(payer, query):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    page = main_words(payer.come_back(attempt, query))
    assert "Paiement en attente de confirmation" in page
    assert (attempt.state, Capture.objects.count(), OutgoingMail.objects.count()) == (AttemptState.SENT, 0, 0)
    kept = GatewayMessage.objects.get()
    assert kept.query == query
    named = "op=" in query
    assert kept.verdict == (MessageVerdict.NOT_AUTHENTIC if named else MessageVerdict.AUTHENTIC)


@pytest.mark.row("P02")
def test_another_payments_name_brings_nothing(payer):
    """A genuine operation of somebody else, paid, named on our own return."""
    stranger = another_payer(payer.bank)
    theirs = stranger.send(make_invoice(stranger.household, payer.regie))
    payer.bank.pay(theirs.gateway_reference)
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.come_back(attempt, f"op={theirs.gateway_reference}")
    assert (attempt.state, Capture.objects.count()) == (AttemptState.SENT, 0)


@pytest.mark.row("L34", "V26")
def test_the_receipt_leaves_once_the_bank_confirms_not_when_the_browser_returns(payer, frozen_clock):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.come_back(attempt, "resultrans=P")
    assert OutgoingMail.objects.count() == 0
    payer.bank.pay(attempt.gateway_reference)
    payer.notify(attempt)
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.recipient) == ("receipt", attempt.checkout.receipt_email)


def test_a_return_by_post_is_a_return(payer):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        reverse("portal:payment_return", args=[attempt.return_token]),
        f"op={attempt.gateway_reference}",
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, answer["Location"]) == (303, f"/paiement/resultat/{attempt.return_token}/")
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED


def test_a_page_asks_the_bank_no_more_than_once_every_five_seconds(payer, frozen_clock):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    for _ in range(5):
        payer.come_back(attempt)
    assert payer.bank.asked == 1
    frozen_clock.advance(seconds=5)
    payer.come_back(attempt)
    assert payer.bank.asked == 2


def test_a_silent_bank_keeps_nobody_waiting(payer):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.down = True
    assert "Paiement en attente de confirmation" in main_words(payer.come_back(attempt))
    assert attempt.state == AttemptState.SENT


def test_the_waiting_page_learns_the_news_from_our_own_database(payer):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    asking = reverse("portal:payment_status", args=[attempt.return_token])
    waiting = payer.get(asking)
    assert "La banque n’a pas encore répondu." in waiting.content.decode()
    assert payer.bank.asked == 0
    payer.bank.pay(attempt.gateway_reference)
    payer.notify(attempt)
    assert payer.get(asking).status_code == 205


@pytest.mark.parametrize("verdict", list(Verdict))
def test_without_a_session_nothing_personal_is_shown_and_the_detail_comes_after_login(payer, frozen_clock, verdict):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference, verdict=verdict)
    frozen_clock.advance(minutes=25)
    browser = Client()
    answer = payer.come_back(attempt, client=browser)
    page = words(answer)
    assert [piece for piece in PERSONAL if piece in page] == []
    login = re.search(r'href="(/connexion/\?[^"]+)"', answer.content.decode())[1].replace("&amp;", "&")
    browser.get(login)
    entered = browser.post(login, {"identifier": payer.user.email, "password": PASSWORD})
    assert entered["Location"] == f"/paiement/resultat/{attempt.return_token}/"
    assert "BERGER38" in words(browser.get(entered["Location"]))


def test_another_family_sees_the_neutral_page(payer):
    attempt = payer.pay(make_invoice(payer.household, payer.regie))
    stranger = another_payer(payer.bank)
    page = main_words(stranger.result(attempt))
    assert "Le paiement est confirmé" in page
    assert "Le détail se lit avec le compte qui a payé." in page
    assert [piece for piece in PERSONAL if piece in page] == []


@pytest.mark.parametrize("token", ["x" * 22, "x", "%00", "..", "é" * 22, "a" * 3000])
@pytest.mark.parametrize("page", ["retour", "resultat", "etat"])
def test_an_unknown_token_finds_nothing(payer, page, token):
    for browser in (payer.client, Client()):
        answer = browser.get(f"/paiement/{page}/{token}/", follow=True)
        assert answer.status_code == 404
