"""The list of an account's invoices with their state, and the way to those still to pay (S25, C16)."""

import re
from datetime import date

import pytest

from preau.domain.billing.services import record_receipt_elsewhere
from tests.support.factories import make_invoice, make_regie, make_window
from tests.support.pages import main_words, words

TODAY = date(2026, 10, 8)


def _owed(family, regie, label: str, cents: int, **values):
    return make_invoice(family.household, regie, label=label, cents=cents, **values)


@pytest.mark.row("S25")
def test_the_list_of_an_account_tells_each_invoice_its_date_its_state_and_its_amount(family):
    canteen, nursery = make_regie(label="Cantine"), make_regie(label="Crèche")
    _owed(family, canteen, "FACTURATION CANTINES OCTO", 6000, number="C-1", issued_on=date(2026, 10, 1))
    late = {"issued_on": date(2026, 8, 3), "due_on": date(2026, 9, 30)}
    _owed(family, canteen, "Garderie", 1850, number="C-2", **late)
    paid = _owed(family, canteen, "Étude", 1200, number="C-3", issued_on=date(2026, 9, 1))
    record_receipt_elsewhere(invoice=paid, amount_cents=1200, means="", received_on=TODAY)
    _owed(family, nursery, "Halte-garderie", 2520, number="N-1")

    page = main_words(family.get("history", regie=canteen.public_id))
    lines = [
        "FACTURATION CANTINES OCTO , facture C-1 01/10/2026 – Facture C-1 Cantine À payer : 60,00 €",
        "Étude , facture C-3 01/09/2026 – Facture C-3 Cantine Payée le 8 octobre 12,00 €",
        "Garderie , facture C-2 03/08/2026 – Facture C-2 Cantine En retard : 18,50 €",
    ]
    places = [page.index(line.replace(" , ", ", ")) for line in lines]
    assert places == sorted(places)
    assert "Halte-garderie" not in page


@pytest.mark.row("S25")
def test_a_state_is_a_sign_and_words(family):
    _owed(family, make_regie(label="Cantine"), "Cantine", 6000)
    html = family.get("history").content.decode()
    badge = re.search(
        r'<span class="badge badge--due"><svg class="icon" aria-hidden="true">.*?</svg>([^<]+)</span>', html
    )
    assert badge[1] == "À payer\u202f: 60,00\u202f€"


@pytest.mark.row("C16")
def test_the_entry_facturation_leads_to_what_is_unpaid_and_to_nothing_else(family):
    canteen = make_regie(label="Cantine")
    _owed(family, canteen, "Repas d’octobre", 5880)
    _owed(family, canteen, "Repas d’août", 1850, issued_on=date(2026, 8, 3), due_on=date(2026, 9, 30))
    paid = _owed(family, canteen, "Repas de septembre", 1200)
    record_receipt_elsewhere(invoice=paid, amount_cents=1200, means="", received_on=TODAY)

    home = family.get("home")
    entry = re.search(r'<a class="nav__link" href="([^"]+)">(?:<svg.*?</svg>)?Facturation</a>', home.content.decode())
    page = family.client.get(entry[1])
    assert "Payer mes factures 2 factures à payer : 77,30 €" in main_words(page)
    said = main_words(page)
    assert "Repas d’octobre, octobre 2026 À payer avant le" in said
    assert "Repas d’août, août 2026 Date limite : 30 septembre" in said
    assert "Repas de septembre" not in said
    assert "Payer mes factures" in words(family.get("direct_debits"))


def test_an_invoice_closed_to_payment_on_line_says_why_and_offers_no_dead_end(family):
    canteen = make_regie(label="Cantine", uses_payment_windows=True)
    make_window(canteen, first=date(2026, 9, 2), last=date(2026, 9, 30), months=[date(2026, 8, 1)])
    closed = _owed(family, canteen, "Repas", 1850, billed_month=date(2026, 8, 1))
    response = family.get("invoice", closed.public_id)
    page = main_words(response)
    assert "Cantine, août 2026 : le paiement en ligne était ouvert du 2 septembre 2026 au 30 septembre 2026" in page
    assert "Les autres moyens de payer sont écrits sur la facture." in page
    assert '<a class="button button--primary"' not in response.content.decode()
    assert "Une facture marquée d’un cadenas ne se paie pas en ligne aujourd’hui." in main_words(family.get("invoices"))


def test_what_can_be_paid_today_comes_before_what_cannot(family):
    canteen = make_regie(label="Cantine", uses_payment_windows=True)
    make_window(canteen, first=date(2026, 10, 1), last=date(2026, 10, 31), months=[date(2026, 9, 1)])
    _owed(family, canteen, "Fermée", 1850, billed_month=date(2026, 8, 1), due_on=date(2026, 10, 9))
    _owed(family, canteen, "Ouverte", 1850, billed_month=date(2026, 9, 1), due_on=date(2026, 10, 30))
    page = main_words(family.get("invoices"))
    assert page.index("Ouverte, septembre 2026") < page.index("Fermée, août 2026")


def test_no_sentence_about_padlocks_when_everything_can_be_paid(family):
    _owed(family, make_regie(label="Cantine"), "Repas", 1850)
    assert "cadenas" not in main_words(family.get("invoices"))
