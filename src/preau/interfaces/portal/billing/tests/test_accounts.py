"""Accounts régie by régie, and their statements."""

import re
from datetime import date, timedelta

import pytest

from preau.domain.billing.models import CreditNote
from preau.domain.billing.services import record_credit_note, record_receipt_elsewhere
from preau.domain.ledger.queries import household_balances
from tests.support.factories import make_invoice, make_regie
from tests.support.pages import main_words

TODAY = date(2026, 10, 8)
LONG = "REGIE SCOLAIRE ET PERISCOLAIRE DES ECOLES MATERNELLES ET ELEMENTAIRES DU CENTRE"


@pytest.mark.row("S20", "S23")
def test_one_line_per_regie_with_whole_label_date_state_and_signed_balance(family):
    school = make_regie(label=LONG)
    nursery = make_regie(label="Petite enfance")
    make_regie(label="Halte-garderie Beauregard")
    make_invoice(family.household, school, cents=6000)
    make_invoice(family.household, nursery, cents=2520, issued_on=date(2026, 9, 1), due_on=date(2026, 9, 30))
    page = main_words(family.get("accounts"))
    assert f"{LONG} 08/10/2026 À payer −60,00 €" in page
    assert "Petite enfance 08/10/2026 En retard −25,20 €" in page
    assert "Halte-garderie Beauregard 08/10/2026 À jour 0,00 €" in page


@pytest.mark.row("S20")
def test_state_has_a_symbol_beside_its_words(family):
    make_invoice(family.household, make_regie(), cents=6000)
    html = family.get("accounts").content.decode()
    assert re.search(
        r'<span class="badge badge--due"><svg class="icon" aria-hidden="true">.*?</svg>À payer</span>', html
    )


@pytest.mark.row("S20", "A21")
def test_a_payment_under_way_is_a_state(family):
    family.start_payment(make_invoice(family.household, make_regie(label="Cantine")))
    assert "Cantine 08/10/2026 Paiement en cours −24,00 €" in main_words(family.get("accounts"))


@pytest.mark.row("S20", "V10")
def test_a_debt_at_the_treasury_is_a_state(family):
    make_invoice(family.household, make_regie(label="Cantine"), sent_to_treasury_on=TODAY)
    assert "Cantine 08/10/2026 Transmise à la Trésorerie −24,00 €" in main_words(family.get("accounts"))


@pytest.mark.row("S20")
def test_a_credit_is_a_positive_balance(family):
    regie = make_regie(label="Cantine")
    note = CreditNote(
        regie=regie,
        household=family.household,
        number="AV-1",
        label="Absence",
        issued_on=TODAY,
        total_cents=360,
        content_digest="0" * 64,
    )
    record_credit_note(note=note)
    assert "Cantine 08/10/2026 À votre crédit +3,60 €" in main_words(family.get("accounts"))


def test_a_closed_regie_stays_while_something_is_owed(family):
    regie, settled = make_regie(label="Ancienne"), make_regie(label="Soldée", is_active=False)
    make_invoice(family.household, regie)
    regie.is_active = False
    regie.save()
    paid = make_invoice(family.household, settled)
    record_receipt_elsewhere(invoice=paid, amount_cents=2400, means="", received_on=TODAY)
    page = main_words(family.get("accounts"))
    assert "Ancienne" in page
    assert "Soldée" not in page


@pytest.mark.row("S21")
def test_choosing_an_account_opens_its_invoices(family):
    regies = [make_regie(label="Cantine"), make_regie(label="Crèche")]
    for regie in regies:
        make_invoice(family.household, regie)
    html = family.get("accounts").content.decode()
    form = re.search(r'<form action="/factures/" class="stack">.*?</form>', html, re.DOTALL)[0]
    radios = re.findall(r'type="radio" name="regie" value="([^"]+)"( checked)?>', form)
    assert radios == [(regies[0].public_id, " checked"), (regies[1].public_id, "")]
    assert "Accéder aux factures</button>" in form
    sent = {"depuis": "comptes", "regie": regies[1].public_id}
    assert "Crèche" in main_words(family.get("invoices", **sent))


@pytest.mark.row("S22")
def test_many_accounts_are_paged_with_their_count(family):
    for number in range(12):
        make_regie(label=f"Régie {number:02d}")
    assert "Page 1 sur 2, 12 comptes" in main_words(family.get("accounts"))
    second = main_words(family.get("accounts", page="2"))
    assert re.findall(r"Régie \d\d", second)[0] == "Régie 10"


def test_no_account_yet(family):
    assert "Vous n’avez pas encore de compte." in main_words(family.get("accounts"))


@pytest.mark.row("C17")
def test_the_statement_tells_every_debit_and_credit_with_the_running_balance(family):
    regie = make_regie(label="Cantine")
    first = make_invoice(family.household, regie, cents=2400, number="F1", issued_on=date(2026, 9, 1))
    make_invoice(family.household, regie, cents=1000, number="F2", issued_on=date(2026, 10, 1))
    record_receipt_elsewhere(invoice=first, amount_cents=400, means="espèces", received_on=date(2026, 9, 20))
    family.pay(_fresh(first))
    response = family.get("statement", regie.public_id)
    page = main_words(response)
    lines = [
        "Paiement",
        "Facture F2 – Cantine 01/10/2026 −10,00 € −30,00 €",
        "Règlement reçu en mairie – facture F1 20/09/2026 +4,00 € −20,00 €",
        "Facture F1 – Cantine 01/09/2026 −24,00 € −24,00 €",
    ]
    places = [page.index(line) for line in lines[1:]]
    assert places == sorted(places)
    assert "08/10/2026 +20,00 € −10,00 €" in page
    assert "Solde au 8 octobre 2026 : −10,00 €" in page
    assert household_balances(family.household)[regie.id] == -1000
    assert f'href="/factures/{first.public_id}/"' in response.content.decode()


def _fresh(invoice):
    invoice.refresh_from_db()
    return invoice


@pytest.mark.row("C17")
def test_a_long_statement_is_paged_newest_first_with_right_balances(family):
    regie = make_regie()
    for number in range(30):
        make_invoice(
            family.household, regie, cents=100, number=f"S{number:02d}", issued_on=TODAY - timedelta(days=60 - number)
        )
    first, second = (
        main_words(family.get("statement", regie.public_id)),
        main_words(family.get("statement", regie.public_id, page="2")),
    )
    assert "Page 1 sur 2, 30 mouvements" in first
    assert "Solde au 8 octobre 2026 : −30,00 €" in first
    assert re.findall(r"Facture S(\d\d)", first) == [f"{n:02d}" for n in range(29, 4, -1)]
    assert re.findall(r"Facture S(\d\d)", second) == [f"{n:02d}" for n in range(4, -1, -1)]
    assert "Facture S04 – Cantine 13/08/2026 −1,00 € −5,00 €" in second


def test_an_empty_statement(family):
    assert "Aucun mouvement sur ce compte." in main_words(family.get("statement", make_regie().public_id))


@pytest.mark.parametrize(("name", "queries"), [("accounts", 11), ("statement", 7)])
@pytest.mark.parametrize("count", [1, 40])
def test_queries_do_not_grow_with_invoices(family, name, queries, count):
    regie = make_regie()
    for _ in range(count):
        make_invoice(family.household, regie)
    arguments = [regie.public_id] if name == "statement" else []
    assert family.queries(name, *arguments) == queries
