"""Systempay: the rules of the form, its number of the day, what is told with which status, the statement."""

import re

import pytest

from banksim.tests.systempay_wire import KEY, PRODUCTION_KEY, REFERENCE, SHOP, Shop, is_genuine

pytestmark = pytest.mark.process


@pytest.fixture
def bank(sim):
    systempay = sim.bank("systempay")
    systempay.forget_accounts()
    systempay.declare(**SHOP)
    return systempay


@pytest.fixture
def shop(merchant):
    return Shop(merchant)


@pytest.fixture
def opened(bank, shop):
    """Opens a page for the usual order, some fields changed."""
    return lambda **changed: bank.submit("/vads-payment/", shop.form(**changed))


LONG = "http://127.0.0.1/" + "a" * 1008  # 1025 characters


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"vads_site_id": None}, "02"),
        ({"vads_site_id": "87654321"}, "02"),
        ({"vads_ctx_mode": None}, "11"),
        ({"vads_ctx_mode": "ESSAI"}, "11"),
        ({"vads_version": "V1"}, "01"),
        ({"vads_trans_id": None}, "03"),
        ({"vads_trans_id": "12345"}, "03"),
        ({"vads_trans_id": "12-456"}, "03"),
        ({"vads_trans_id": "900000"}, "03"),
        ({"vads_trans_date": None}, "04"),
        ({"vads_trans_date": "2025-09-01 08:30"}, "04"),
        ({"vads_trans_date": "20250932083000"}, "04"),
        ({"vads_validation_mode": "2"}, "05"),
        ({"vads_capture_delay": "1234"}, "06"),
        ({"vads_payment_config": None}, "07"),
        ({"vads_payment_config": "MULTI:first=1"}, "07"),
        ({"vads_payment_cards": "carte bleue"}, "08"),
        ({"vads_amount": None}, "09"),
        ({"vads_amount": "0"}, "09"),
        ({"vads_amount": "42.50"}, "09"),
        ({"vads_amount": "-4250"}, "09"),
        ({"vads_amount": "1" * 13}, "09"),
        ({"vads_currency": None}, "10"),
        ({"vads_currency": "840"}, "10"),
        ({"vads_language": "français"}, "12"),
        ({"vads_order_id": "F2025/12"}, "13"),
        ({"vads_order_id": "F" * 65}, "13"),
        ({"vads_order_info": "i" * 256}, "14"),
        ({"vads_cust_email": "parent"}, "15"),
        ({"vads_cust_email": "p@" + "e" * 126}, "15"),
        ({"vads_cust_name": "n" * 128}, "18"),
        ({"vads_cust_country": "France"}, "22"),
        ({"vads_cust_first_name": "n" * 64}, "104"),
        ({"vads_cust_last_name": "n" * 64}, "104"),
        ({"vads_url_return": "/retour"}, "28"),
        ({"vads_url_success": LONG}, "24"),
        ({"vads_url_check": "127.0.0.1/ipn"}, "33"),
        ({"vads_page_action": None}, "46"),
        ({"vads_page_action": "REGISTER"}, "46"),
        ({"vads_action_mode": "SILENT"}, "47"),
        ({"vads_return_mode": "PUT"}, "48"),
        ({"vads_redirect_success_timeout": "301"}, "34"),
        ({"vads_redirect_error_timeout": "x"}, "36"),
    ],
)
def test_a_field_out_of_its_rule_is_refused_by_its_number(sim, bank, opened, changed, number):
    with pytest.raises(RuntimeError, match=f"400 {number} "):
        opened(**changed)
    assert bank.payments() == []
    assert sim.journal()[0]["verdict"].startswith(f"{number} : ")


@pytest.mark.parametrize(
    "changed",
    [
        {"vads_amount": "1"},
        {"vads_amount": "9" * 12},
        {"vads_trans_id": "899999"},
        {"vads_trans_id": "9aaaaa"},
        {"vads_order_id": "F" * 64},
        {"vads_url_return": LONG[:-1]},
        {"vads_redirect_success_timeout": "300"},
        {"vads_payment_cards": "", "vads_capture_delay": "", "vads_validation_mode": ""},
        {"vads_ext_info_eopayment_trans_id": "x", "vads_inconnu": "é+&="},
        {"vads_ctx_mode": "PRODUCTION", "key": PRODUCTION_KEY},
    ],
)
def test_the_edge_of_each_rule_is_accepted(opened, changed):
    assert opened(**changed)["state"] == "page ouverte"


