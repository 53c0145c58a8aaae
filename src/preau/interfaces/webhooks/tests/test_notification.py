"""Where gateways notify us: anything may come, nothing is believed, everything is kept (N2, N7, N10, N12, N13)."""

import io
import logging
import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from preau.domain.payments.models import Capture, Evidence, GatewayMessage, Receipt
from preau.domain.payments.services.inbox import MAX_BODY, process_due
from preau.domain.payments.states import AttemptState, MessageVerdict, Origin
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import make_invoice, make_town
from tests.support.payer import another_payer

FORM = "application/x-www-form-urlencoded"


def address_of(attempt) -> str:
    return reverse("webhooks:notification", args=["fake", attempt.return_token])


@pytest.fixture
def bank_client() -> Client:
    """The gateway's program: no cookie, no token, checks on."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def attempt(payer):
    """The payer is on the bank's pages."""
    return payer.send(make_invoice(payer.household, payer.regie, cents=2400))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_notice_is_stored_before_it_is_understood(payer, attempt, bank_client, method):
    payer.bank.pay(attempt.gateway_reference)
    named = f"op={attempt.gateway_reference}"
    if method == "get":
        answer = bank_client.get(f"{address_of(attempt)}?{named}")
    else:
        answer = bank_client.post(f"{address_of(attempt)}?{named}", "étrange=1".encode("latin-1"), content_type=FORM)
    assert (answer.status_code, answer.content) == (200, b"")
    kept = GatewayMessage.objects.get()
    assert (kept.origin, kept.method, kept.verdict) == (Origin.NOTIFICATION, method.upper(), MessageVerdict.WAITING)
    assert (kept.query, bytes(kept.body)) == (named, b"" if method == "get" else b"\xe9trange=1")
    assert kept.attempt_id == attempt.pk
    assert (payer.bank.asked, Capture.objects.count()) == (0, 0)
    process_due()
    assert Capture.objects.count() == 1


@pytest.mark.row("P02", "L34", "V26")
def test_a_verified_notice_pays_and_queues_the_receipt(payer, attempt):
    payer.bank.pay(attempt.gateway_reference)
    payer.notify(attempt)
    assert attempt.state == AttemptState.CAPTURED
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.recipient, mail.attachment_builder) == ("receipt", payer.user.email, "receipt")
    assert Receipt.objects.count() == 1


@pytest.mark.row("P02")
@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, MessageVerdict.UNREADABLE),
        ({"resultrans": "P", "montant": "2400", "signature": "0" * 64}, MessageVerdict.UNREADABLE),
        ({"OP": "x"}, MessageVerdict.UNREADABLE),
        ({"op": ""}, MessageVerdict.NOT_AUTHENTIC),
        ({"op": "op-1-AUTRE", "resultrans": "P"}, MessageVerdict.NOT_AUTHENTIC),
        ({"op": "' OR 1=1 --"}, MessageVerdict.NOT_AUTHENTIC),
    ],
)
def test_a_forged_notice_changes_nothing_and_is_logged(payer, attempt, caplog, fields, verdict):
    payer.bank.pay(attempt.gateway_reference)
    payer.post_notice(attempt.return_token, **fields)
    with caplog.at_level(logging.WARNING):
        process_due()
    attempt.refresh_from_db()
    assert (attempt.state, Capture.objects.count(), Evidence.objects.count()) == (AttemptState.SENT, 0, 0)
    assert payer.bank.asked == 0
    assert GatewayMessage.objects.get().verdict == verdict
    assert f"from 127.0.0.1: {verdict.label}" in caplog.text


@pytest.mark.row("P02")
def test_a_notice_that_lies_about_the_result_is_checked_with_the_bank(payer, attempt):
    payer.notify(attempt, resultrans="P", montant="2400")
    assert (attempt.state, payer.bank.asked, Capture.objects.count()) == (AttemptState.SENT, 1, 0)


@pytest.mark.row("P02")
def test_another_familys_operation_named_on_our_address_does_nothing(payer, attempt):
    stranger = another_payer(payer.bank)
    theirs = stranger.send(make_invoice(stranger.household, payer.regie))
    payer.bank.pay(theirs.gateway_reference)
    payer.notify(attempt, op=theirs.gateway_reference)
    theirs.refresh_from_db()
    assert (attempt.state, theirs.state) == (AttemptState.SENT, AttemptState.SENT)


