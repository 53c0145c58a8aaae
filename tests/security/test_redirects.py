"""Nobody is led to another site, by an address or by a mail (W5, W17)."""

import re

import pytest
from django.core import mail as sent_mails
from django.test import Client

from preau.foundation.mail.models import OutgoingMail
from preau.foundation.mail.services import send_due
from tests.security.urlmap import PORTAL, walk
from tests.support.factories import PASSWORD, make_invoice

ELSEWHERE = [
    "//evil.example", "///evil.example", "https://evil.example/", "https:evil.example", "https:/evil.example",
    "http:///evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example",
    "\t//evil.example", " //evil.example", "//evil.example\\@testserver", "https://testserver@evil.example/",
    "javascript:alert(1)", "data:text/html,x", "//testserver.evil.example", "/%5cevil.example", "/..//evil.example",
    "/\r\nSet-Cookie: a=b", "//evil。example", "evil.example", "?next=//evil.example",
]  # fmt: skip


def stays_here(location: str) -> bool:
    """Whether a browser that follows this stays on this site, read the way browsers read addresses."""
    seen = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    if seen.startswith("http://testserver/"):
        return True
    return seen.startswith("/") and not seen.startswith("//") and "\n" not in location and "\r" not in location


@pytest.mark.parametrize("asked", ELSEWHERE)
def test_logging_in_leads_nowhere_else(world, asked):
    payer = world.mine
    given = {"identifier": payer.user.email, "password": PASSWORD}
    way = {"next": asked, "suite": asked}
    for answer in (
        Client().post("/connexion/", {**given, **way}),
        Client().post("/connexion/", given, query_params=way),
        payer.client.get("/connexion/", way),
        payer.client.post("/mon-compte/confirmer/", {"current_password": PASSWORD, **way}),
        payer.client.post("/mon-compte/conditions/", way),
        payer.client.post("/session/prolonger/", way),
        payer.client.post("/deconnexion/", way),
    ):
        assert answer.status_code == 302
        assert stays_here(answer["Location"]), answer["Location"]


@pytest.mark.parametrize("asked", ["//evil.example", "https://evil.example/"])
def test_no_page_leads_elsewhere_whatever_is_asked(world, asked):
    for browser in (world.mine.client, world.agent, Client()):
        for address in PORTAL:
            answer = browser.get(world.path(address), {"next": asked, "suite": asked})
            assert stays_here(answer.get("Location", "/")), address.name
    for address in walk():
        if address.space == "" and not address.parameters:
            assert stays_here(Client().get(f"/{address.name}", {"next": asked}).get("Location", "/"))


def test_the_way_is_kept_to_pages_of_this_site(world):
    answer = Client().post(
        "/connexion/", {"identifier": world.mine.user.email, "password": PASSWORD, "next": "/factures/?depuis=comptes"}
    )
    assert answer["Location"] == "/factures/?depuis=comptes"


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "Referer", "Origin"])
def test_links_of_mails_are_built_from_the_settings_alone(world, header):
    OutgoingMail.objects.all().delete()
    value = "host=evil.example" if header == "Forwarded" else "http://evil.example/"
    Client(headers={header: value}).post("/identifiants-oublies/", {"email": world.mine.user.email})
    send_due()
    (message,) = sent_mails.outbox
    links = re.findall(r"https?://[^\s\"<]+", message.body + message.alternatives[0].content)
    assert links
    assert {link.split("/")[2] for link in links} <= {"testserver", "www.saint-eloi.example"}


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "", "[::1"])
def test_a_request_for_another_host_is_refused(world, host):
    OutgoingMail.objects.all().delete()
    answer = Client(headers={"Host": host}).post("/identifiants-oublies/", {"email": world.mine.user.email})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
    assert OutgoingMail.objects.count() == 0


def test_the_bank_is_given_addresses_of_the_settings_alone(world):
    payer = world.mine
    payer.client.defaults["HTTP_X_FORWARDED_HOST"] = "evil.example"
    attempt = payer.send(make_invoice(payer.household, payer.regie))
    order = payer.bank.operations[attempt.gateway_reference].order
    assert order.notification_url == f"http://testserver/notifications/fake/{attempt.return_token}/"
    assert order.return_url == f"http://testserver/paiement/retour/{attempt.return_token}/"
