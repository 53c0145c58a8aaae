"""Two adults of one family and one invoice: told, taking over, paid twice (U1, P03)."""

import pytest

from preau.domain.payments.models import AttemptLine, FamilyCredit, PaymentAttempt, Receipt, ReviewCase
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import make_invoice
from tests.support.pages import main_words


@pytest.fixture
def invoice(payer):
    return make_invoice(payer.household, payer.regie, cents=2400)


@pytest.mark.row("P03")
def test_the_second_is_told_since_when_and_may_take_over(payer, partner, invoice):
    first = payer.send(invoice)
    basket = partner.choose(invoice)
    shown = main_words(basket)
    assert "Un paiement a été commencé à 15 h 35." in shown
    assert "Procéder au paiement" not in shown
    follow = f"/paiement/{first.public_id}/"
    assert f'href="{follow}"' in basket.content.decode()
    assert "Annuler et recommencer" in main_words(partner.get(follow))
    assert PaymentAttempt.objects.count() == 1

    page = main_words(partner.client.post(f"{follow}annuler/", follow=True))
    assert "Le paiement est annulé." in page
    assert "Procéder au paiement" in page
    second = partner.pay()
    assert (second.state, second.amount_cents) == ("captured", 2400)
    assert "Paiement abandonné" in main_words(payer.result(first))
    assert not AttemptLine.objects.filter(is_open=True).exists()


def test_when_both_have_paid_one_settles_the_invoice_and_the_other_is_credited(payer, partner, invoice):
    karim = payer.household.guardians.get(position=2).user
    first = payer.send(invoice)
    partner.client.post(f"/paiement/{first.public_id}/annuler/")
    second = partner.send(invoice)
    payer.bank.pay(first.gateway_reference, transaction="FIRST")
    payer.bank.pay(second.gateway_reference, transaction="SECOND")
    partner.notify(second)
    payer.notify(first)
    invoice.refresh_from_db()
    assert (first.state, second.state, invoice.left_cents) == ("captured", "captured", 0)
    assert FamilyCredit.objects.get().capture.attempt == first
    assert "Porté à votre crédit 24,00 €" in main_words(payer.result(first))
    assert "Porté à votre crédit" not in main_words(partner.result(second))
    told = OutgoingMail.objects.filter(kind="receipt").order_by("id").values_list("recipient", flat=True)
    assert (Receipt.objects.count(), list(told)) == (2, [karim.email, payer.user.email])
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.SURPLUS
    assert violations() == []


@pytest.mark.row("P03")
def test_a_basket_that_holds_one_invoice_under_payment_pays_the_others(payer, partner, invoice):
    other = make_invoice(payer.household, payer.regie, cents=1000)
    payer.send(invoice)
    partner.choose(invoice, other)
    attempt = partner.prepare()
    assert [line.invoice for line in attempt.lines.all()] == [other]
    assert attempt.amount_cents == 1000


@pytest.mark.row("P03")
def test_a_payment_to_examine_keeps_its_invoice_from_everybody(payer, partner, invoice, frozen_clock):
    """N8: nobody pays a second time what the régie is examining, not even after the half hour."""
    first = payer.send(invoice)
    payer.bank.pay(first.gateway_reference, amount_cents=2401)
    payer.notify(first)
    frozen_clock.advance(minutes=20)
    page = main_words(partner.choose(invoice))
    assert "Paiement en cours de vérification" in page
    assert "Procéder au paiement" not in page
    answer = partner.click(email="karim@example.org", form_key="k" * 32, shown_cents="2400")
    assert "Un paiement est déjà en cours sur la facture" in main_words(answer, status=409)
    assert PaymentAttempt.objects.count() == 1
