"""Choosing what to pay: régies, boxes, magnifier, closed windows, invoices under payment, one invoice, its PDF."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from preau.domain.billing.models import CreditNote, Invoice, InvoiceLine
from preau.domain.billing.services import record_credit_note, record_invoice, record_receipt_elsewhere
from preau.domain.families.models import Child, ChildHome
from preau.foundation import clock
from preau.foundation.files.services import store
from tests.support.factories import (
    login_family,
    make_contract,
    make_household,
    make_invoice,
    make_regie,
    make_town,
    make_window,
    user_of,
)
from tests.support.pages import main_words

TODAY = date(2026, 10, 8)
PDF = b"%PDF-1.7\n" + b"x" * 287_991


def _boxes(response) -> dict[str, bool]:
    """Public id → ticked, in the order of the page."""
    boxes = re.findall(
        r'<input class="tick" type="checkbox" name="facture" value="([^"]+)"([^>]*)>', response.content.decode()
    )
    return {value: " checked" in rest for value, rest in boxes}


@pytest.mark.row("A16")
def test_nothing_to_pay_is_said_in_these_words(family):
    page = main_words(family.get("invoices"))
    assert "Aucune régie avec des factures à payer." in page
    assert "Ajouter au panier" not in page
    assert "Choix de la régie" not in page


@pytest.mark.row("A13")
def test_the_breadcrumb_leads_to_paying(family):
    html = family.get("invoices").content.decode()
    trail = re.search(r'<nav class="crumbs".*?</nav>', html, re.DOTALL)
    assert re.findall(r'href="([^"]+)">([^<]+)', trail[0]) == [("/accueil/", "Accueil"), ("/factures/", "Facturation")]
    assert '<span aria-current="page">Payer</span>' in trail[0]


@pytest.mark.row("S24")
def test_the_breadcrumb_comes_from_the_accounts(family):
    regie = make_regie()
    html = family.get("invoices", regie=regie.public_id, depuis="comptes").content.decode()
    assert '<a href="/comptes/">Mes comptes</a>' in html


@pytest.mark.row("A14", "C45")
@pytest.mark.parametrize("name", ["invoices", "history", "direct_debits"])
def test_the_side_menu_of_billing(family, name):
    html = family.get(name).content.decode()
    menu = re.search(r'<nav aria-label="Facturation">.*?</nav>', html, re.DOTALL)[0]
    entries = re.findall(r'<a href="([^"]+)"( aria-current="page")?>', menu)
    addresses = {
        "invoices": "/factures/",
        "history": "/factures/historique/",
        "direct_debits": "/factures/prelevements/",
    }
    assert [address for address, _ in entries[:3]] == list(addresses.values())
    assert [address for address, current in entries if current] == [addresses[name]]
    assert '<a class="nav__link" href="/factures/" aria-current="page">' in html


@pytest.mark.row("A14")
def test_direct_debits_say_plainly_that_they_are_not_open(family):
    page = main_words(family.get("direct_debits"))
    assert "Saint-Éloi-sur-Lys n’a pas ouvert le prélèvement automatique sur ce portail." in page
    assert "Pour le demander" in page
    assert "03 53 01 12 40" in page


@pytest.mark.row("A15")
def test_one_regie_is_preselected(family):
    regie = make_regie(label="Cantine")
    make_invoice(family.household, regie)
    html = family.get("invoices").content.decode()
    assert f'<a href="/factures/?regie={regie.public_id}" aria-current="page">Cantine' in html
    assert "Toutes</a>" not in html


@pytest.mark.row("A15")
def test_two_regies_are_a_choice(family):
    canteen, nursery = make_regie(label="Cantine"), make_regie(label="Crèche")
    make_regie(label="Sans facture")
    first, second = make_invoice(family.household, canteen), make_invoice(family.household, nursery)

    everything = family.get("invoices")
    assert "Choix de la régie Toutes Cantine 1 Crèche 1" in main_words(everything)
    assert list(_boxes(everything)) == [first.public_id, second.public_id]

    chosen = family.get("invoices", regie=nursery.public_id)
    assert list(_boxes(chosen)) == [second.public_id]
    assert f'<a href="/factures/?regie={nursery.public_id}" aria-current="page">Crèche' in chosen.content.decode()


@pytest.mark.row("A16")
def test_a_chosen_regie_without_invoice_leads_to_the_others(family):
    canteen, nursery = make_regie(label="Cantine"), make_regie(label="Crèche")
    make_invoice(family.household, canteen)
    page = main_words(family.get("invoices", regie=nursery.public_id))
    assert "Aucune régie avec des factures à payer. Voir les autres régies" in page


def test_an_unknown_regie_does_not_exist(family):
    assert family.get("invoices", regie="nowhere").status_code == 404


@pytest.mark.row("L29", "V21", "S26")
def test_boxes_are_ticked_and_carry_their_amounts_for_the_running_total(family):
    regie = make_regie()
    first, second = make_invoice(family.household, regie, cents=5880), make_invoice(family.household, regie, cents=2520)
    response = family.get("invoices")
    html = response.content.decode()
    assert _boxes(response) == {first.public_id: True, second.public_id: True}
    assert re.findall(r'data-bill="(\d+)"', html) == ["5880", "2520"]
    assert '<form action="/panier/ajouter/" method="post"' in html
    assert "2 factures à payer en ligne 84,00 €" in main_words(response)
    assert "Ajouter au panier" in html
    assert '<output class="amount amount--l" id="total">' in html


@pytest.mark.row("V21")
def test_what_is_in_the_basket_stays_chosen_and_the_rest_is_not(family):
    regie = make_regie()
    first, second = make_invoice(family.household, regie), make_invoice(family.household, regie)
    user_of(family.household).basket_lines.create(invoice=second, added_at=clock.now())
    response = family.get("invoices")
    assert _boxes(response) == {first.public_id: False, second.public_id: True}
    assert main_words(response).count("Dans le panier") == 1


@pytest.mark.row("V21", "A21")
def test_an_invoice_under_payment_unticks_nothing(family):
    """It is still in the basket until the bank answers, but nobody chose it among the others."""
    regie = make_regie()
    free = make_invoice(family.household, regie)
    family.start_payment(make_invoice(family.household, regie))
    assert _boxes(family.get("invoices")) == {free.public_id: True}


@pytest.mark.row("V20", "L05")
def test_the_magnifier_opens_lines_per_child_and_day(family):
    for position, name in enumerate(("Aïssata-Marie", "Barthélemy"), 2):
        child = Child.objects.create(first_name=name, last_name="Delattre")
        ChildHome.objects.create(child=child, household=family.household, position=position)
    days = [date(2026, 9, day) for day in (1, 2, 7)]
    rows = [("Aïssata-Marie", "Cantine", day, 360) for day in days]
    rows += [("DELATTRE Barthelemy", "Garderie du matin", date(2026, 9, 9), 120)]
    rows += [("Une cousine", "Cantine", None, 500)]
    _record(family.household, make_regie(), rows)
    page = main_words(family.get("invoices"))
    assert "Voir le détail" in page
    assert "Aïssata-Marie, Cantine 1er, 2 et 7 septembre 3 3,60 € 10,80 €" in page
    assert "DELATTRE Barthelemy, Garderie du matin 9 septembre 1 1,20 € 1,20 €" in page
    assert "Une cousine, Cantine 1 5,00 € 5,00 €" in page
    html = family.get("invoices").content.decode()
    assert re.findall(r'<use href="#g-(\d)"', html) == ["2", "3"]


def _record(household, regie, rows) -> Invoice:
    lines = [
        InvoiceLine(
            position=position,
            label=label,
            child_name=child,
            service_date=day,
            quantity=Decimal(1),
            unit_price_cents=cents,
            total_cents=cents,
        )
        for position, (child, label, day, cents) in enumerate(rows, 1)
    ]
    invoice = Invoice(
        household=household,
        regie=regie,
        number="RP-2026-09-04127",
        label="Restauration",
        billed_month=date(2026, 9, 1),
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
        total_cents=sum(cents for *_, cents in rows),
    )
    return record_invoice(invoice=invoice, lines=lines)


@pytest.mark.row("L06")
def test_the_three_amounts_after_a_payment_at_the_counter(family):
    invoice = make_invoice(family.household, make_regie(), cents=2520)
    record_receipt_elsewhere(invoice=invoice, amount_cents=500, means="espèces", received_on=TODAY)
    amounts = "Cette facture s’élève à 25,20 € Somme déjà encaissée 5,00 € Somme restant à payer 20,20 €"
    assert amounts in main_words(family.get("invoices"))
    page = main_words(family.get("invoice", invoice.public_id))
    assert amounts in page
    assert "Règlement en mairie (espèces) 8 octobre 2026 5,00 €" in page


def test_a_credit_note_is_a_fourth_amount(family):
    invoice = make_invoice(family.household, make_regie(), cents=2520)
    note = CreditNote(
        regie=invoice.regie,
        household=family.household,
        invoice=invoice,
        number="AV-1",
        label="Absence",
        issued_on=TODAY,
        total_cents=1000,
        content_digest="0" * 64,
    )
    record_credit_note(note=note)
    page = main_words(family.get("invoice", invoice.public_id))
    assert "Annulé par un avoir 10,00 € Somme déjà encaissée 0,00 € Somme restant à payer 15,20 €" in page
    assert "Avoir AV-1 8 octobre 2026 10,00 €" in page


@pytest.mark.row("L18")
def test_the_warning_is_shown_where_part_payment_is_forbidden(family):
    make_invoice(family.household, make_regie(label="Cantine", allows_part_payment=False))
    assert "Cantine Attention ! Il n’est pas possible de payer en plusieurs fois sur le portail." in main_words(
        family.get("invoices")
    )


@pytest.mark.row("L18")
def test_no_warning_where_part_payment_is_allowed(family):
    make_invoice(family.household, make_regie(allows_part_payment=True))
    assert "en plusieurs fois" not in main_words(family.get("invoices"))


@pytest.mark.row("L07")
def test_due_date_amount_and_late_state_in_the_list(family):
    regie = make_regie()
    make_invoice(family.household, regie, cents=1000, due_on=date(2026, 10, 13))
    make_invoice(family.household, regie, cents=2000, issued_on=date(2026, 9, 1), due_on=date(2026, 9, 30))
    page = main_words(family.get("invoices"))
    assert "À payer avant le 13 octobre" in page
    assert "Date limite : 30 septembre" in page
    assert page.index("En retard") < page.index("À payer avant le 13 octobre")


@pytest.mark.row("L19", "P06")
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Martinique"])
def test_a_window_opens_and_closes_at_the_towns_midnight(db, zone):
    town = make_town(time_zone=zone)
    regie, household = make_regie(label="Cantine", uses_payment_windows=True), make_household()
    make_window(regie, first=date(2026, 10, 5), last=date(2026, 10, 18), months=[date(2026, 11, 1)])
    make_invoice(
        household, regie, billed_month=date(2026, 11, 1), issued_on=date(2026, 9, 20), due_on=date(2026, 11, 30)
    )

    def seen(moment: datetime) -> str:
        with clock.frozen(moment.astimezone(UTC)):
            visitor = Client()
            login_family(visitor, household)
            return main_words(visitor.get("/factures/"))

    opens, closes = datetime(2026, 10, 5, tzinfo=town.zone), datetime(2026, 10, 19, tzinfo=town.zone)
    second = timedelta(seconds=1)
    closed = "le paiement en ligne ouvrira du 5 octobre 2026 au 18 octobre 2026."
    over = "le paiement en ligne était ouvert du 5 octobre 2026 au 18 octobre 2026"
    assert closed in seen(opens - second)
    assert "Ajouter au panier" not in seen(opens - second)
    assert "Paiement ouvert jusqu’au 18 octobre inclus" in seen(opens)
    assert "Ajouter au panier" in seen(opens)
    assert "Ajouter au panier" in seen(closes - second)
    assert over in seen(closes)
    assert "Ajouter au panier" not in seen(closes)


@pytest.mark.row("L19", "P06")
@pytest.mark.parametrize(
    ("last_summer_second", "still_open"),
    [(datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), True), (datetime(2026, 10, 25, 23, 0, 0, tzinfo=UTC), False)],
)
def test_the_last_day_of_a_window_may_be_the_one_that_lasts_25_hours(db, client, last_summer_second, still_open):
    """Paris leaves summer time on 25 October 2026: that day ends at 23 h UTC, not 22 h."""
    make_town()
    regie, household = make_regie(uses_payment_windows=True), make_household()
    make_window(regie, first=date(2026, 10, 20), last=date(2026, 10, 25), months=[date(2026, 11, 1)])
    make_invoice(
        household, regie, billed_month=date(2026, 11, 1), issued_on=date(2026, 9, 20), due_on=date(2026, 11, 30)
    )
    with clock.frozen(last_summer_second):
        login_family(client, household)
        assert ("Ajouter au panier" in main_words(client.get("/factures/"))) is still_open


def test_a_regie_without_contract_says_so(family):
    make_invoice(family.household, make_regie(label="Crèche", contract=False))
    page = main_words(family.get("invoices"))
    assert "Crèche ne prend pas encore les paiements en ligne." in page
    assert "Ajouter au panier" not in page


@pytest.mark.row("A21", "A22")
def test_a_locked_invoice_leaves_the_choice_and_says_when_it_comes_back(family, frozen_clock):
    regie = make_regie()
    invoice = make_invoice(family.household, regie, cents=1850, number="RP-42")
    attempt = family.start_payment(invoice)

    response = family.get("invoices")
    page = main_words(response)
    assert _boxes(response) == {}
    assert "Aucune régie avec des factures à payer." in page
    assert "Paiements en cours" in page
    assert "Paiement en cours, libérée à 16 h 05" in page
    assert "S’il n’aboutit pas, la facture revient dans « Payer » à 16 h 05." in page
    assert f'href="/paiement/{attempt.public_id}/"' in response.content.decode()

    history = main_words(family.get("history"))
    assert "Facture RP-42 Restauration et périscolaire Paiement en cours, libérée à 16 h 05 Suivre" in history
    assert "Payée" not in history

    frozen_clock.advance(minutes=31)
    login_family(family.client, family.household)
    response = family.get("invoices")
    assert _boxes(response) == {invoice.public_id: True}
    assert "n° RP-42" in main_words(response)
    assert re.findall(r'data-bill="(\d+)"', response.content.decode()) == ["1850"]


@pytest.mark.row("V10")
def test_a_debt_passed_to_the_treasury_is_not_payable_here(family):
    make_invoice(family.household, make_regie(), sent_to_treasury_on=TODAY)
    assert "Aucune régie avec des factures à payer." in main_words(family.get("invoices"))


@pytest.mark.row("A25")
def test_the_pdf_is_offered_with_its_format_and_real_size(family):
    pdf = store(content=PDF, name="facture éléphant.pdf", content_type="application/pdf")
    invoice = make_invoice(family.household, make_regie(), number="ENF-18012213", pdf=pdf)
    page = main_words(family.get("invoice", invoice.public_id))
    assert "Facture ENF-18012213 (PDF, 288 ko)" in page

    response = family.get("invoice_pdf", invoice.public_id)
    assert (response.status_code, response.content) == (200, PDF)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == "inline; filename*=utf-8''facture%20%C3%A9l%C3%A9phant.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"


def test_an_invoice_without_pdf_has_no_link_and_no_file(family):
    invoice = make_invoice(family.household, make_regie())
    assert "PDF" not in main_words(family.get("invoice", invoice.public_id))
    assert family.get("invoice_pdf", invoice.public_id).status_code == 404


def test_a_paid_invoice_leads_to_its_receipt(family):
    invoice = make_invoice(family.household, make_regie())
    receipt = family.pay(invoice)
    response = family.get("invoice", invoice.public_id)
    page = main_words(response)
    assert "Payée le 8 octobre" in page
    assert "Paiement en ligne 8 octobre 2026 Reçu (PDF)" in page
    assert f'href="/recus/{receipt.code}/pdf/"' in response.content.decode()
    assert 'href="/factures/?regie=' not in response.content.decode()


def test_the_page_of_an_owed_invoice_leads_to_paying_it(family):
    regie = make_regie()
    invoice = make_invoice(family.household, regie)
    assert f'href="/factures/?regie={regie.public_id}"' in family.get("invoice", invoice.public_id).content.decode()


@pytest.mark.parametrize("count", [1, 40])
def test_queries_do_not_grow_with_invoices(family, count):
    regie = make_regie(uses_payment_windows=True)
    make_window(regie, first=date(2026, 10, 5), last=date(2026, 10, 18), months=[date(2026, 10, 1)])
    for _ in range(count):
        make_invoice(family.household, regie)
    assert family.queries("invoices") == 12


@pytest.mark.parametrize("children", [1, 6])
def test_queries_do_not_grow_with_children(family, children):
    for position in range(2, children + 1):
        child = Child.objects.create(first_name=f"Enfant{position}", last_name="Berger")
        ChildHome.objects.create(child=child, household=family.household, position=position)
    make_invoice(family.household, make_regie())
    assert family.queries("invoices") == 11


def test_a_contract_that_ended_closes_payment(family):
    regie = make_regie(contract=False)
    make_contract(regie, closed_on=TODAY)
    make_invoice(family.household, regie)
    assert "ne prend pas encore les paiements en ligne" in main_words(family.get("invoices"))


def test_the_zone_of_the_visitor_never_counts(family):
    """Whatever zone the process is in, hours are the town's."""
    with timezone.override("Asia/Tokyo"):
        invoice = make_invoice(family.household, make_regie())
        family.start_payment(invoice)
        assert "libérée à 16 h 05" in main_words(family.get("invoices"))
