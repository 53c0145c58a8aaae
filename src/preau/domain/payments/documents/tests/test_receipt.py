import dataclasses
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import zxingcpp

from preau.domain.payments.documents.receipt import ReceiptLine, ReceiptSheet, render_receipt
from preau.foundation.pdf.look import Look
from tests.support.pdf import complaints_about, ink_beyond_the_sheet, pages_of, pictures_of, tags_of

URL = "https://familles.saint-eloi.example/recu/7KQM4TXA92PD0GHV"
SHEET = ReceiptSheet(
    town_name="Saint-Éloi-sur-Lys",
    issuer_name="Caisse des Écoles",
    issuer_address=("1 place des Briquetiers", "59000 Saint-Éloi-sur-Lys"),
    issuer_phone="03 53 01 12 40",
    regie_label="Restauration et périscolaire",
    regie_act="Régie de recettes créée par la délibération du 12 juin 2019.",
    receipt_number="2026-018842",
    verification_code="7KQM-4TXA-92PD-0GHV",
    verification_url=URL,
    paid_at=datetime(2026, 11, 5, 15, 41, 8, tzinfo=ZoneInfo("Europe/Paris")),
    means_label="carte bancaire",
    gateway_label="PayFiP",
    reference="RP202610041270051",
    authorisation="A55C19",
    debtor_name="Famille Delattre-Kouassi",
    file_number="4127",
    lines=(
        ReceiptLine("RP-2026-10-04127", "Restauration, octobre 2026", 5880, 0),
        ReceiptLine("RP-2026-09-04127", "Restauration, septembre 2026", 1000, 1520),
    ),
    surplus_cents=0,
    total_cents=6880,
    debit_notice="entre le 9 et le 11 novembre 2026",
    payer_email="h.delattre-kouassi@courriel.example",
)


def receipt(**changes):
    return dataclasses.replace(SHEET, **changes)


@pytest.mark.row("S29")
def test_a_receipt_tells_who_paid_what_to_whom_when_and_how():
    (page,) = pages_of(render_receipt(SHEET))
    assert page == (
        "Saint-Éloi-sur-Lys jeudi 5 novembre 2026 15 h 41 "
        "Reçu de paiement n° 2026-018842 68,80 € payés "
        "Par Famille Delattre-Kouassi, le 5 novembre 2026 à 15 h 41. "
        "Factures payées Facture Payé Reste à payer "
        "Restauration, octobre 2026 n° RP-2026-10-04127 58,80 € 0,00 € "
        "Restauration, septembre 2026 n° RP-2026-09-04127 10,00 € 15,20 € "
        "Total payé 68,80 € "
        "Le paiement Payé par Famille Delattre-Kouassi Dossier 4127 Moyen carte bancaire, PayFiP "
        "Référence RP202610041270051 Autorisation A55C19 "
        "Débit Votre compte bancaire sera débité entre le 9 et le 11 novembre 2026. "
        "Reçu envoyé à h.delattre-kouassi@courriel.example "
        "Encaissé par Restauration et périscolaire Caisse des Écoles "
        "1 place des Briquetiers 59000 Saint-Éloi-sur-Lys 03 53 01 12 40 "
        "Régie de recettes créée par la délibération du 12 juin 2019. "
        "Conservez ce reçu Il prouve votre paiement. Vous le retrouvez aussi dans votre espace famille, "
        "sans limite de durée. Code de vérification 7KQM-4TXA-92PD-0GHV "
        "Chacun peut vérifier ce reçu à cette adresse, ou en scannant le code. "
        f"La page ne montre aucune donnée personnelle. {URL} "
        "Reçu n° 2026-018842 Page 1 sur 1"
    )


@pytest.mark.row("P07")
def test_a_phone_reads_the_verification_address_on_the_printed_receipt():
    (picture,) = pictures_of(render_receipt(SHEET))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [URL]


@pytest.mark.row("V08")
def test_the_expected_debit_days_are_printed():
    (page,) = pages_of(render_receipt(SHEET))
    assert "Votre compte bancaire sera débité entre le 9 et le 11 novembre 2026." in page


def test_what_is_unknown_leaves_no_empty_label():
    (page,) = pages_of(render_receipt(receipt(authorisation="", debit_notice="", payer_email="", gateway_label="")))
    assert "Moyen carte bancaire Référence RP202610041270051 Encaissé par" in page


def test_money_paid_in_excess_is_said_to_be_credited():
    (page,) = pages_of(render_receipt(receipt(surplus_cents=2520, total_cents=9400)))
    assert "Versé en plus, porté au crédit de votre compte famille 25,20 € Total payé 94,00 €" in page


def test_a_receipt_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="2026-018842: lines and surplus do not make the total"):
        receipt(total_cents=6881)


@pytest.mark.row("L09")
def test_the_town_dresses_the_receipt():
    (page,) = pages_of(render_receipt(SHEET, look=Look(motto="La ville des briquetiers", territory="Flandre")))
    assert page.startswith("Saint-Éloi-sur-Lys La ville des briquetiers · Flandre jeudi")


def test_twelve_invoices_fit_on_one_page():
    lines = tuple(ReceiptLine(f"RP-2026-{n:05}", f"Cantine, mois n° {n}", 1000, 0) for n in range(12))
    assert len(pages_of(render_receipt(receipt(lines=lines, total_cents=12_000)))) == 1


def test_sixty_invoices_take_pages_that_repeat_the_number():
    lines = tuple(ReceiptLine(f"RP-2026-{n:05}", f"Cantine, mois n° {n}", 1000, 0) for n in range(60))
    pages = pages_of(render_receipt(receipt(lines=lines, total_cents=60_000)))
    assert len(pages) == 2
    assert pages[0].endswith("Reçu n° 2026-018842 Page 1 sur 2")
    assert pages[1].startswith("Reçu n° 2026-018842, suite Facture Payé Reste à payer")
    assert pages[1].endswith("Reçu n° 2026-018842 Page 2 sur 2")


def test_the_same_payment_gives_the_same_bytes():
    assert render_receipt(SHEET) == render_receipt(receipt())


def test_a_receipt_is_accessible():
    pdf = render_receipt(SHEET)
    assert complaints_about(pdf) == []
    tags = tags_of(pdf)
    assert {tag: tags[tag] for tag in ("H1", "H2", "Table", "TH", "TD", "Figure", "Link")} == {
        "H1": 1,
        "H2": 4,
        "Table": 1,
        "TH": 3,
        "TD": 9,
        "Figure": 1,
        "Link": 1,
    }


NASTY = r"#panic() $x$ *a* _b_ [c] \ @d `e` <script>alert(1)</script>"


def test_a_name_made_of_commands_is_printed_as_typed():
    (page,) = pages_of(render_receipt(receipt(debtor_name=NASTY)))
    assert f"Payé par {NASTY} Dossier" in page


@pytest.mark.parametrize("endless", ["W", "@", "😀", "\u0300", "\u202e", "É ", "<", "0"])
def test_ten_thousand_characters_stay_in_their_column(endless):
    text = endless * 10_000
    lines = (ReceiptLine(text, text, 6880, 0),)
    sheet = receipt(
        town_name=text,
        debtor_name=text,
        file_number=text,
        reference=text,
        regie_act=text,
        issuer_address=(text,) * 50,
        receipt_number=text,
        means_label=text,
        lines=lines,
    )
    for picture in pictures_of(render_receipt(sheet), dpi=60):
        assert ink_beyond_the_sheet(picture) == 0
