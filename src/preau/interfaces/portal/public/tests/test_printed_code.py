"""From the paper in somebody's hand to the page that vouches for it, without the family's session (P07, S29)."""

import re

import pytest
import zxingcpp
from django.core import mail as sent_mails
from django.test import Client

from preau.domain.payments.models import Receipt
from preau.foundation.mail.services import send_due
from tests.support.factories import make_invoice
from tests.support.pages import main_words, words
from tests.support.pdf import pages_of, pictures_of

PERSONAL = ("BERGER38", "Berger", "Amélie", "parent", "@example.org", "RP-2026", "Enfant1", "1038")


@pytest.fixture
def paper(payer) -> bytes:
    """The ticket that came by mail."""
    payer.pay(make_invoice(payer.household, payer.regie, cents=1850))
    send_due()
    ((name, content, kind),) = sent_mails.outbox[0].attachments
    assert (name, kind) == ("recu-2026-000001.pdf", "application/pdf")
    return content


@pytest.mark.row("P07", "V08", "S29")
def test_the_code_printed_on_the_ticket_of_the_mail_proves_it(paper):
    (page,) = pages_of(paper)
    code = re.search(r"Code de vérification ([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})", page)[1]
    visitor = Client()
    found = visitor.get("/verifier/", {"code": code}, follow=True)
    assert "Ce reçu est authentique" in main_words(found)
    assert "Numéro 2026-000001 Payé le 8 octobre 2026, 15 h 35 Montant 18,50 €" in main_words(found)
    assert [piece for piece in PERSONAL if piece in words(found)] == []


@pytest.mark.row("P07")
def test_the_square_printed_on_it_leads_to_the_same_page(paper):
    (picture,) = pictures_of(paper)
    (address,) = [code.text for code in zxingcpp.read_barcodes(picture)]
    assert address == f"http://testserver/verifier/{Receipt.objects.get().code}/"
    assert "Ce reçu est authentique" in main_words(Client().get(address))


@pytest.mark.row("P07")
def test_a_code_off_by_one_sign_proves_nothing(paper):
    code = Receipt.objects.get().code
    for rank in range(len(code)):
        other = code[:rank] + ("2" if code[rank] != "2" else "3") + code[rank + 1 :]
        assert "ne correspond à aucun reçu" in main_words(Client().get(f"/verifier/{other}/"), status=404)
