"""Names are words whatever they hold: on every page, in every mail and document (F5, W16, W19)."""

from html.parser import HTMLParser

import pytest
from django.core import mail as sent_mails
from django.test import Client
from django.urls import reverse

from preau.domain.bookings.models import Enrolment
from preau.domain.bookings.services.enrolments import request_enrolment
from preau.domain.families.models import Child, ChildHome
from preau.domain.payments.models import Receipt
from preau.foundation.mail.services import send_due
from preau.interfaces.desk.tests.conftest import hire
from tests.security.urlmap import PORTAL
from tests.support.activities import make_activity, make_site
from tests.support.bookings import PARENT
from tests.support.factories import (
    login_family,
    make_group,
    make_household,
    make_invoice,
    make_regie,
    make_town,
)
from tests.support.fake_gateway import FakeGateway
from tests.support.made_once import kept_for_several_tests
from tests.support.payer import Payer
from tests.support.pdf import pages_of

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "entity": "&lt;svg onload=alert(1)&gt;&#x3C;",
    "template": "{{ 7|add:7 }}{% debug %}${7*7}#{7}{% include 'x' %}",
    "typst": '#import "x": y *gras* $x$ @ref <label> #read("/etc/passwd")',
    "header": "A\r\nBcc: voleur@example.org\r\n\r\nbonjour",
    "direction": "\u202eתירבע\u202c\u200f abc\u200b",
    "emoji": "Zoé 🦄👩‍👩‍👧 Ÿ ﬁ",
    "ansi": "\x1b[31mrouge\x1b[0m %s %n {0}",
    "formula": "=cmd|' /C calc'!A0",
}


class _Elements(HTMLParser):
    """What a browser would make of a page: its elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, attrs))


def live_parts(html: str) -> list:
    """Elements and attributes that act by themselves and that no page of ours has."""
    reader = _Elements()
    reader.feed(html)
    return [(tag, attrs) for tag, attrs in reader.found if _is_live(tag, dict(attrs))]


def _is_live(tag: str, attrs: dict) -> bool:
    if tag == "script":
        return not str(attrs.get("src", "")).startswith("/static/")
    return (
        tag in {"iframe", "object", "embed", "base"}
        or any(name.startswith("on") for name in attrs)
        or any(str(value).strip().lower().startswith("javascript:") for value in attrs.values())
    )


@pytest.fixture(scope="module", params=PAYLOADS.values(), ids=PAYLOADS)
def evil(request) -> str:
    return request.param


def _make_infested(bank: FakeGateway, evil: str) -> Payer:
    """A family, a régie and a town whose every text is the payload: paid once, a payment under way, a basket."""
    line = " ".join(evil.split())
    make_town(motto=line, territory=line, address=evil)
    household = make_household(file_name=line, address=evil, city=line, allowance_number=line, children=0)
    household.guardians.update(first_name=line, last_name=line, mobile_phone=line[:30], civility=line[:12])
    child = Child.objects.create(first_name=line, last_name=line, school=line)
    ChildHome.objects.create(child=child, household=household, position=1)
    regie = make_regie(
        label=line, group=make_group(line), issuer_name=line, issuer_address=evil, founding_act=line,
        allows_part_payment=True,
    )  # fmt: skip
    client = Client()
    login_family(client, household)
    payer = Payer(household, client, bank, regie)
    payer.pay(make_invoice(household, regie, label=line))
    payer.send(make_invoice(household, regie, label=line))
    payer.choose(make_invoice(household, regie, label=line))
    return payer


@pytest.fixture(scope="module")
def _made(django_db_setup, django_db_blocker, evil):
    with kept_for_several_tests(django_db_blocker, lambda bank: _make_infested(bank, evil)) as made:
        yield made


@pytest.fixture
def infested(_made, db, frozen_clock) -> Payer:
    return _made()


def _addresses(payer: Payer) -> list[str]:
    """Every page that an infested family can open."""
    under_way = payer.household.attempts.get(state="sent")
    receipt = Receipt.objects.get()
    keys = {
        "invoice": payer.household.invoices.last().public_id,
        "statement": payer.regie.public_id,
        "payment": under_way.public_id,
        "payment_status": under_way.return_token,
        "payment_result": receipt.capture.attempt.return_token,
        "verify_code": receipt.code,
    }
    names = {address.name.removeprefix("portal:"): bool(address.parameters) for address in PORTAL}
    known = {name: [keys[name]] if named else [] for name, named in names.items() if not named or name in keys}
    return [reverse(f"portal:{name}", args=arguments) for name, arguments in known.items()]


def test_every_page_shows_names_as_words(infested):
    for path in _addresses(infested):
        for browser in (infested.client, Client()):
            html = browser.get(path).content.decode()
            assert live_parts(html) == [], path
            assert "<svg onload" not in html, path


def test_what_is_typed_comes_back_as_words(infested, evil):
    for path, fields in (
        ("/panier/payer/", ["email", "form_key", "shown_cents", "checkout"]),
        ("/panier/montant/", ["facture", "montant"]),
        ("/connexion/", ["identifier"]),
        ("/identifiants-oublies/", ["email"]),
        ("/premiere-connexion/", ["access_code", "code"]),
        ("/premiere-connexion/dossier/", ["file_number", "file_name", "code"]),
        ("/verifier/", ["code"]),
    ):
        for browser in (infested.client, Client()):
            answer = browser.post(path, dict.fromkeys(fields, evil), follow=True)
            assert live_parts(answer.content.decode()) == [], path


def test_what_is_asked_is_words_for_the_family_and_the_agent(infested, evil):
    line = " ".join(evil.split())
    child = infested.household.children.get()
    activity = make_activity(
        line[:100], regie=infested.regie, site=make_site(line[:100]), required_papers=[line], description=evil
    )
    for path in ("/inscriptions/", f"/inscriptions/demander/{child.public_id}/"):
        assert live_parts(infested.get(f"{path}?activite={activity.public_id}").content.decode()) == []
    asked = {"activite": activity.public_id, "message": evil, "papers": [line]}
    answer = infested.client.post(f"/inscriptions/demander/{child.public_id}/", asked, follow=True)
    assert live_parts(answer.content.decode()) == []
    request_enrolment(
        household=infested.household,
        child_id=child.public_id,
        activity_id=make_activity("Étude", regie=infested.regie).public_id,
        message=evil,
        by=PARENT,
    )
    agent = hire(infested.regie, name="Nadège")
    for enrolment in Enrolment.objects.all():
        page, path = f"/inscriptions/{enrolment.public_id}/", f"/bureau/inscriptions/{enrolment.public_id}/"
        agent.client.post(f"{path}refuser/", {"motive": "no_place", "details": evil})
        for html in (infested.get(page), agent.get(path), agent.get(f"/bureau/familles/?q={line}")):
            assert live_parts(html.content.decode()) == []
    assert live_parts(agent.get(f"/bureau/familles/{infested.household.public_id}/").content.decode()) == []


def test_no_header_enters_a_mail(infested):
    send_due()
    receipts = [mail for mail in sent_mails.outbox if "reçu" in mail.subject]
    assert len(receipts) == 1
    for mail in sent_mails.outbox:
        message = mail.message()
        assert mail.subject.splitlines() == [mail.subject]
        assert mail.recipients() == mail.to
        assert message["Bcc"] is None
        assert live_parts(mail.alternatives[0].content) == []


def test_the_ticket_holds_the_names_as_words(infested):
    answer = infested.get(f"/recus/{Receipt.objects.get().code}/pdf/")
    shown = " ".join(pages_of(answer.content))
    assert "Total payé" in shown
    assert "root:" not in shown