@pytest.mark.parametrize(
    "broken",
    [
        lambda form: {**form, "vads_amount": "1"},
        lambda form: {**form, "vads_ajout": ""},
        lambda form: {name: value for name, value in form.items() if name != "vads_cust_email"},
        lambda form: {**form, "signature": ""},
        lambda form: [*form.items(), ("vads_amount", "4250")],
    ],
    ids=["altered", "added", "removed", "unsigned", "twice"],
)
def test_a_form_that_is_not_the_one_signed_is_refused(bank, shop, broken):
    with pytest.raises(RuntimeError, match="400 00 "):
        bank.submit("/vads-payment/", broken(shop.form()))
    assert bank.payments() == []


@pytest.mark.parametrize("key", [PRODUCTION_KEY, "x"])
def test_a_form_signed_with_another_key_is_refused_and_the_journal_says_why(sim, opened, key):
    with pytest.raises(RuntimeError, match="400 00 signature fausse, attendu "):
        opened(key=key)
    (entry,) = sim.journal(REFERENCE)
    assert entry["signed"].startswith("INTERACTIVE+4250+TEST+978+parent@example.org+Zoé+F2025000123-A1+PAYMENT+")
    assert entry["signed"].endswith("+V2+(clé TEST)")
    assert KEY not in entry["signed"]


def test_sha_1_is_for_shops_that_still_have_it(bank, merchant, opened):
    with pytest.raises(RuntimeError, match="400 00 "):
        opened(sha1=True)
    bank.declare(**{**SHOP, "sha1": True})
    with pytest.raises(RuntimeError, match="400 00 "):
        opened()
    opened(sha1=True)
    bank.decide(REFERENCE, "AUTHORISED")
    assert is_genuine(merchant.heard[0].fields, sha1=True)


def test_a_number_serves_once_a_day_utc_in_each_shop(bank, opened):
    bank.declare(**{**SHOP, "site_id": "87654321"})
    opened()
    with pytest.raises(RuntimeError, match="400 03 vads_trans_id aB3x9Z a déjà servi le 20250901"):
        opened(vads_order_id="AUTRE", vads_trans_date="20250901235959")
    opened(vads_trans_date="20250902000000")
    opened(vads_site_id="87654321")
    opened(vads_trans_id="aB3x9z")


def test_a_session_lasts_ten_minutes(sim, opened):
    page = opened()["page"]
    sim.shift_clock(9 * 60)
    before = sim.request("GET", page).status_code
    sim.shift_clock(2 * 60)
    assert (before, sim.request("GET", page).status_code) == (200, 400)


@pytest.mark.parametrize("wrong", [{"site_id": "1"}, {"key_test": ""}, {"couleur": "bleu"}, {"site_id": "1234567a"}])
def test_a_shop_badly_described_is_refused(bank, wrong):
    with pytest.raises(RuntimeError, match="400 compte mal décrit"):
        bank.declare(**{**SHOP, **wrong})


def test_an_accepted_payment_is_told_with_every_field_of_the_guide(sim, bank, merchant, opened):
    opened(vads_ext_info_eopayment_trans_id="pay-0001")
    sim.set_clock("2025-09-01T08:31:00Z")
    given = bank.decide(REFERENCE, "AUTHORISED")["given"]
    (heard,) = merchant.heard
    fields = dict(heard.fields)
    assert (heard.method, heard.path) == ("POST", "/ipn")
    assert is_genuine(fields)
    assert re.fullmatch("202509010831[0-9]{2}", fields.pop("vads_effective_creation_date"))
    assert re.fullmatch("[0-9a-f]{32}", given["trans_uuid"])
    del fields["signature"]
    assert fields == {
        "vads_amount": "4250",
        "vads_auth_mode": "FULL",
        "vads_auth_number": given["auth_number"],
        "vads_auth_result": "00",
        "vads_capture_delay": "0",
        "vads_card_brand": "CB",
        "vads_card_number": "497010XXXXXX0000",
        "vads_ctx_mode": "TEST",
        "vads_currency": "978",
        "vads_cust_email": "parent@example.org",
        "vads_cust_first_name": "Zoé",
        "vads_effective_amount": "4250",
        "vads_effective_currency": "978",
        "vads_ext_info_eopayment_trans_id": "pay-0001",
        "vads_extra_result": "",
        "vads_operation_type": "DEBIT",
        "vads_order_id": REFERENCE,
        "vads_page_action": "PAYMENT",
        "vads_payment_config": "SINGLE",
        "vads_result": "00",
        "vads_sequence_number": "1",
        "vads_site_id": "12345678",
        "vads_threeds_status": "Y",
        "vads_trans_date": "20250901083000",
        "vads_trans_id": "aB3x9Z",
        "vads_trans_status": "AUTHORISED",
        "vads_trans_uuid": given["trans_uuid"],
        "vads_url_check_src": "PAY",
        "vads_validation_mode": "0",
        "vads_version": "V2",
        "vads_warranty_result": "YES",
    }
    assert sim.journal(REFERENCE)[0]["signed"].endswith("+PAY+0+V2+YES+(clé TEST)")


