"""A family sees its credit, and uses it on the invoice that it chooses."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.models import CreditUse
from tests.support.factories import NOON, make_household, make_invoice, make_regie
from tests.support.pages import main_words, words
from tests.support.payer import Payer

pytestmark = pytest.mark.django_db


def give_credit(payer: Payer, cents: int) -> None:
    note = CreditNote(
        regie=payer.regie, household=payer.household, number=f"AV-{cents}", label="Sortie annulée",
        issued_on=NOON.date(), total_cents=cents,
    )  # fmt: skip
    record_credit_note(note=note)


@pytest.fixture
def rich(payer) -> Payer:
    """12,00 € of credit."""
    give_credit(payer, 1200)
    return payer


@pytest.fixture
def invoice(rich) -> Invoice:
    return make_invoice(rich.household, rich.regie, cents=2000)


def path_of(invoice: Invoice) -> str:
    return f"/factures/{invoice.public_id}/avoir/"


def use(payer: Payer, invoice: Invoice, **changes):
    page = payer.get(path_of(invoice))
    return payer.client.post(path_of(invoice), payer.fields_of(page) | changes)


def credit_of(payer: Payer) -> int:
    return household_credit_cents(payer.household).get(payer.regie.id, 0)


def test_a_family_uses_its_credit_on_an_invoice(rich, invoice):
    assert "Utiliser mon avoir" in main_words(rich.get("/accueil/"))
    assert "12,00 € à votre crédit. Utiliser mon avoir" in main_words(rich.get(f"/factures/{invoice.public_id}/"))
    page = main_words(rich.get(path_of(invoice)))
    for said in (
        "Utiliser votre avoir : 12,00 €",
        "Votre avoir, Restauration et périscolaire 12,00 €",
        "Reste à payer sur la facture 20,00 €",
        "Il restera à payer 8,00 €",
        "Il restera à votre avoir 0,00 €",
    ):
        assert said in page
    answer = use(rich, invoice)
    assert (answer.status_code, answer["Location"]) == (302, f"/factures/{invoice.public_id}/")
    page = main_words(rich.get(answer["Location"]))
    assert "12,00 € de votre avoir ont été utilisés sur cette facture." in page
    assert "Somme restant à payer 8,00 €" in page
    assert "Avoir utilisé 8 octobre 2026 12,00 €" in page
    assert "Utiliser mon avoir" not in page
    assert "Avoir utilisé – facture" in main_words(rich.get(f"/comptes/{rich.regie.public_id}/releve/"))


def test_looking_uses_nothing(rich, invoice):
    rich.get(path_of(invoice))
    rich.client.head(path_of(invoice))
    assert credit_of(rich) == 1200


def test_the_same_form_sent_twice_uses_it_once(rich, invoice):
    fields = rich.fields_of(rich.get(path_of(invoice)))
    answers = [rich.client.post(path_of(invoice), fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert CreditUse.objects.get().amount_cents == 1200


def test_another_sum_is_never_used_in_silence(rich, invoice):
    page = rich.get(path_of(invoice))
    give_credit(rich, 300)
    answer = rich.client.post(path_of(invoice), rich.fields_of(page))
    said = main_words(answer, status=409)
    assert "Rien n’a été utilisé" in said
    assert "15,00 € peuvent maintenant être utilisés" in said
    assert "Utiliser votre avoir : 15,00 €" in said
    assert credit_of(rich) == 1500


@pytest.mark.parametrize("fields", [{}, {"shown_cents": "1200"}, {"form_key": "k", "shown_cents": "beaucoup"}])
def test_a_page_out_of_date_is_told(rich, invoice, fields):
    answer = rich.client.post(path_of(invoice), fields)
    assert "Cette page n’est plus à jour : rien n’a été utilisé." in main_words(answer, status=422)
    assert credit_of(rich) == 1200


def test_a_payment_under_way_is_waited_for(rich, invoice):
    fields = rich.fields_of(rich.get(path_of(invoice)))
    rich.send(invoice)
    answer = main_words(rich.client.post(path_of(invoice), fields), status=409)
    assert "Un paiement est en cours sur cette facture." in answer
    assert "Utiliser mon avoir" not in main_words(rich.get(f"/factures/{invoice.public_id}/"))


def test_the_basket_says_it_too(rich, invoice):
    page = rich.choose(invoice)
    assert f"Utiliser mon avoir de 12,00 € sur la facture {invoice.number}" in words(page)
    use(rich, invoice)
    page = words(rich.get("/panier/"))
    assert "Votre panier : 8,00 €" in page
    assert "Utiliser mon avoir" not in page


def test_a_settled_invoice_leaves_the_basket(rich):
    invoice = make_invoice(rich.household, rich.regie, cents=1000)
    rich.choose(invoice)
    use(rich, invoice)
    assert "Votre panier est vide" in words(rich.get("/panier/"))
    assert "Payée" in main_words(rich.get(f"/factures/{invoice.public_id}/"))


def test_without_credit_the_page_says_so(payer):
    invoice = make_invoice(payer.household, payer.regie)
    assert "Vous n’avez pas d’avoir pour « Restauration et périscolaire »." in main_words(payer.get(path_of(invoice)))
    assert "Utiliser mon avoir" not in words(payer.get("/accueil/"))
    page = main_words(payer.get(f"/comptes/{payer.regie.public_id}/avoir/"))
    assert "Vous n’avez pas d’avoir" in page
    assert "quand vous avez payé une facture deux fois" in page


def test_the_page_of_a_credit_lists_what_it_may_settle(rich, invoice):
    elsewhere = make_invoice(rich.household, make_regie(label="Petite enfance"))
    late = make_invoice(rich.household, rich.regie, cents=1250)
    page = main_words(rich.get(f"/comptes/{rich.regie.public_id}/avoir/"))
    assert "Votre avoir : 12,00 €" in page
    assert "demandez à être remboursé au 03 53 01 12 41" in page
    assert f"Utiliser mon avoir {invoice.number}" in page
    assert f"Utiliser mon avoir {late.number}" in page
    assert elsewhere.number not in page
    Invoice.objects.update(sent_to_treasury_on=NOON.date())
    page = main_words(rich.get(f"/comptes/{rich.regie.public_id}/avoir/"))
    assert "Aucune facture à payer dans cette régie. Votre avoir attend la prochaine." in page


def test_an_invoice_of_another_family_is_not_found(rich):
    theirs = make_invoice(make_household(), rich.regie)
    assert rich.get(path_of(theirs)).status_code == 404
    assert rich.client.post(path_of(theirs), {"form_key": "k", "shown_cents": "1200"}).status_code == 404
    assert credit_of(rich) == 1200


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_does_not_grow(rich, count):
    for _ in range(count):
        make_invoice(rich.household, rich.regie)
    path = f"/comptes/{rich.regie.public_id}/avoir/"
    rich.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert main_words(rich.get(path)).count("Utiliser mon avoir") == count
    assert len(asked) == 10
