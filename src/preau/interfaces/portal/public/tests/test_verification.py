"""Anybody checks a receipt from its code."""

from datetime import date

import pytest

from preau.domain.payments.models import Capture, Receipt, ReceiptAnchor, ReceiptLink, Reversal
from preau.domain.payments.queries.chain import VERIFIER
from preau.domain.payments.services.acts import confirm_act
from preau.domain.payments.services.anchors import anchor_months
from preau.domain.payments.services.reversals import propose_reversal
from preau.domain.regies.models import RegieMember
from preau.foundation import ids
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.portal.billing.tests.conftest import Family
from tests.support.database import without_triggers
from tests.support.factories import login_family, make_household, make_invoice, make_regie, make_town, make_user
from tests.support.pages import main_words, words


@pytest.fixture
def receipt(db, frozen_clock, client, bank):
    make_town()
    household = make_household(file_name="DUPOND-SECRET", address="12 rue du Secret")
    login_family(client, household)
    regie = make_regie(label="Cantine", issuer_name="Caisse des écoles")
    invoice = make_invoice(household, regie, cents=1850, number="SECRET-18")
    receipt = Family(household, client, bank).pay(invoice)
    client.logout()
    return receipt


@pytest.mark.row("P07")
def test_a_true_receipt_shows_issuer_regie_number_date_amount_and_nobody(receipt, client):
    response = client.get(f"/verifier/{receipt.code}/")
    page = main_words(response)
    assert "Ce reçu est authentique" in page
    assert "Émetteur Caisse des écoles Régie Cantine Numéro 2026-000001" in page
    assert "Payé le 8 octobre 2026, 15 h 35 Montant 18,50 €" in page
    for personal in ("DUPOND", "SECRET", "Amélie", "Berger", "parent", "@example.org", "Enfant1"):
        assert personal not in words(response)


@pytest.mark.row("P07")
def test_the_code_is_found_however_it_is_copied(receipt, client):
    grouped = ids.grouped(receipt.code).lower().replace("0", "o").replace("1", "l")
    response = client.get("/verifier/", {"code": f" {grouped.replace('-', ' ')} "})
    assert (response.status_code, response["Location"]) == (302, f"/verifier/{receipt.code}/")
    assert "Ce reçu est authentique" in main_words(client.get(f"/verifier/{grouped}/"))


@pytest.mark.row("P07")
def test_an_unknown_code_is_answered_clearly(receipt, client):
    page = main_words(client.get("/verifier/AAAA-BBBB-CCCC-DDDD/"), status=404)
    assert "Ce code ne correspond à aucun reçu" in page
    assert "le document n’a pas été délivré par ce portail" in page


def test_an_empty_form_says_what_is_missing(receipt, client):
    for typed in ("", "  ", "---"):
        response = client.get("/verifier/", {"code": typed})
        assert "Tapez le code imprimé sur le reçu." in main_words(response)
        assert 'aria-invalid="true" aria-describedby="code-erreur"' in response.content.decode()
    assert "Tapez le code imprimé sur le reçu." not in main_words(client.get("/verifier/"))


@pytest.mark.parametrize("code", ["x" * 5000, "%00", "<script>", "é"])
def test_a_strange_code_finds_nothing(receipt, client, code):
    response = client.get(f"/verifier/{code}/")
    assert "Ce code ne correspond à aucun reçu" in main_words(response, status=404)
    assert "<script>" not in response.content.decode().split("<main")[1]


