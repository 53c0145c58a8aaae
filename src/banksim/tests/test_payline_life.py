"""A web payment from its order to the statement: session, notifications until heard, return, refunds."""

import itertools
import threading

import pytest
import requests

from banksim.tests.conftest import PAYLINE_ACCOUNT, PAYLINE_NEIGHBOUR
from banksim.tests.payline_wire import basic

pytestmark = pytest.mark.process

#: Waits of a millisecond, so that a test does not.
SOON = 0.001


def _opened(answer_or_sim, token):
    return requests.get(f"{answer_or_sim.base_url}/webpayment/", params={"token": token}, timeout=10)


def test_a_session_lives_fifteen_minutes_whether_its_page_was_opened_or_not(sim, payline, payline_service):
    opened, forgotten = payline_service.open(), payline_service.open()
    assert _opened(sim, opened).status_code == 200
    sim.shift_clock(14 * 60)
    assert [payline_service.details(token).code for token in (opened, forgotten)] == ["02306", "02306"]
    assert _opened(sim, opened).status_code == 200
    sim.shift_clock(2 * 60)
    assert [payline_service.details(token).code for token in (opened, forgotten)] == ["02324", "02534"]
    late = _opened(sim, opened)
    assert (late.status_code, 'data-code="session"' in late.text) == (400, True)
    assert [payment["state"] for payment in payline.payments()] == ["en erreur", "en erreur"]


def test_a_token_that_was_never_given_has_no_page(sim):
    unknown = _opened(sim, "0" * 33)
    assert (unknown.status_code, 'data-code="token"' in unknown.text) == (400, True)


def test_a_payment_on_hold_ends_later(payline, payline_service, merchant):
    token = payline_service.open()
    payline.decide(token, "02000")
    assert payline_service.details(token).result == ("02000", "ONHOLD_PARTNER")
    payline.decide(token, "00000")
    assert payline_service.details(token).result == ("00000", "ACCEPTED")
    assert [heard.fields["token"] for heard in merchant.heard] == [token, token]


@pytest.mark.parametrize("first", ["02319", "01100"])
def test_a_payment_may_be_paid_after_it_was_cancelled_or_refused(payline, payline_service, first):
    token = payline_service.open()
    payline.decide(token, first, notify="never")
    payline.decide(token, "00000", notify="never")
    assert payline_service.details(token).code == "00000"


def test_paid_twice_is_two_transactions_of_the_statement(payline, payline_service):
    token = payline_service.open()
    transactions = {payline.decide(token, "00000", notify="never")["given"]["transaction"] for _ in range(2)}
    lines = payline.statement("1234567").splitlines()[1:]
    assert {line.split(";")[3] for line in lines} == transactions
    assert len(transactions) == 2


def test_a_notification_is_a_get_that_carries_a_type_and_a_token(payline, payline_service, merchant):
    token = payline_service.open(notificationURL=merchant.address("/notif?contrat=7"))
    decided = payline.decide(token, "00000")
    assert [delivery["status"] for delivery in decided["deliveries"]] == [200]
    assert [(heard.method, heard.path, heard.fields) for heard in merchant.heard] == [
        ("GET", "/notif", {"contrat": "7", "notificationType": "WEBTRS", "token": token})
    ]


@pytest.mark.parametrize(
    ("notify", "heard_times"),
    [("never", 0), ("twice", 2), ("five_parallel", 5), ({"delay_seconds": 0.05}, 1), ("post", 1)],
)
def test_a_notification_comes_as_many_times_as_asked(payline, payline_service, merchant, notify, heard_times):
    token = payline_service.open()
    payline.decide(token, "01100", notify=notify)
    assert [heard.fields["token"] for heard in merchant.heard] == [token] * heard_times
    assert {heard.method for heard in merchant.heard} <= {"POST" if notify == "post" else "GET"}


def test_nothing_is_notified_without_an_address_or_a_result(payline, payline_service, merchant):
    payline.decide(payline_service.open(), "none")
    payline.decide(payline_service.open(notificationURL=None), "00000")
    assert merchant.heard == []