@pytest.mark.parametrize(
    ("outcome", "code", "result", "auth"),
    [
        ("REFUSED", "51", "05", "51"),
        ("REFUSED", "", "05", "05"),
        ("NOT_CREATED", "", "05", "05"),
        ("WAITING_AUTHORISATION", "", "00", "00"),
        ("AUTHORISED_TO_VALIDATE", "", "00", "00"),
        ("UNDER_VERIFICATION", "", "00", "00"),
        ("ACCEPTED", "", "00", "00"),
        ("INITIAL", "", "00", "00"),
        ("SUSPENDED", "", "00", "00"),
        ("WAITING_FOR_PAYMENT", "", "00", "00"),
        ("WAITING_AUTHORISATION_TO_VALIDATE", "", "00", "00"),
    ],
)
def test_each_status_comes_with_its_result(bank, merchant, opened, outcome, code, result, auth):
    opened()
    bank.decide(REFERENCE, outcome, code=code)
    (heard,) = merchant.heard
    names = ("vads_trans_status", "vads_result", "vads_auth_result", "vads_operation_type")
    assert [heard.fields[name] for name in names] == [outcome, result, auth, "DEBIT"]
    assert is_genuine(heard.fields)


def test_an_abandonment_is_told_only_where_the_rule_is_active(bank, merchant, opened):
    opened()
    assert bank.decide(REFERENCE, "ABANDONED")["deliveries"] == []
    bank.declare(**{**SHOP, "notify_abandoned": True})
    bank.decide(REFERENCE, "ABANDONED")
    (heard,) = merchant.heard
    assert (heard.fields["vads_trans_status"], heard.fields["vads_result"]) == ("ABANDONED", "17")
    assert "vads_auth_result" not in heard.fields
    assert is_genuine(heard.fields)


def test_staff_and_batches_speak_to_the_address_of_the_back_office(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "AUTHORISED")
    assert bank.decide(REFERENCE, "CANCELLED")["deliveries"] == []
    bank.declare(**{**SHOP, "notify_url": merchant.address("/fixe")})
    bank.decide(REFERENCE, "AUTHORISED")
    for outcome in ("CAPTURED", "CREDIT"):
        bank.decide(REFERENCE, outcome)
    bank.notify(REFERENCE, "back_office")
    assert [
        (heard.path, heard.fields["vads_url_check_src"], heard.fields["vads_trans_status"]) for heard in merchant.heard
    ] == [
        ("/ipn", "PAY", "AUTHORISED"),
        ("/ipn", "PAY", "AUTHORISED"),
        ("/fixe", "BATCH_AUTO", "CAPTURED"),
        ("/fixe", "MERCH_BO", "AUTHORISED"),
        ("/fixe", "BO", "AUTHORISED"),
    ]
    assert [heard.fields["vads_operation_type"] for heard in merchant.heard] == ["DEBIT"] * 3 + ["CREDIT"] * 2
    assert all(is_genuine(heard.fields) for heard in merchant.heard)


def test_a_payment_cancelled_by_staff_is_told_of_the_same_transaction(bank, merchant, opened):
    bank.declare(**{**SHOP, "notify_url": merchant.address("/fixe")})
    opened()
    bank.decide(REFERENCE, "AUTHORISED")
    bank.decide(REFERENCE, "CANCELLED")
    first, second = (heard.fields for heard in merchant.heard)
    assert first["vads_trans_uuid"] == second["vads_trans_uuid"]
    assert (second["vads_url_check_src"], second["vads_trans_status"]) == ("MERCH_BO", "CANCELLED")


