import dataclasses
from datetime import date
from decimal import Decimal

import pytest
import zxingcpp

from preau.domain.billing.documents.invoice import Activation, InvoiceLine, InvoiceSheet, render_invoice
from preau.foundation.pdf.look import Look
from tests.support.pdf import complaints_about, ink_beyond_the_sheet, pages_of, pictures_of, tags_of


def line(label, cents, *, child="Inès", quantity="1", days=""):
    total = int(Decimal(quantity) * cents)
    return InvoiceLine(
        child=child, label=label, days=days, quantity=Decimal(quantity), unit_price_cents=cents, total_cents=total
    )


SHEET = InvoiceSheet(
    town_name="Ville du Lamentin",
    issuer_name="Caisse des Écoles",
    issuer_address=("1 place de la Mairie", "97232 Le Lamentin"),
    issuer_phone="05 96 66 68 88",
    regie_label="Restauration et périscolaire",
    number="G-OCT26-23786-953586",
    period_label="octobre 2026",
    issued_on=date(2026, 9, 3),
    due_on=date(2026, 9, 13),
    debtor_name="Madame Hélène DELATTRE-KOUASSI",
    debtor_address=("Résidence des Lys, bâtiment B", "12 rue des Flamboyants", "97232 LE LAMENTIN"),
    file_number="23786",
    lines=(
        line("Repas de cantine", 200, quantity="12", days="1er, 2, 5, 6 et 8 octobre"),
        line("Accueil du soir", 140, quantity="6.5"),
        line("Repas de cantine", 200, child="Noé", quantity="10"),
    ),
    total_cents=5310,
    received_cents=1000,
    left_cents=4310,
    portal_sentence="Vous pouvez payer en ligne par Internet sur le site de la ville.",
    portal_url="https://familles.lamentin.example",
    access_code="DEL23786",
    activation=Activation(code="K7QF-3MXR", expires_on=date(2026, 12, 31)),
    means=("Chèque bancaire", "Espèces"),
    payee_wording="Trésor public",
    desk="En espèces auprès du service des affaires scolaires",
    coupon_address=("Caisse des Écoles", "BP 12", "97232 Le Lamentin Cedex"),
)


def invoice(**changes):
    return dataclasses.replace(SHEET, **changes)


def words(**changes):
    return " ".join(pages_of(render_invoice(invoice(**changes))))


def test_an_invoice_tells_everything_on_one_page():
    (page,) = pages_of(render_invoice(SHEET))
    assert page == (
        "Ville du Lamentin Caisse des Écoles 1 place de la Mairie 97232 Le Lamentin 05 96 66 68 88 "
        "Régie Restauration et périscolaire Dossier 23786 "
        "Madame Hélène DELATTRE-KOUASSI Résidence des Lys, bâtiment B 12 rue des Flamboyants 97232 LE LAMENTIN "
        "Émise le 3 septembre 2026 Facture d’octobre 2026 n° G-OCT26-23786-953586 "
        "Le détail Prestation Quantité Prix Total "
        "Inès Repas de cantine 1er, 2, 5, 6 et 8 octobre 12 2,00 € 24,00 € Accueil du soir 6,5 1,40 € 9,10 € "
        "Noé Repas de cantine 10 2,00 € 20,00 € "
        "Le montant Cette facture s’élève à : 53,10 € "
        "Somme déjà encaissée sur cette facture : 10,00 € "
        "Somme restant à payer sur cette facture : 43,10 € "
        "En votre aimable règlement avant le 13 septembre 2026 → 43,10 € "
        "Payer en ligne Vous pouvez payer en ligne par Internet sur le site de la ville. "
        "https://familles.lamentin.example Votre code d’accès DEL23786 "
        "Première connexion : code d’activation K7QF-3MXR À usage unique, jusqu’au 31 décembre 2026. "
        "Coupon à joindre à votre règlement Référence G-OCT26-23786-953586 → 43,10 € "
        "À adresser à : Caisse des Écoles BP 12 97232 Le Lamentin Cedex "
        "Vous réglez par : Chèque bancaire Espèces Chèque à l’ordre de : Trésor public "
        "En espèces auprès du service des affaires scolaires Madame Hélène DELATTRE-KOUASSI, dossier 23786 "
        "Facture n° G-OCT26-23786-953586 Page 1 sur 1"
    )