def test_a_notification_may_be_forged_or_name_a_token_of_nobody(payline, payline_service, merchant):
    token = payline_service.open()
    payline.notify(token, "forged")
    payline.notify(token, {"identifier": "unknown"})
    forged, unknown = (heard.fields for heard in merchant.heard)
    assert forged == {
        "notificationType": "WEBTRS",
        "token": token,
        "code": "00000",
        "shortMessage": "ACCEPTED",
        "amount": "100",
    }
    assert payline_service.details(token).code == "02306"
    assert unknown["token"] != token
    assert payline_service.details(unknown["token"]).code == "02304"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("TRS", {"transactionId"}),
        ("TRSWALLET", {"transactionId", "walletId"}),
        ("WALLET", {"walletId", "contractNumber"}),
        ("WEBWALLET", {"token"}),
        ("BILL", {"paymentRecordId", "walletId", "transactionId", "orderRef"}),
        ("ALERT", {"alertId", "transactionId", "ruleName"}),
    ],
)
def test_the_other_notifications_may_be_sent(payline, payline_service, merchant, kind, names):
    token = payline_service.open()
    payline.notify(token, {"extra": {"notificationType": kind}})
    (heard,) = merchant.heard
    assert heard.fields.pop("notificationType") == kind
    assert set(heard.fields) == names
    assert token not in heard.fields.values()


def test_a_lie_without_meaning_here_is_refused(payline, payline_service):
    with pytest.raises(RuntimeError, match="400 notification sans objet"):
        payline.notify(payline_service.open(), "unsigned")


def test_a_notification_after_31_minutes_moves_the_clock(sim, payline, payline_service, merchant):
    token = payline_service.open()
    sim.set_clock("2026-03-02T10:00:00+01:00")
    payline.decide(token, "00000", notify="after_31_minutes")
    assert len(merchant.heard) == 1
    assert payline_service.details(token).text("transaction/date") == "02/03/2026 10:00:00"
    assert sim.journal()[0]["at"].startswith("2026-03-02T09:31")


def _wait_until(happened):
    """Ask again until it has: each question takes a few milliseconds of the simulator's."""
    assert any(happened() for _ in itertools.repeat(None, 2000))


def test_a_notification_is_repeated_until_it_is_answered_200(sim, payline, payline_service, merchant):
    payline.declare(**PAYLINE_ACCOUNT, repeat_seconds=SOON)
    merchant.status = 503
    token = payline_service.open()
    payline.decide(token, "00000")
    _wait_until(lambda: sim.journal(token) and len(merchant.heard) > 3)
    merchant.status = 200
    _wait_until(lambda: sim.journal(token)[0]["status"] == 200)
    heard = len(merchant.heard)
    assert {call.fields["token"] for call in merchant.heard} == {token}
    assert all(sim.journal(token)[0]["status"] == 200 for _ in range(20))
    assert len(merchant.heard) == heard


def test_a_notification_is_repeated_until_the_details_are_read(sim, payline, payline_service, merchant):
    payline.declare(**PAYLINE_ACCOUNT, repeat_seconds=SOON)
    merchant.status = 503
    token = payline_service.open()
    payline_service.details(token)
    payline.decide(token, "00000")
    _wait_until(lambda: sim.journal(token) and len(merchant.heard) > 3)
    assert payline_service.details(token).code == "00000"
    told = "plus envoyée : getWebPaymentDetails a été appelé"
    _wait_until(lambda: told in {entry["verdict"] for entry in sim.journal(token)})


def test_reading_the_details_does_not_undo_a_later_result(payline, payline_service):
    for _ in range(5):
        token = payline_service.open()
        payline.decide(token, "02000", notify="never")
        readers = [threading.Thread(target=payline_service.details, args=(token,)) for _ in range(6)]
        for reader in readers:
            reader.start()
        given = payline.decide(token, "00000", notify="never")["given"]
        for reader in readers:
            reader.join()
        assert payline_service.details(token).text("authorization/number") == given["authorization"]


