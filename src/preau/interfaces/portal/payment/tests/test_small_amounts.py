"""What the bank takes at once, and never leaving a family with a rest that it could not pay (C40, L18)."""

import pytest

from preau.domain.payments.models import PaymentAttempt
from tests.support.factories import make_invoice, make_regie
from tests.support.pages import main_words

TOO_LITTLE = (
    "Le paiement en ligne commence à 1,00 €, ici le total est de 0,60 € : "
    "ajoutez une autre facture de cette régie, ou réglez celle-ci en mairie."
)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (
            "23,01",
            "Il resterait 0,99 €, trop peu pour être payé en ligne ensuite : payez tout, ou laissez au moins 1,00 €.",
        ),
        (
            "23,99",
            "Il resterait 0,01 €, trop peu pour être payé en ligne ensuite : payez tout, ou laissez au moins 1,00 €.",
        ),
        ("23,00", "24,00 €"),
    ],
)
@pytest.mark.row("L18")
def test_a_part_leaves_nothing_or_enough(payer, typed, answer):
    invoice = make_invoice(payer.household, make_regie(allows_part_payment=True), cents=2400)
    payer.choose(invoice)
    shown = payer.client.post("/panier/montant/", {"facture": invoice.public_id, "montant": typed}, follow=True)
    assert (answer in main_words(shown, status=shown.status_code)) is True
    assert invoice.basket_lines.get().amount_cents == (2300 if typed == "23,00" else None)


def test_a_regie_under_the_least_says_what_to_do_and_bars_no_other(payer):
    small = make_invoice(payer.household, payer.regie, cents=60)
    other = make_invoice(payer.household, make_regie(position=9), cents=2400)
    page = payer.choose(small, other)
    shown = main_words(page)
    assert shown.startswith("Votre panier : 24,00 €") or "Votre panier : 24,00 €" in shown
    assert TOO_LITTLE in shown
    attempt = payer.prepare()
    assert (attempt.regie, attempt.amount_cents) == (other.regie, 2400)


def test_alone_it_cannot_be_sent(payer):
    page = payer.choose(make_invoice(payer.household, payer.regie, cents=60))
    shown = main_words(page)
    assert TOO_LITTLE in shown
    assert "Rien ne peut être payé en ligne maintenant" in shown
    assert "Procéder au paiement" not in shown
    answer = payer.client.post("/panier/payer/", {"form_key": "k" * 32, "shown_cents": "60", "email": "a@example.org"})
    assert TOO_LITTLE in main_words(answer, status=answer.status_code)
    assert PaymentAttempt.objects.count() == 0


def test_two_small_ones_of_a_regie_are_paid_together(payer):
    attempt = payer.prepare(*[make_invoice(payer.household, payer.regie, cents=60) for _ in range(2)])
    assert attempt.amount_cents == 120