@pytest.mark.parametrize(
    ("outcomes", "transactions"),
    [
        (["WAITING_AUTHORISATION", "AUTHORISED", "CAPTURED"], 1),
        (["AUTHORISED", "AUTHORISED"], 2),
        (["REFUSED", "AUTHORISED"], 2),
        (["ABANDONED", "AUTHORISED"], 2),
    ],
)
def test_a_transaction_keeps_its_identifier_while_it_lives(bank, opened, outcomes, transactions):
    opened()
    identifiers = {bank.decide(REFERENCE, outcome, notify="never")["given"]["trans_uuid"] for outcome in outcomes}
    assert len(identifiers) == transactions
    lines = bank.statement("12345678").splitlines()[1:]
    assert len(lines) == (2 if outcomes == ["AUTHORISED", "AUTHORISED"] else 1)


@pytest.mark.parametrize(
    ("lie", "genuine", "changed"),
    [
        ("forged", False, set()),
        ("altered", False, {"vads_amount"}),
        ("resigned", True, {"vads_amount", "vads_effective_amount"}),
        ("other_reference", True, {"vads_order_id", "vads_trans_id"}),
        ("other_merchant", True, {"vads_site_id"}),
        ("other_currency", True, {"vads_currency", "vads_effective_currency"}),
    ],
)
def test_a_notification_may_lie(bank, merchant, opened, lie, genuine, changed):
    opened()
    bank.decide(REFERENCE, "AUTHORISED")
    bank.notify(REFERENCE, lie)
    true, false = (heard.fields for heard in merchant.heard)
    assert {name for name in true if true[name] != false[name]} - {"signature"} == changed
    assert is_genuine(false) is genuine


def test_a_notification_of_the_other_mode_is_signed_with_its_key(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "AUTHORISED", notify="other_mode")
    (heard,) = merchant.heard
    assert heard.fields["vads_ctx_mode"] == "PRODUCTION"
    assert is_genuine(heard.fields, PRODUCTION_KEY)


def test_a_notification_may_come_without_its_signature_or_with_more_fields(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "AUTHORISED", notify="unsigned")
    bank.notify(REFERENCE, {"extra": {"vads_nouveau": "1"}})
    bare, more = (heard.fields for heard in merchant.heard)
    assert "signature" not in bare
    assert more["vads_nouveau"] == "1"
    assert is_genuine(more)


def test_a_refusal_may_be_rewritten_as_a_payment_but_not_signed(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "REFUSED", notify="altered")
    (heard,) = merchant.heard
    assert (heard.fields["vads_result"], heard.fields["vads_trans_status"]) == ("00", "AUTHORISED")
    assert not is_genuine(heard.fields)


def test_an_old_message_is_replayed_to_the_letter(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "AUTHORISED")
    bank.decide(REFERENCE, "REFUSED")
    bank.notify(REFERENCE, "replay")
    first, second, third = (heard.raw for heard in merchant.heard)
    assert first == third != second


@pytest.mark.parametrize(
    ("asked", "mode", "heard"),
    [
        ({}, "normal", ("GET", True)),
        ({"vads_return_mode": "POST"}, "normal", ("POST", True)),
        ({"vads_return_mode": "NONE"}, "normal", ("GET", False)),
        ({"vads_return_mode": None}, "normal", ("GET", False)),
        ({}, "post", ("POST", True)),
    ],
)
def test_the_browser_comes_back_as_the_form_asked(bank, merchant, opened, asked, mode, heard):
    opened(**asked)
    bank.decide(REFERENCE, "AUTHORISED", notify="never", **{"return": mode})
    (came,) = merchant.heard
    assert (came.path, came.method, bool(came.fields)) == ("/retour", *heard)
    assert is_genuine(came.fields) is heard[1]
    assert "vads_url_check_src" not in came.fields