def test_the_page_asks_one_receipt_and_its_links(receipt, client, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(f"/verifier/{receipt.code}/")


@pytest.mark.row("P07")
def test_a_payment_that_the_bank_took_back_is_told_beside_its_authentic_receipt(receipt, client):
    """G8: the paper stays true, what it says was paid no longer is."""
    agents = [make_user(), make_user()]
    for agent in agents:
        RegieMember.objects.create(regie=receipt.regie, user=agent, post="regisseur")
    act = propose_reversal(
        payment_id=receipt.capture.attempt.public_id,
        kind=Reversal.Kind.CHARGEBACK,
        amount_cents=850,
        reason="Avis de la banque reçu ce matin",
        notice="AVIS-12",
        noticed_on=date(2026, 10, 8),
        user=agents[0],
        by=SYSTEM,
    )
    assert "repris" not in main_words(client.get(f"/verifier/{receipt.code}/"))
    confirm_act(act_id=act.public_id, user=agents[1], by=SYSTEM)
    page = main_words(client.get(f"/verifier/{receipt.code}/"))
    assert "Ce reçu est authentique" in page
    assert "8,50 € repris, inscrit le 8 octobre 2026." in page
    assert "AVIS-12" not in page


# Its place in the chain


@pytest.fixture
def followed(receipt, client, bank, frozen_clock):
    """The same receipt, another after it, and the month over."""
    household = receipt.capture.attempt.household
    login_family(client, household)
    Family(household, client, bank).pay(make_invoice(household, receipt.regie, cents=500, number="SECRET-19"))
    client.logout()
    frozen_clock.advance(days=30)
    assert anchor_months() == 1
    return receipt


@pytest.mark.row("P07", "S29")
def test_before_its_month_is_over_a_receipt_has_a_link_and_no_published_digest(receipt, client):
    page = main_words(client.get(f"/verifier/{receipt.code}/"))
    assert "Chaîne Maillon n° 1 de la chaîne 2026 de la régie Cantine" in page
    assert "Empreinte du mois Pas encore publiée : elle le sera quand le mois sera terminé." in page


@pytest.mark.row("P07", "S29")
def test_once_its_month_is_over_the_digest_to_which_it_leads_is_shown(followed, client, django_assert_num_queries):
    with django_assert_num_queries(5):
        page = main_words(client.get(f"/verifier/{followed.code}/"))
    assert f"Empreinte du mois Octobre 2026 : {ReceiptAnchor.objects.get().head}" in page


def _retouched(table: str, rows, **values) -> None:
    with without_triggers(table):
        rows.update(**values)


@pytest.mark.row("P07")
@pytest.mark.parametrize("touched", ["amount", "sheet", "link", "next link", "anchor"])
def test_a_receipt_that_somebody_touched_gets_a_warning_and_no_green_mark(followed, client, touched):
    {
        "amount": lambda: _retouched("payments_capture", Capture.objects.filter(receipt=followed), amount_cents=1),
        "sheet": lambda: _retouched("payments_receipt", Receipt.objects.filter(id=followed.id), sheet={}),
        "link": lambda: _retouched("payments_receiptlink", ReceiptLink.objects.filter(receipt=followed), digest="0"),
        "next link": lambda: _retouched(
            "payments_receiptlink", ReceiptLink.objects.exclude(receipt=followed), previous="0"
        ),
        "anchor": lambda: _retouched("payments_receiptanchor", ReceiptAnchor.objects.all(), head="0"),
    }[touched]()
    response = client.get(f"/verifier/{followed.code}/")
    page = main_words(response)
    assert "Ce reçu ne peut pas être confirmé" in page
    assert "Ne vous fiez pas à ce document Le reçu n° 2026-000001 de la régie Cantine ne correspond plus" in page
    for shown in ("authentique", "18,50", "0,01", "Payé le", "i-check"):
        assert shown not in response.content.decode().split("<main")[1]
    for personal in ("DUPOND", "SECRET", "Amélie", "Berger", "parent", "@example.org"):
        assert personal not in words(response)


# The digests of the months


def _regies_with_receipts(household, client, bank, count: int) -> None:
    login_family(client, household)
    for _ in range(count):
        Family(household, client, bank).pay(make_invoice(household, make_regie(), cents=500))
    client.logout()


@pytest.mark.row("P07")
def test_digests_are_published_without_name_nor_amount(followed, client):
    response = client.get("/verifier/empreintes/")
    page = main_words(response)
    assert f"Octobre 2026, Cantine 2 {ReceiptAnchor.objects.get().head}" in page
    for kept in ("23,50", "18,50", "DUPOND", "SECRET", "Amélie"):
        assert kept not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_digests_asks_as_much_whatever_their_number(
    receipt, client, bank, frozen_clock, count, django_assert_num_queries
):
    _regies_with_receipts(receipt.capture.attempt.household, client, bank, count - 1)
    frozen_clock.advance(days=30)
    assert anchor_months() == count
    with django_assert_num_queries(3):
        page = main_words(client.get("/verifier/empreintes/"))
    assert page.count("Octobre 2026") == count


def test_before_the_first_month_is_over_the_page_says_so(receipt, client):
    assert "Aucune empreinte pour l’instant." in main_words(client.get("/verifier/empreintes/"))


def test_the_tool_is_downloaded_as_it_is(receipt, client):
    page = client.get("/verifier/empreintes/").content.decode()
    assert 'href="/verifier/verifier_recus.py"' in page
    answer = client.get("/verifier/verifier_recus.py")
    assert answer["Content-Disposition"] == 'attachment; filename="verifier_recus.py"'
    assert answer.content == VERIFIER.read_bytes()