def test_a_notification_is_not_repeated_once_another_result_was_told(payline, payline_service, merchant):
    payline.declare(**PAYLINE_ACCOUNT, repeat_seconds=0.1)
    token, later = payline_service.open(), payline_service.open()
    merchant.status = 503
    payline.decide(token, "02000")
    merchant.status = 200
    payline.decide(token, "00000")
    told = sum(heard.fields["token"] == token for heard in merchant.heard)
    merchant.status = 503
    payline.decide(later, "00000")
    _wait_until(lambda: payline.payments() and sum(heard.fields["token"] == later for heard in merchant.heard) > 1)
    assert sum(heard.fields["token"] == token for heard in merchant.heard) == told


def test_a_notification_is_not_repeated_once_everything_is_forgotten(sim, payline, payline_service, merchant):
    payline.declare(**PAYLINE_ACCOUNT, repeat_seconds=SOON)
    merchant.status = 503
    payline.decide(payline_service.open(), "00000")
    sim.reset()
    sim.wait_notifications()
    heard = len(merchant.heard)
    assert all(sim.payments() == [] for _ in range(20))
    assert len(merchant.heard) <= heard + 1


def test_a_false_notification_is_not_repeated(sim, payline, payline_service, merchant):
    payline.declare(**PAYLINE_ACCOUNT, repeat_seconds=0)
    merchant.status = 503
    token = payline_service.open()
    payline.decide(token, "00000", notify="forged")
    assert all(len(sim.journal(token)) == 3 for _ in range(20))
    assert len(merchant.heard) == 1


@pytest.mark.parametrize(
    ("outcome", "mode", "path"),
    [
        ("00000", "normal", "/retour"),
        ("01100", "normal", "/retour"),
        ("03022", "normal", "/retour"),
        ("02319", "normal", "/annulation"),
        ("02319", "post", "/annulation"),
    ],
)
def test_the_browser_comes_back_where_it_left_with_the_token(payline, payline_service, merchant, outcome, mode, path):
    token = payline_service.open()
    payline.decide(token, outcome, notify="never", **{"return": mode})
    assert [(heard.method, heard.path, heard.fields) for heard in merchant.heard] == [
        ("POST" if mode == "post" else "GET", path, {"token": token})
    ]


def test_some_accounts_name_the_token_otherwise(payline, payline_service, merchant):
    payline.declare(**PAYLINE_ACCOUNT, token_name="paylinetoken")
    token = payline_service.open()
    payline.decide(token, "00000", notify="never", **{"return": "normal"})
    assert merchant.heard[0].fields == {"paylinetoken": token}


def test_a_return_may_be_altered_or_doubled(payline, payline_service, merchant):
    token = payline_service.open()
    payline.decide(token, "01100", notify="never", **{"return": "duplicated"})
    payline.decide(token, "01100", notify="never", **{"return": "altered"})
    assert [heard.fields["token"] == token for heard in merchant.heard] == [True, True, False]
    assert merchant.heard[-1].fields["code"] == "00000"


@pytest.mark.parametrize("notify", ["before_return", {"when": "after_return"}])
def test_the_order_of_notification_and_return_is_chosen(payline, payline_service, merchant, notify):
    token = payline_service.open()
    payline.decide(token, "00000", notify=notify, **{"return": "normal"})
    expected = ["/notif", "/retour"] if notify == "before_return" else ["/retour", "/notif"]
    assert [heard.path for heard in merchant.heard] == expected


HEADER = "date;contrat;reference;transaction;montant;devise;operation;code"


def _paid(payline, payline_service, **changed):
    token = payline_service.open(**changed)
    return token, payline.decide(token, "00000", notify="never")["given"]["transaction"]


