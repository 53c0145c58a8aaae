"""What the bank, a stranger's notice or a file says reaches families and agents as words (F5, W16)."""

import pytest
from django.conf import settings
from django.core import mail as sent_mails
from django.test import Client

from preau.domain.payments.models import GatewayMessage, PaymentAttempt, Receipt, ReviewCase
from preau.domain.payments.services.inbox import process_due
from preau.foundation.files.services import store
from preau.foundation.mail.services import send_due
from tests.security.test_injection import PAYLOADS, live_parts
from tests.support.factories import login_family, make_household, make_invoice, make_regie, make_town, make_user
from tests.support.pdf import pages_of

evil = pytest.mark.parametrize("evil", PAYLOADS.values(), ids=PAYLOADS)
SET_UP = "/bureau/reglages/payments/"


def _agent() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def _acting(html: str) -> list:
    """Live parts that are not the set-up pages' own."""
    own = ("script", [("src", "/bureau/reglages/jsi18n/")])
    return [part for part in live_parts(html) if part != own]


@evil
def test_a_reply_of_the_bank_is_words_on_every_page_and_paper(payer, evil):
    said = {"label": evil, "code": evil[:20], "means": evil[:20]}
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference, transaction=evil[:64].replace("\x00", ""), **said)
    payer.notify(attempt)
    assert attempt.state == "captured"
    paper = payer.get(f"/recus/{Receipt.objects.get().code}/pdf/")
    assert "Total payé" in " ".join(pages_of(paper.content))
    send_due()
    (sent,) = sent_mails.outbox
    assert live_parts(sent.alternatives[0].content) == []
    agent = _agent()
    for page in (
        payer.result(attempt),
        payer.get(f"/factures/{attempt.lines.get().invoice.public_id}/"),
        agent.get(f"{SET_UP}paymentattempt/{attempt.pk}/change/"),
    ):
        assert page.status_code == 200
        assert _acting(page.content.decode()) == []


@evil
def test_a_contradiction_is_words_for_the_family_and_for_the_agent(payer, evil):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    payer.bank.pay(attempt.gateway_reference, reference=evil[:64], merchant=evil[:40], currency=evil[:3])
    payer.notify(attempt)
    assert attempt.state == "anomaly"
    case, agent = ReviewCase.objects.get(), _agent()
    assert "référence" in case.detail
    send_due()
    for page in (
        payer.result(attempt),
        agent.get(f"{SET_UP}reviewcase/"),
        agent.get(f"{SET_UP}reviewcase/{case.pk}/change/"),
    ):
        assert page.status_code == 200
        assert _acting(page.content.decode()) == []
    (sent,) = [mail for mail in sent_mails.outbox if "examiner" in mail.subject]
    assert live_parts(sent.alternatives[0].content) == []
    assert sent.subject.splitlines() == [sent.subject]


@evil
def test_a_strangers_notice_is_words_for_the_agent(payer, evil):
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    path = f"/notifications/fake/{attempt.return_token}/"
    Client().post(path, evil.encode(), QUERY_STRING=evil.replace("\r\n", ""), content_type="text/html")
    process_due()
    kept, agent = GatewayMessage.objects.get(), _agent()
    for page in (
        agent.get(f"{SET_UP}gatewaymessage/"),
        agent.get(f"{SET_UP}gatewaymessage/{kept.pk}/change/"),
    ):
        assert page.status_code == 200
        assert _acting(page.content.decode()) == []


@evil
def test_the_name_of_a_document_is_one_harmless_header(payer, evil):
    pdf = store(content=b"%PDF-1.7 x", name=f"{evil}.pdf", content_type="application/pdf")
    invoice = make_invoice(payer.household, payer.regie, pdf=pdf)
    answer = payer.get(f"/factures/{invoice.public_id}/pdf/")
    header = answer["Content-Disposition"]
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert header.isprintable()
    assert header.isascii()
    assert header.startswith("inline; filename")
    assert header.count('"') in {0, 2}
    assert _acting(payer.get(f"/factures/{invoice.public_id}/").content.decode()) == []


ACTING = "<img src=x onerror=window.acted=1><script>window.acted=2</script>'\"-->"
PAGES = [
    "/accueil/",
    "/comptes/",
    "/factures/",
    "/factures/historique/",
    "/panier/",
    "/recus/",
    "/dossier/",
    "/mon-compte/",
]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_runs_nothing_of_what_people_wrote_and_finds_no_breach(
    frozen_clock, live_server, client, bank, phone
):
    """`phone` fails the test if a page broke the content policy: 0 violations."""
    make_town(motto=ACTING, territory=ACTING)
    household = make_household(file_name=ACTING, address=ACTING, city=ACTING)
    household.guardians.update(first_name=ACTING, last_name=ACTING)
    regie = make_regie(label=ACTING, issuer_name=ACTING)
    invoice = make_invoice(household, regie, label=ACTING)
    login_family(client, household)
    client.post("/panier/ajouter/", {"facture": invoice.public_id})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    for path in [*PAGES, f"factures/{invoice.public_id}/"]:
        phone.goto(f"{live_server.url}/{path}")
        assert phone.evaluate("window.acted ?? 'nothing'") == "nothing", path
    phone.goto(f"{live_server.url}/accueil/")
    assert "onerror" in phone.locator("main").inner_text()
    assert PaymentAttempt.objects.count() == 0


def test_a_part_that_acts_would_be_seen():
    """Without this, the tests above would pass whatever the pages hold."""
    assert len(live_parts(ACTING)) == 2
