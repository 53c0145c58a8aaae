"""The basket as its page shows it and as its forms fill it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preau.domain.payments.models import BasketLine, PaymentAttempt
from preau.domain.regies.models import GatewayContract
from tests.support.factories import make_invoice, make_regie, make_window
from tests.support.pages import main_words
from tests.support.payer import another_payer


@pytest.mark.row("V21", "L29")
def test_ticked_invoices_enter_the_basket_together(payer):
    first, second = make_invoice(payer.household, payer.regie), make_invoice(payer.household, payer.regie, cents=3480)
    page = main_words(payer.choose(first, second))
    assert "Votre panier : 58,80 €" in page
    assert first.number in page
    assert second.number in page


@pytest.mark.row("S27", "V21")
def test_nothing_ticked_is_said_and_nothing_enters(payer):
    make_invoice(payer.household, payer.regie)
    answer = payer.client.post("/panier/ajouter/", follow=True)
    assert answer.redirect_chain == [("/factures/", 302)]
    assert "Cochez d’abord au moins une facture à payer." in main_words(answer)
    assert BasketLine.objects.count() == 0


@pytest.mark.row("V22")
def test_lines_subtotals_and_total(payer):
    nursery = make_regie(label="Petite enfance")
    payer.choose(
        make_invoice(payer.household, payer.regie, cents=2400, label="Cantine", due_on=date(2026, 10, 30)),
        make_invoice(payer.household, payer.regie, cents=3480, label="Garderie"),
        make_invoice(payer.household, nursery, cents=2520, label="Halte-garderie"),
    )
    page = main_words(payer.get("/panier/"))
    assert "Votre panier : 84,00 €" in page
    assert page.count("Sous-total") == 2
    assert "Sous-total 58,80 €" in page
    assert "Sous-total 25,20 €" in page
    assert "À payer avant le 30 octobre" in page


@pytest.mark.row("V22")
def test_a_line_is_removed_and_its_invoice_stays_due(payer):
    kept, removed = make_invoice(payer.household, payer.regie), make_invoice(payer.household, payer.regie, cents=3480)
    payer.choose(kept, removed)
    page = main_words(payer.client.post("/panier/retirer/", {"facture": removed.public_id}, follow=True))
    assert "La facture a été retirée du panier. Elle reste à payer." in page
    assert removed.number not in page
    assert "Votre panier : 24,00 €" in page
    assert removed.number in main_words(payer.get("/factures/"))
    again = main_words(payer.client.post("/panier/retirer/", {"facture": removed.public_id}, follow=True))
    assert "a été retirée" not in again


@pytest.mark.row("A16")
def test_an_empty_basket_says_where_to_start(payer):
    page = main_words(payer.get("/panier/"))
    assert "Votre panier est vide" in page
    assert "Voir mes factures" in page
    assert "Procéder au paiement" not in page


@pytest.mark.row("V23", "L30")
def test_the_receipts_address_is_proposed_and_can_be_corrected_for_this_payment(payer):
    page = payer.choose(make_invoice(payer.household, payer.regie))
    assert payer.fields_of(page)["email"] == payer.user.email
    payer.click(page, email="mamie@example.org")
    assert PaymentAttempt.objects.get().checkout.receipt_email == "mamie@example.org"
    payer.user.refresh_from_db()
    assert payer.user.email != "mamie@example.org"


@pytest.mark.row("V23", "L30", "S30")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Indiquez l’adresse à laquelle envoyer le reçu."),
        ("amelie.berger", "Cette adresse n’est pas complète : elle s’écrit comme prenom.nom@exemple.fr."),
        ("amelie@berger", "Cette adresse n’est pas complète : elle s’écrit comme prenom.nom@exemple.fr."),
        ("a@b.fr\nBcc: x@y.fr", "Cette adresse n’est pas complète : elle s’écrit comme prenom.nom@exemple.fr."),
    ],
)
def test_a_wrong_address_is_told_beside_its_field_and_kept(payer, typed, sentence):
    payer.choose(make_invoice(payer.household, payer.regie))
    answer = payer.click(email=typed)
    html = answer.content.decode()
    assert sentence in main_words(answer, status=422)
    assert 'aria-invalid="true"' in html
    assert 'id="id_email-erreur"' in html
    assert f'value="{typed}"' in html or not typed
    assert PaymentAttempt.objects.count() == 0


def test_an_address_that_the_bank_would_refuse_is_told_beside_its_field(payer):
    payer.choose(make_invoice(payer.household, payer.regie))
    payer.bank.checks_email = lambda _email: False
    try:
        answer = payer.click()
    finally:
        del payer.bank.checks_email
    assert "Cette adresse électronique ne convient pas" in main_words(answer, status=409)
    assert 'id="id_email-erreur"' in answer.content.decode()


@pytest.mark.row("V05")
def test_the_operator_and_the_founding_act_are_named(payer):
    page = main_words(payer.choose(make_invoice(payer.household, payer.regie)))
    assert "La page de paiement est celle de Essai (Banque d’essai)" in page
    assert "Son adresse commence par https://banque.example." in page
    assert "Régie créée par arrêté n° 2019-118 du 3 septembre 2019." in page
    assert "Mode test : aucun paiement réel." in page


@pytest.mark.row("V05")
def test_the_act_of_each_regie_is_named_once_where_the_operator_is_the_same(payer):
    nursery = make_regie(label="Petite enfance", founding_act="arrêté n° 7")
    page = main_words(payer.choose(make_invoice(payer.household, payer.regie), make_invoice(payer.household, nursery)))
    assert page.count("La page de paiement est celle de Essai (Banque d’essai)") == 1
    assert "Régie « Restauration et périscolaire » créée par arrêté n° 2019-118 du 3 septembre 2019." in page
    assert "Régie « Petite enfance » créée par arrêté n° 7." in page


@pytest.mark.row("V06")
def test_two_services_of_one_contract_are_one_operation(payer):
    first = make_invoice(payer.household, payer.regie, label="Cantine", cents=2400)
    second = make_invoice(payer.household, payer.regie, label="Étude surveillée", cents=1860)
    attempt = payer.pay(first, second)
    assert [operation.order.amount_cents for operation in payer.bank.operations.values()] == [4260]
    page = main_words(payer.result(attempt))
    assert "42,60 € payés. Merci !" in page
    assert first.number in page
    assert second.number in page
    assert "Il reste un paiement" not in page


@pytest.mark.row("V06", "P08")
def test_two_contracts_are_announced_as_two_payments_in_order(payer):
    nursery = make_regie(label="Petite enfance")
    page = main_words(
        payer.choose(
            make_invoice(payer.household, nursery, cents=2520),
            make_invoice(payer.household, payer.regie, cents=5880),
        )
    )
    assert "Paiement 1 sur 2" in page
    assert page.index("Restauration et périscolaire") < page.index("Petite enfance")
    assert "2 paiements, d’abord 58,80 €" in page


@pytest.mark.row("V07")
def test_the_next_invoice_of_a_regie_is_announced(payer):
    payer.regie.next_invoice_on = date(2026, 11, 3)
    payer.regie.save()
    page = main_words(payer.choose(make_invoice(payer.household, payer.regie)))
    assert "Prochaine facture prévue : 3 novembre" in page


@pytest.mark.row("L18")
def test_a_regie_that_takes_no_part_says_so_and_shows_no_field(payer):
    page = payer.choose(make_invoice(payer.household, payer.regie))
    assert 'name="montant"' not in page.content.decode()


@pytest.mark.row("L18")
def test_a_part_of_an_invoice_is_paid_where_the_regie_allows_it(payer):
    payer.regie.allows_part_payment = True
    payer.regie.save()
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    payer.choose(invoice)
    page = main_words(payer.client.post("/panier/montant/", _part(invoice, "10,50"), follow=True))
    assert "Votre panier : 10,50 €" in page
    payer.pay(invoice)
    invoice.refresh_from_db()
    assert invoice.left_cents == 1350
    assert "13,50 €" in main_words(payer.get("/factures/"))


def _part(invoice, typed: str) -> dict[str, str]:
    return {"facture": invoice.public_id, "montant": typed}


@pytest.mark.row("L18")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("24,01", "Indiquez un montant entre 0,01 € et 24,00 €."),
        ("0", "Indiquez un montant entre 0,01 € et 24,00 €."),
        ("-5", "Indiquez un montant entre 0,01 € et 24,00 €."),
        ("999999999", "Indiquez un montant entre 0,01 € et 24,00 €."),
        ("9" * 20, "Écrivez un montant comme 12,50."),
        ("dix euros", "Écrivez un montant comme 12,50."),
        ("<b>1</b>", "Écrivez un montant comme 12,50."),
    ],
)
def test_a_wrong_part_is_told_beside_its_field_and_kept(payer, typed, sentence):
    payer.regie.allows_part_payment = True
    payer.regie.save()
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    payer.choose(invoice)
    answer = payer.client.post("/panier/montant/", _part(invoice, typed))
    html = answer.content.decode()
    assert sentence in main_words(answer, status=422)
    field = f"montant-{invoice.public_id}"
    assert f'id="{field}-erreur"' in html
    assert f'aria-describedby="{field}-aide {field}-erreur"' in html
    assert 'value="{}"'.format(typed.replace("<", "&lt;").replace(">", "&gt;")) in html
    assert "<details" in html
    assert " open>" in html.split("<details", 1)[1].split("<summary", 1)[0] + ">"
    assert BasketLine.objects.get().amount_cents is None


@pytest.mark.row("L18")
def test_a_part_is_refused_by_the_server_where_the_regie_forbids_it(payer):
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    payer.choose(invoice)
    payer.client.post("/panier/montant/", _part(invoice, "10"))
    assert BasketLine.objects.get().amount_cents is None


def test_an_empty_part_means_everything_again(payer):
    payer.regie.allows_part_payment = True
    payer.regie.save()
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    payer.choose(invoice)
    payer.client.post("/panier/montant/", _part(invoice, "10"))
    payer.client.post("/panier/montant/", _part(invoice, " "))
    assert "Votre panier : 24,00 €" in main_words(payer.get("/panier/"))


@pytest.mark.parametrize("named", ["", "x", "a" * 22, "\x00" * 22, "../../etc/passwd", "é" * 22])
def test_an_invoice_that_is_not_in_the_basket_is_answered_like_a_missing_one(payer, named):
    assert payer.client.post("/panier/ajouter/", {"facture": named})["Location"] == "/factures/"
    assert payer.client.post("/panier/retirer/", {"facture": named})["Location"] == "/panier/"
    assert payer.client.post("/panier/montant/", {"facture": named, "montant": "1"}).status_code in {404, 422}


@pytest.mark.row("L19")
def test_a_closed_window_leaves_the_line_and_says_why(payer):
    payer.regie.uses_payment_windows = True
    payer.regie.save()
    make_window(payer.regie, first=date(2026, 11, 5), last=date(2026, 11, 18), months=[date(2026, 10, 1)])
    answer = payer.choose(make_invoice(payer.household, payer.regie, billed_month=date(2026, 10, 1)))
    page = main_words(answer)
    assert "du 5 novembre 2026 au 18 novembre 2026" in page
    assert "Rien ne peut être payé en ligne maintenant" in page
    assert "Procéder au paiement" not in page
    forged = {"email": "a@example.org", "form_key": "k" * 32, "shown_cents": "2400"}
    refused = main_words(payer.client.post("/panier/payer/", forged), status=409)
    assert "du 5 novembre 2026 au 18 novembre 2026" in refused
    assert PaymentAttempt.objects.count() == 0


def test_a_regie_without_contract_says_so(payer):
    GatewayContract.objects.all().delete()
    page = main_words(payer.choose(make_invoice(payer.household, payer.regie)))
    assert "ne prend pas encore les paiements en ligne." in page
    assert "Procéder au paiement" not in page


@pytest.mark.row("S26")
def test_the_amount_to_pay_is_that_of_the_choice(payer):
    make_invoice(payer.household, payer.regie, cents=9900)
    page = main_words(payer.choose(make_invoice(payer.household, payer.regie, cents=6000)))
    assert "Total 60,00 €" in page


def test_what_a_form_adds_is_ignored(payer):
    """Mass assignment (W12): price, régie, family, state, user."""
    mine = make_invoice(payer.household, payer.regie, cents=2400)
    stranger = another_payer(payer.bank)
    theirs = make_invoice(stranger.household, payer.regie, cents=100)
    forged = {
        "amount_cents": "100", "montant": "1", "total_cents": "1", "regie": "1", "state": "captured", "is_staff": "1",
        "household": str(stranger.household.pk), "user": str(stranger.user.pk), "merchant": "000000",
    }  # fmt: skip
    payer.client.post("/panier/ajouter/", {"facture": [mine.public_id, theirs.public_id], **forged})
    line = BasketLine.objects.get()
    assert (line.invoice_id, line.user_id, line.amount_cents) == (mine.pk, payer.user.pk, None)
    payer.click(**forged)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.amount_cents, attempt.household_id, attempt.state) == (2400, payer.household.pk, "prepared")
    assert attempt.merchant == payer.regie.contracts.get().merchant


@pytest.mark.parametrize("missing", ["form_key", "shown_cents"])
def test_a_form_without_what_its_page_put_there_is_asked_again(payer, missing):
    payer.choose(make_invoice(payer.household, payer.regie))
    answer = payer.click(**{missing: ""})
    page = main_words(answer, status=422)
    assert "Cette page n’est plus à jour. Vérifiez votre panier, puis recommencez." in page
    assert "Form key" not in page
    assert payer.click(answer).status_code == 302


@pytest.mark.parametrize("invoices", [1, 40])
def test_the_page_asks_the_same_queries_for_one_and_for_forty(payer, invoices):
    regies = [payer.regie, *(make_regie() for _ in range(3 if invoices > 1 else 0))]
    payer.choose(*(make_invoice(payer.household, regies[i % len(regies)]) for i in range(invoices)))
    payer.get("/panier/")
    with CaptureQueriesContext(connection) as asked:
        assert payer.get("/panier/").status_code == 200
    assert len(asked) == 12
