"""Nothing is done for another site, and nothing is done by being looked at (W8)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services.inbox import process_due
from tests.security.urlmap import PORTAL, walk
from tests.support.factories import login_family

#: What a browser or a bank sends without a page of ours before it; nothing in it is believed.
EXEMPT = {"webhooks:notification", "webhooks:back_office", "portal:payment_return"}
GUARDED = [address for address in PORTAL if address.name not in EXEMPT]
#: What a visit may write about itself: the session's last sign of life.
_VISIT = {"django_session", "accounts_usersession"}
_WRITE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


@contextmanager
def tables_written() -> Iterator[set[str]]:
    """The tables that requests inside the block write to, their own session apart."""
    written: set[str] = set()

    def note(execute, sql, params, many, context):
        if (found := _WRITE.match(sql)) and found[1] not in _VISIT:
            written.add(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written


def test_only_the_banks_addresses_take_a_form_from_elsewhere():
    assert {address.name for address in walk() if getattr(address.view, "csrf_exempt", False)} == EXEMPT


@pytest.mark.parametrize("who", ["family", "nobody"])
def test_a_form_from_elsewhere_is_refused(world, who):
    browser = Client(enforce_csrf_checks=True)
    if who == "family":
        login_family(browser, world.mine.household)
    given = {"facture": world.ids["portal:invoice"], "email": "a@example.org"}
    with tables_written() as written:
        answered = {address.name: browser.post(world.path(address), given).status_code for address in GUARDED}
    assert {name: status for name, status in answered.items() if status != 403} == {}
    assert written == set()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_a_form_with_a_token_but_from_another_origin_is_refused(world, origin):
    browser = Client(enforce_csrf_checks=True)
    login_family(browser, world.mine.household)
    browser.get("/panier/")
    token = browser.cookies["preau_csrf"].value
    path = world.path(next(a for a in PORTAL if a.name == "portal:basket_remove"))
    answer = browser.post(path, {"csrfmiddlewaretoken": token}, headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("who", ["family", "agent", "nobody"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(world, who, method):
    """Links of mails included: mail programs open them."""
    browser = {"family": world.mine.client, "agent": world.agent, "nobody": Client()}[who]
    for address in GUARDED:
        with tables_written() as written:
            getattr(browser, method)(world.path(address))
        assert written == set(), address.name


def test_what_is_written_is_seen(world):
    """Without this, the tests above would pass whatever is written."""
    with tables_written() as written:
        world.mine.client.post("/panier/retirer/", {"facture": world.ids["portal:invoice"]})
    assert written == {"payments_basketline"}


def test_coming_back_keeps_the_message_and_nothing_else(world):
    path = world.path(next(a for a in PORTAL if a.name == "portal:payment_return"))
    before = list(PaymentAttempt.objects.values())
    with tables_written() as written:
        world.mine.get(path)
        process_due()
    assert written == {"payments_gatewaymessage", "payments_paymentattempt"}
    assert list(PaymentAttempt.objects.values()) == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_other_method_does_anything(world, method):
    for address in PORTAL:
        with tables_written() as written:
            answer = getattr(world.mine.client, method)(world.path(address))
        assert answer.status_code in {200, 302, 403, 404, 405, 410}, address.name
        assert written == set(), address.name