@pytest.mark.parametrize(
    ("outcome", "field"),
    [("AUTHORISED", "vads_url_success"), ("REFUSED", "vads_url_refused"), ("ABANDONED", "vads_url_cancel")],
)
def test_an_address_for_this_end_comes_before_the_common_one(bank, merchant, opened, outcome, field):
    opened(**{field: merchant.address("/propre?a=1")})
    bank.decide(REFERENCE, outcome, notify="never", **{"return": "normal"})
    (heard,) = merchant.heard
    assert (heard.path, heard.fields["a"], heard.fields["vads_trans_status"]) == ("/propre", "1", outcome)
    assert is_genuine(heard.fields)


@pytest.mark.parametrize(("mode", "genuine"), [("none", []), ("duplicated", [True, True]), ("altered", [False])])
def test_a_return_without_browser_follows_its_control(bank, merchant, opened, mode, genuine):
    opened()
    bank.decide(REFERENCE, "AUTHORISED", notify="never", **{"return": mode})
    assert [is_genuine(heard.fields) for heard in merchant.heard] == genuine


def test_every_brand_is_the_same_bank(sim, bank, merchant, opened):
    opened()
    for brand in ("payzen", "spplus", "scellius", "sogecommerce"):
        assert sim.bank(brand).payment(REFERENCE)["gateway"] == "systempay"
    assert sim.bank("payzen").statement("12345678").startswith("date;site_id;")


def test_an_order_without_a_number_is_named_by_its_transaction(bank, opened):
    assert opened(vads_order_id=None)["key"] == "20250901083000_aB3x9Z"
    assert bank.payment("20250901083000_aB3x9Z")["state"] == "page ouverte"


def test_the_statement_tells_each_debit_with_its_present_status_in_utc(sim, bank, opened):
    for reference, number, outcomes in (
        ("PREMIERE", "000001", ["AUTHORISED", "CAPTURED"]),
        ("REFUSEE", "000002", ["REFUSED"]),
        ("ANNULEE", "000003", ["AUTHORISED", "CANCELLED"]),
        ("RENDUE", "000004", ["AUTHORISED", "CREDIT"]),
        ("ATTENTE", "000005", ["WAITING_AUTHORISATION"]),
    ):
        opened(vads_order_id=reference, vads_trans_id=number)
        sim.set_clock(f"2026-11-20T23:3{number[-1]}:00Z")
        for outcome in outcomes:
            bank.decide(reference, outcome, notify="never")
    told = bank.statement("12345678", "2026-11-21", "2026-11-21").splitlines()
    assert told[0] == "date;site_id;order_id;trans_uuid;trans_id;montant;devise;operation_type;trans_status"
    assert bank.statement("12345678", "2026-11-20", "2026-11-20").splitlines()[1:] == []
    lines = [line.split(";") for line in told[1:]]
    assert [(line[0][:16], line[2], line[5], line[6], line[7], line[8]) for line in lines] == [
        ("2026-11-20 23:31", "PREMIERE", "42,50", "EUR", "DEBIT", "CAPTURED"),
        ("2026-11-20 23:33", "ANNULEE", "42,50", "EUR", "DEBIT", "CANCELLED"),
        ("2026-11-20 23:34", "RENDUE", "42,50", "EUR", "DEBIT", "AUTHORISED"),
        ("2026-11-20 23:34", "RENDUE", "42,50", "EUR", "CREDIT", "AUTHORISED"),
    ]
    assert lines[0][3] == bank.payment("PREMIERE")["given"]["trans_uuid"]


def test_the_statement_of_payfip_lists_cards_and_debits_accepted(sim, service):
    ends = {"PAYEE00001": "P", "DEBIT00001": "V", "REFUSEE001": "R", "QUITTEE001": "A"}
    for hour, (reference, outcome) in enumerate(ends.items(), 10):
        sim.set_clock(f"2026-11-20T{hour}:30:00+01:00")
        sim.decide(service.open(refdet=reference), outcome, notify="never")
    told = sim.statement("payfip", "090909", "2026-11-20", "2026-11-20", plus=["DEBIT00001"]).splitlines()
    assert told[0] == "numcli;exer;refdet;montant;dattrans;heurtrans;numauto;resultrans;saisie"
    assert [re.sub("[0-9]{12}-tip", "N", line) for line in told[1:]] == [
        "090909;2025;PAYEE00001;4250;20112026;1030;N;P;T",
        "090909;2025;DEBIT00001;4251;20112026;1130;N;V;T",
    ]