def test_a_statement_lists_what_was_paid_by_day_and_contract(sim, payline, payline_service):
    sim.set_clock("2026-11-20T10:30:00+01:00")
    _, first = _paid(payline, payline_service)
    payline.decide(payline_service.open(), "01100", notify="never")
    payline_service.open()
    sim.set_clock("2026-11-20T23:30:00+01:00")
    cents = {"payment__amount": "112870", "order__amount": "112870"}
    _, second = _paid(payline, payline_service, order__ref="F2", **cents)
    sim.set_clock("2026-11-21T00:30:00+01:00")
    _paid(payline, payline_service)
    lines = [
        HEADER,
        f"20/11/2026 10:30:00;1234567;F2025000123A1;{first};42,50;EUR;101;00000",
        f"20/11/2026 23:30:00;1234567;F2;{second};1128,70;EUR;101;00000",
    ]
    for merchant in ("1234567", "12345678901234", "12345678901234-1234567"):
        assert payline.statement(merchant, "2026-11-20", "2026-11-20").splitlines() == lines
    assert payline.statement(PAYLINE_NEIGHBOUR["merchant_id"]).splitlines() == [HEADER]
    assert len(payline.statement("1234567").splitlines()) == 4


def test_a_payment_is_cancelled_before_its_remittance(payline, payline_service):
    _, transaction = _paid(payline, payline_service)
    assert payline_service.refund(transaction).code == "02302"
    assert payline_service.reset(transaction, 250).result == ("00000", "ACCEPTED")
    (line,) = payline.statement("1234567").splitlines()[1:]
    assert line.split(";")[4:7] == ["40,00", "EUR", "101"]
    assert payline_service.reset(transaction, 4001).code == "02110"
    rest = payline_service.reset(transaction)
    assert (rest.code, rest.text("transaction/id") == transaction) == ("00000", False)
    assert payline.statement("1234567").splitlines() == [HEADER]


def test_a_payment_is_refunded_after_its_remittance(sim, payline, payline_service):
    sim.set_clock("2026-11-20T10:30:00+01:00")
    token, transaction = _paid(payline, payline_service)
    sim.set_clock("2026-11-21T09:00:00+01:00")
    assert payline_service.reset(transaction).code == "02302"
    first = payline_service.refund(transaction, 1250)
    assert first.text("transaction/date") == "21/11/2026 09:00:00"
    assert payline_service.refund(transaction, 3001).code == "02110"
    assert payline_service.refund(transaction, 3000).code == "00000"
    assert payline_service.refund(transaction, 1).code == "02110"
    assert [line.split(";")[4:7] for line in payline.statement("1234567").splitlines()[1:]] == [
        ["42,50", "EUR", "101"],
        ["12,50", "EUR", "421"],
        ["30,00", "EUR", "421"],
    ]
    assert payline_service.details(token).code == "00000"


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"action": "101"}, "02305"), ({"currency": "840"}, "02305"), ({"contractNumber": "7654321"}, "02303")],
)
def test_a_refund_out_of_its_rules_is_refused(sim, payline, payline_service, changed, code):
    _, transaction = _paid(payline, payline_service)
    sim.shift_clock(86_400)
    assert payline_service.refund(transaction, **changed).code == code
    assert payline_service.refund("14000000000000").code == "02301"


def test_nobody_refunds_anothers_payment(sim, payline, payline_service):
    _, transaction = _paid(payline, payline_service)
    sim.shift_clock(86_400)
    payline_service.authorization = basic(PAYLINE_NEIGHBOUR["merchant_id"], PAYLINE_NEIGHBOUR["access_key"])
    assert payline_service.refund(transaction, contractNumber="7654321").code == "02301"


def test_an_agent_of_the_bank_may_refund_without_the_merchant(payline, payline_service, merchant):
    token, _ = _paid(payline, payline_service)
    payline.decide(token, "CREDIT")
    assert [line.split(";")[4:7] for line in payline.statement("1234567").splitlines()[1:]] == [
        ["42,50", "EUR", "101"],
        ["42,50", "EUR", "421"],
    ]
    assert (merchant.heard, payline_service.details(token).code) == ([], "00000")
    with pytest.raises(RuntimeError, match="400 rien à rembourser"):
        payline.decide(payline_service.open(), "CREDIT")