@pytest.mark.row("P02")
def test_a_notice_played_again_is_recognised_even_a_year_later(payer, attempt, frozen_clock):
    payer.bank.pay(attempt.gateway_reference)
    for _ in range(30):
        assert payer.post_notice(attempt.return_token, op=attempt.gateway_reference).status_code == 200
    process_due()
    frozen_clock.advance(days=365)
    payer.notify(attempt)
    assert (attempt.state, Capture.objects.count(), Receipt.objects.count()) == (AttemptState.CAPTURED, 1, 1)
    assert OutgoingMail.objects.filter(kind="receipt").count() == 1


@pytest.mark.parametrize("query", ["op=x", "", "idop=1&idop=2"])
def test_nothing_tells_a_known_operation_from_an_unknown_one(payer, attempt, query):
    answers = []
    for token in (attempt.return_token, "A" * 22, "x", "a" * 3000, "%00", "%E9"):
        answer = Client().get(f"/notifications/fake/{token}/?{query}")
        headers = {name: value for name, value in answer.items() if name != "Content-Security-Policy"}
        answers.append((answer.status_code, answer.content, headers))
    assert answers == [answers[0]] * len(answers)
    assert answers[0][0] == 200
    process_due()
    assert {kept.verdict for kept in GatewayMessage.objects.filter(attempt=None)} == {MessageVerdict.UNKNOWN}


def test_no_session_and_no_cookie(payer, attempt, bank_client):
    before = Session.objects.count()
    answer = bank_client.post(address_of(attempt), b"op=1", content_type=FORM)
    assert (answer.cookies, Session.objects.count()) == ({}, before)
    assert not answer.has_header("Set-Cookie")


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413), (5_000_000, 413)])
@pytest.mark.parametrize("announced", [True, False])
def test_a_message_too_large_is_refused_whether_it_says_its_size_or_not(attempt, bank_client, size, status, announced):
    body = b"a" * size
    in_pieces = (
        {} if announced else {"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "wsgi.input": io.BytesIO(body)}
    )
    answer = bank_client.generic("POST", address_of(attempt), body, content_type=FORM, **in_pieces)
    assert answer.status_code == status
    assert [kept.body_size for kept in GatewayMessage.objects.all()] == ([size] if status == 200 else [])


def test_a_body_that_no_server_ends_is_not_waited_for(attempt, bank_client):
    answer = bank_client.generic("POST", address_of(attempt), b"op=1", content_type=FORM, CONTENT_LENGTH="")
    assert (answer.status_code, GatewayMessage.objects.get().body_size) == (200, 0)


ODD = [
    b"\x00" * 500,
    b"op=\x00&\xff\xfe=\x80",
    "op=é€".encode("utf-16"),
    b"&".join(b"a=1" for _ in range(16_000)),
    b"[" * 60_000,
    b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    b"op=%00%ff%zz&%",
    b'--x\r\nContent-Disposition: form-data; name="op"\r\n\r\n1\r\n--x--',
]


@pytest.mark.parametrize("body", ODD, ids=["nul", "bytes", "utf16", "parameters", "brackets", "xml", "percent", "mime"])
@pytest.mark.parametrize(
    "content_type", [FORM, "multipart/form-data; boundary=x", "application/json", "\x00", "a" * 500]
)
def test_odd_bodies_are_kept_as_they_came_and_understood_at_once(attempt, bank_client, body, content_type):
    answer = bank_client.generic("POST", address_of(attempt), body, content_type=content_type)
    assert answer.status_code == 200
    assert bytes(GatewayMessage.objects.get().body) == body
    started = time.process_time()
    assert process_due() == 1
    assert time.process_time() - started < 1
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SENT


def test_a_hundred_thousand_parameters_are_refused_before_they_are_read(attempt, bank_client):
    body = b"&".join(b"a=1" for _ in range(100_000))
    assert bank_client.generic("POST", address_of(attempt), body, content_type=FORM).status_code == 413


def test_a_hundred_thousand_parameters_in_the_address_are_cut(attempt, bank_client):
    answer = bank_client.get(address_of(attempt), QUERY_STRING="a=1&" * 100_000)
    assert (answer.status_code, len(GatewayMessage.objects.get().query)) == (200, 8192)
    assert process_due() == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused(attempt, bank_client, method):
    answer = bank_client.generic(method, address_of(attempt), HTTP_X_HTTP_METHOD_OVERRIDE="POST")
    assert answer.status_code == 405
    assert GatewayMessage.objects.count() == 0


def test_a_stranger_to_all_gateways_is_kept_too(db):
    make_town()
    answer = Client().post("/notifications/inconnue/abc/", b"x=1", content_type=FORM)
    assert answer.status_code == 200
    kept = GatewayMessage.objects.get()
    assert (kept.gateway, kept.return_token, kept.attempt) == ("inconnue", "abc", None)