def test_machines_read_the_portal_address_and_the_coupon():
    (picture,) = pictures_of(render_invoice(SHEET), dpi=300)
    codes = {code.format.name: code.text for code in zxingcpp.read_barcodes(picture)}
    assert codes == {"QRCode": "https://familles.lamentin.example", "Code128": "G-OCT26-23786-953586 4310"}


def test_no_activation_code_is_printed_once_the_account_is_open():
    text = words(activation=None)
    assert "Votre code d’accès DEL23786 Coupon" in text
    assert "activation" not in text


def test_a_paid_invoice_has_neither_due_date_nor_coupon():
    text = words(received_cents=5310, left_cents=0)
    assert "Somme restant à payer sur cette facture : 0,00 €" in text
    assert "aimable règlement" not in text
    assert "Coupon" not in text


def test_an_invoice_without_due_date_invents_none():
    assert "aimable règlement" not in words(due_on=None)


def test_a_reduction_is_a_negative_line():
    lines = (*SHEET.lines, line("Absence justifiée", -200, quantity="2"))
    assert "Absence justifiée 2 −2,00 € −4,00 €" in words(lines=lines, total_cents=4910, left_cents=3910)


@pytest.mark.parametrize(("period", "title"), [("avril 2027", "Facture d’avril 2027"), ("mai 2027", "Facture de mai")])
def test_the_month_is_named_with_its_elision(period, title):
    assert title in words(period_label=period)


def test_two_regies_of_a_town_print_two_issuers():
    other = words(issuer_name="Crèche municipale", issuer_address=("3 rue Neuve",), issuer_phone="")
    assert other.startswith("Ville du Lamentin Crèche municipale 3 rue Neuve Régie")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"total_cents": 5311, "left_cents": 4311}, "the lines do not make the total"),
        ({"received_cents": 999}, "total − received is not what is left"),
    ],
)
def test_an_invoice_that_does_not_add_up_is_refused(changes, reason):
    with pytest.raises(ValueError, match=reason):
        invoice(**changes)


def test_a_line_that_does_not_multiply_is_refused():
    with pytest.raises(ValueError, match="Repas: the total is not quantity × unit price"):
        InvoiceLine(child="", label="Repas", quantity=Decimal(12), unit_price_cents=200, total_cents=2401)


def test_half_a_cent_goes_up():
    half = InvoiceLine(child="", label="Garde", quantity=Decimal("0.5"), unit_price_cents=85, total_cents=43)
    assert half.total_cents == 43


def test_a_long_invoice_repeats_its_reference_its_columns_and_the_child():
    lines = tuple(line(f"Repas n° {n}", 200, child=f"Enfant {n // 60}") for n in range(120))
    pages = pages_of(render_invoice(invoice(lines=lines, total_cents=24_000, left_cents=23_000)))
    assert len(pages) == 4
    for number, page in enumerate(pages, start=1):
        assert page.endswith(f"Facture n° G-OCT26-23786-953586 Page {number} sur 4")
        assert ("Coupon à joindre" in page) == (number == 4)
    assert pages[1].startswith(
        "Facture n° G-OCT26-23786-953586, suite Prestation Quantité Prix Total Enfant 0 Repas n° "
    )
    assert [n for n in range(120) if not any(f"Repas n° {n} 1 2,00 €" in page for page in pages)] == []


def test_the_same_invoice_gives_the_same_bytes():
    assert render_invoice(SHEET) == render_invoice(invoice())


def test_an_invoice_is_accessible():
    pdf = render_invoice(SHEET, look=Look(motto="Ville festive", territory="Martinique"))
    assert complaints_about(pdf) == []
    tags = tags_of(pdf)
    assert {tag: tags[tag] for tag in ("H1", "H2", "Table", "Figure")} == {"H1": 1, "H2": 4, "Table": 1, "Figure": 2}


@pytest.mark.parametrize("endless", ["W", "@", "😀", "\u202e", "É "])
def test_ten_thousand_characters_stay_in_their_column(endless):
    text = endless * 10_000
    sheet = invoice(
        town_name=text,
        issuer_name=text,
        issuer_address=(text,) * 50,
        debtor_name=text,
        debtor_address=(text,) * 50,
        number=text,
        file_number=text,
        period_label=text,
        access_code=text,
        means=(text,),
        payee_wording=text,
        lines=(line(text, 5310, child=text, days=text),),
    )
    for picture in pictures_of(render_invoice(sheet), dpi=60):
        assert ink_beyond_the_sheet(picture) == 0
