"""Payline's web services on the wire: the key, the schema, field rules with their codes, shapes of replies."""

import pytest
import requests
from lxml import etree

from banksim.payline import codes, endpoint
from banksim.tests.payline_wire import IMPL, OBJ, basic, envelope, nil, without

pytestmark = pytest.mark.process

MERCHANT, KEY = "12345678901234", "abCdeFgHiJKLmNoPqrst"

LONG_URL = "http://127.0.0.1/" + "a" * 238  # 255 characters


def test_the_key_travels_as_the_vector_of_the_guide():
    written = basic("12345678901234", "abCdeFgHiJKLmNoPqrst")
    assert written == "Basic MTIzNDU2Nzg5MDEyMzQ6YWJDZGVGZ0hpSktMbU5vUHFyc3Q="


def test_the_vector_of_the_guide_opens_the_service(payline, payline_service):
    payline_service.authorization = "Basic MTIzNDU2Nzg5MDEyMzQ6YWJDZGVGZ0hpSktMbU5vUHFyc3Q="
    assert payline_service.create().code == "00000"


@pytest.mark.parametrize(
    ("authorization", "told"),
    [
        ("", "Authorization Basic absente ou illisible"),
        ("Bearer abc", "Authorization Basic absente ou illisible"),
        ("Basic pas-du-base64!", "Authorization Basic absente ou illisible"),
        (basic(MERCHANT, ""), "Authorization Basic absente ou illisible"),
        (
            basic("00000000000000", KEY),
            "Authorization Basic : commerçant « 00000000000000 » inconnu",
        ),
        (
            basic(MERCHANT, "abCdeFgHiJKLmNoPqrsT"),
            "Authorization Basic : clé d’accès fausse pour le commerçant 12345678901234",
        ),
    ],
)
def test_without_the_right_key_the_answer_is_401(sim, payline, payline_service, authorization, told):
    message = payline_service.web_payment()
    refused = payline_service.post("doWebPayment", message, Authorization=authorization)
    assert (refused.status, refused.headers["WWW-Authenticate"], refused.raw) == (401, 'Basic realm="Payline"', b"")
    assert payline.payments() == []
    assert (sim.journal()[0]["verdict"], sim.journal()[0]["signed"]) == ("refusé : 401", told)


def test_neither_the_key_nor_the_header_is_ever_written(sim, payline, payline_service, tmp_path_factory):
    token = payline_service.open()
    payline.decide(token, "00000")
    payline_service.details(token)
    payline_service.post("doWebPayment", payline_service.web_payment(), Authorization=basic(MERCHANT, "SECRETE"))
    assert sim.journal()[0]["signed"].startswith("Authorization Basic : clé d’accès fausse")
    told = str(sim.journal()) + requests.get(f"{sim.base_url}/sim/journal", timeout=10).text
    for secret in (KEY, "SECRETE", basic(MERCHANT, KEY)[6:]):
        assert secret not in told


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"version": "16"}, "02305"),
        ({"version": "27"}, "02305"),
        ({"version": "026"}, "02305"),
        ({"payment__amount": "42.50"}, "02305"),
        ({"payment__amount": "-4250"}, "02305"),
        ({"payment__amount": "0000000004250"}, "02305"),
        ({"payment__amount": "0"}, "02110"),
        ({"payment__amount": "4251"}, "02110"),
        ({"order__amount": "4249"}, "02110"),
        ({"payment__currency": "840"}, "02305"),
        ({"order__currency": "EUR"}, "02305"),
        ({"payment__action": "201"}, "02305"),
        ({"payment__mode": "NX"}, "02305"),
        ({"payment__contractNumber": "7654321"}, "02303"),
        ({"payment__contractNumber": None}, "02303"),
        ({"order__ref": ""}, "02305"),
        ({"order__ref": "R" * 51}, "02305"),
        ({"order__date": "2026-11-20 10:30"}, "02305"),
        ({"order__date": "31/02/2026 10:30"}, "02305"),
        ({"order__date": "20/11/2026 10:30:00"}, "02305"),
        ({"returnURL": ""}, "02305"),
        ({"returnURL": LONG_URL + "a"}, "02305"),
        ({"cancelURL": "javascript:alert(1)"}, "02305"),
        ({"notificationURL": "127.0.0.1/notif"}, "02305"),
        ({"languageCode": "français"}, "02305"),
        ({"privateDataList": [{"key": "", "value": "x"}]}, "02305"),
        ({"privateDataList": [{"key": "k" * 51, "value": "x"}]}, "02305"),
        ({"privateDataList": [{"key": "k", "value": "x" * 51}]}, "02305"),
    ],
)
def test_a_field_out_of_its_rule_is_refused_with_its_code(sim, payline, payline_service, changed, code):
    refused = payline_service.create(**changed)
    assert (refused.status, refused.result) == (200, (code, "ERROR"))
    assert (refused.token, refused.text("redirectURL")) == (None, None)
    assert payline.payments() == []
    assert sim.journal()[0]["verdict"].startswith(f"{code} : ")


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "17"},
        {"version": "26"},
        {"payment__amount": "1", "order__amount": "1"},
        {"payment__amount": "999999999999", "order__amount": "999999999999"},
        {"order__ref": "R" * 50},
        {"order__ref": "réf & <clé>"},
        {"returnURL": LONG_URL},
        {"notificationURL": None},
        {"privateDataList": None},
        {"privateDataList": [{"key": "k" * 50, "value": "x" * 50}, {"key": "b", "value": ""}]},
        {"languageCode": "FR_fr"},
    ],
)
def test_the_edge_of_each_rule_is_accepted(payline, payline_service, changed):
    token = payline_service.open(**changed)
    assert len(token) <= 50
    assert payline.payment(token)["state"] == "créée"


MANDATORY = ("version", "payment", "returnURL", "cancelURL", "order")
NILLABLE = (
    *("notificationURL", "selectedContractList", "secondSelectedContractList", "privateDataList", "languageCode"),
    *("customPaymentPageCode", "owner", "securityMode", "recurring", "customPaymentTemplateURL"),
    *("contractNumberWalletList", "merchantName", "subMerchant", "miscData", "asynchronousRetryTimeout"),
    *("threeDSInfo", "merchantScore", "skipSmartDisplay"),
)


@pytest.mark.parametrize("name", [*MANDATORY, *NILLABLE])
def test_an_element_left_out_breaks_the_schema_even_when_it_may_be_nil(sim, payline_service, name):
    refused = payline_service.post("doWebPayment", without(payline_service.web_payment(), name))
    assert (refused.status, refused.reply.tag) == (500, "{http://schemas.xmlsoap.org/soap/envelope/}Fault")
    assert refused.reply.findtext("faultcode") == "soapenv:Client"
    assert "non conforme au schéma" in refused.fault
    assert sim.journal()[0]["verdict"].startswith("refusé : message non conforme au schéma")


@pytest.mark.parametrize("name", MANDATORY)
def test_a_mandatory_element_may_not_be_nil(payline_service, name):
    refused = payline_service.create(**{name: None})
    assert refused.status == 500
    assert "nil" in refused.fault


def test_elements_in_another_order_break_the_schema(payline_service):
    message = payline_service.web_payment()
    moved = without(message, "languageCode").replace("<i:version>", "<i:languageCode>FR</i:languageCode><i:version>")
    refused = payline_service.post("doWebPayment", moved)
    assert refused.status == 500
    assert "languageCode" in refused.fault


def test_inner_elements_in_another_order_or_namespace_break_the_schema(payline_service):
    message = payline_service.web_payment()
    swapped = message.replace("<o:ref>F2025000123A1</o:ref><o:amount>4250</o:amount>", "<o:amount>4250</o:amount>")
    assert payline_service.post("doWebPayment", swapped).status == 500
    assert payline_service.post("doWebPayment", message.replace("o:currency", "i:currency")).status == 500


BUYER = (
    *("title", "lastName", "firstName", "email", "shippingAdress", "billingAddress", "accountCreateDate"),
    *("accountAverageAmount", "accountOrderCount", "walletId", "walletDisplayed", "walletSecured", "walletCardInd"),
    *("ip", "mobilePhone", "customerId", "legalStatus", "legalDocumentType", "legalDocument", "birthDate"),
    *("fingerprintID", "deviceFingerprint", "isBot", "isIncognito", "isBehindProxy", "isFromTor", "isEmulator"),
    *("isRooted", "hasTimezoneMismatch", "loyaltyMemberType", "buyerExtended", "merchantAuthentication"),
)


def _buyer(mail: str, left_out: str = "") -> str:
    inner = {name: nil(name, "o") for name in BUYER if name != left_out}
    return f"<i:buyer>{''.join({**inner, 'email': f'<o:email>{mail}</o:email>'}.values())}</i:buyer>"


def test_a_buyer_is_optional_but_whole(payline, payline_service):
    token = payline_service.open(buyer=_buyer("parent@example.org"))
    assert payline.payment(token)["asked"]["mail"] == "parent@example.org"
    assert payline_service.create(buyer=_buyer("parent@example.org", left_out="ip")).status == 500
    assert payline_service.create(buyer=_buyer("parent")).code == "02305"


def test_a_selected_contract_must_be_the_merchants(payline_service):
    def selected(number):
        message = payline_service.web_payment()
        chosen = f"<i:selectedContractList><o:selectedContract>{number}</o:selectedContract></i:selectedContractList>"
        return payline_service.post("doWebPayment", message.replace(nil("selectedContractList"), chosen))

    assert (selected("1234567").code, selected("9999999").code) == ("00000", "02303")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("pas du XML", "XML mal formé"),
        ("<html></html>", "enveloppe SOAP 1.1 attendue"),
        (envelope("doCapture", ""), "opération inconnue à cette adresse"),
        ('<!DOCTYPE e [<!ENTITY a "a">]>' + envelope("doWebPayment", "&a;"), "DOCTYPE"),
    ],
)
def test_what_is_not_a_call_of_the_service_is_refused_by_the_soap_layer(payline_service, message, why):
    refused = payline_service.post("doWebPayment", message)
    assert refused.status == 500
    assert why in refused.fault


def test_each_address_has_its_own_operations_and_names_them_in_soapaction(payline_service):
    message = payline_service.web_payment()
    elsewhere = payline_service.post("doWebPayment", message, api="DirectPaymentAPI")
    assert "opération inconnue à cette adresse" in elsewhere.fault
    assert "SOAPAction" in payline_service.post("getWebPaymentDetails", message).fault
    assert payline_service.post('"doWebPayment"', message).code == "00000"
    plain = payline_service.post("doWebPayment", message, **{"Content-Type": "application/json"})
    assert "text/xml attendu" in plain.fault
    assert requests.get(f"{payline_service.base}/V4/services/WebPaymentAPI", timeout=10).status_code == 405


def test_an_order_gives_a_token_and_the_address_of_its_page(sim, payline_service):
    answer = payline_service.create()
    assert answer.headers["Content-Type"] == "text/xml;charset=UTF-8"
    assert answer.reply.tag == f"{{{IMPL}}}doWebPaymentResponse"
    assert [etree.QName(child).localname for child in answer.reply] == ["result", "token", "redirectURL"]
    assert answer.result == ("00000", "ACCEPTED")
    assert answer.text("redirectURL") == f"{sim.base_url}/webpayment/?token={answer.token}"
    entry = sim.journal()[0]
    assert (entry["operation"], entry["reference"], entry["verdict"]) == ("doWebPayment", answer.token, "accepté")
    assert entry["signed"] == "Authorization Basic : clé d’accès juste pour le commerçant 12345678901234"


def test_the_details_of_a_payment_follow_the_order_of_the_schema(sim, payline, payline_service):
    sim.set_clock("2026-11-20T10:29:00+01:00")
    token = payline_service.open()
    sim.set_clock("2026-11-20T10:31:05+01:00")
    given = payline.decide(token, "00000", notify="never")["given"]
    details = payline_service.details(token)
    assert [etree.QName(child).localname for child in details.reply] == [
        *("result", "transaction", "payment", "authorization", "privateDataList", "card", "order"),
        *("numberOfAttempt", "contractNumber", "bankAccountData", "subMerchant", "buyer", "linkedTransactionId"),
    ]
    told = {
        path: details.text(path)
        for path in (
            *("transaction/id", "transaction/isDuplicated", "transaction/threeDSecure", "payment/amount"),
            *("payment/currency", "payment/action", "payment/mode", "payment/contractNumber"),
            *("authorization/number", "authorization/authorizedAmount", "authorization/authorizedCurrency"),
            *("privateDataList/privateData/key", "privateDataList/privateData/value", "order/ref", "order/amount"),
            *("order/date", "numberOfAttempt", "contractNumber"),
        )
    }
    assert told == {
        "transaction/id": given["transaction"],
        "transaction/isDuplicated": "0",
        "transaction/threeDSecure": "N",
        "payment/amount": "4250",
        "payment/currency": "978",
        "payment/action": "101",
        "payment/mode": "CPT",
        "payment/contractNumber": "1234567",
        "authorization/number": given["authorization"],
        "authorization/authorizedAmount": "4250",
        "authorization/authorizedCurrency": "978",
        "privateDataList/privateData/key": "attempt",
        "privateDataList/privateData/value": "0190-a1",
        "order/ref": "F2025000123A1",
        "order/amount": "4250",
        "order/date": "20/11/2026 10:30",
        "numberOfAttempt": "1",
        "contractNumber": "1234567",
    }
    assert details.text("transaction/date") == details.text("authorization/date") == "20/11/2026 10:31:05"
    assert details.reply.find(f"{{{IMPL}}}transaction/{{{OBJ}}}id") is not None


def test_a_token_of_nobody_or_of_another_merchant_has_no_transaction(payline, payline_service):
    token = payline_service.open()
    unknown = payline_service.details("0" * 33)
    assert unknown.result == ("02304", "ERROR")
    assert (unknown.text("order/ref"), unknown.text("transaction/id")) == (None, None)
    assert unknown.text("transaction/date") is None
    payline_service.authorization = basic("99999999999999", "zYxwVutSrQPonMlKjihg")
    assert payline_service.details(token).code == "02304"
    assert payline_service.details(token, version="3").code == "02305"


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("00000", "ACCEPTED"),
        ("02500", "ACCEPTED"),
        ("01100", "REFUSED"),
        ("01116", "REFUSED"),
        ("01209", "REFUSED"),
        ("04002", "REFUSED"),
        ("02015", "REFUSED"),
        ("01109", "ERROR"),
        ("01909", "ERROR"),
        ("02103", "ERROR"),
        ("02324", "ERROR"),
        ("02319", "CANCELLED"),
        ("02008", "CANCELLED"),
        ("03022", "CANCELLED"),
        ("02000", "ONHOLD_PARTNER"),
        ("02016", "ONHOLD_PARTNER"),
        ("04003", "PENDING_RISK"),
    ],
)
def test_each_end_is_told_with_its_short_message(payline, payline_service, code, short):
    token = payline_service.open()
    payline.decide(token, code, notify="never")
    details = payline_service.details(token)
    assert details.result == (code, short)
    assert (details.text("authorization/number") is not None) == (short == "ACCEPTED")


def test_what_answers_a_request_cannot_end_a_payment(payline, payline_service):
    token = payline_service.open()
    for code in ("02304", "02305", "02306", "02110", "99999"):
        with pytest.raises(RuntimeError, match="400 outcome attendu"):
            payline.decide(token, code)
    assert payline_service.details(token).code == "02306"


def test_every_code_of_the_homologation_scale_is_one_of_the_service():
    assert {code: codes.message(code).short for code in codes.FORCED.values()} == {
        **dict.fromkeys(("01100", "01103", "01108", "01116", "01117", "01119", "01202", "01206"), "REFUSED"),
        **dict.fromkeys(("01109", "01907", "01909"), "ERROR"),
        "00000": "ACCEPTED",
    }


@pytest.mark.parametrize("kind", ["altered_amount", "other_currency", "other_contract", "other_ref", "paid_twice"])
def test_an_answer_may_lie_about_one_thing(sim, payline, payline_service, kind):
    token = payline_service.open()
    payline.decide(token, "00000", notify="never")
    honest = _texts(payline_service.details(token))
    sim.set_fault("getWebPaymentDetails", kind, times=1)
    lying = _texts(payline_service.details(token))
    assert {path for path in honest if honest[path] != lying[path]} == set(endpoint._LIES[kind][0])
    assert _texts(payline_service.details(token)) == honest
    if kind == "altered_amount":
        assert (lying["payment/amount"], lying["authorization/authorizedAmount"]) == ("4251", "4251")


def _texts(answer) -> dict[str, str]:
    paths = (
        *("transaction/id", "payment/amount", "payment/currency", "payment/contractNumber", "order/ref"),
        *("authorization/number", "authorization/authorizedAmount", "authorization/authorizedCurrency"),
        *("contractNumber", "order/amount"),
    )
    return {path: answer.text(path) for path in paths}


def test_an_answer_may_lie_about_the_private_data(sim, payline_service):
    token = payline_service.open()
    sim.set_fault("getWebPaymentDetails", "other_private_data")
    assert payline_service.details(token).text("privateDataList/privateData/value") == "0190-a0"


def test_an_order_may_answer_another_token_than_its_page(sim, payline_service):
    sim.set_fault("doWebPayment", "other_token", times=1)
    answer = payline_service.create()
    assert answer.token not in answer.text("redirectURL")
    assert payline_service.details(answer.token).code == "02304"


@pytest.mark.parametrize("code", ["02101", "02103"])
def test_a_technical_code_tells_nothing_and_does_nothing(sim, payline, payline_service, code):
    sim.set_fault("*", f"technical_{code}")
    assert (payline_service.create().result, payline.payments()) == ((code, "ERROR"), [])
    sim.clear_faults()
    token = payline_service.open()
    payline.decide(token, "00000", notify="never")
    sim.set_fault("*", f"technical_{code}")
    assert payline_service.details(token).result == (code, "ERROR")
    assert "read" not in payline.payment(token)["given"]


def test_an_answer_may_declare_an_entity_or_another_namespace_or_refuse_the_key(sim, payline_service):
    token = payline_service.open()
    sim.set_fault("getWebPaymentDetails", "external_entity", times=1)
    raw = payline_service.details(token).raw
    assert (b"<!DOCTYPE" in raw, b"&f;</obj:longMessage>" in raw) == (True, True)
    sim.set_fault("getWebPaymentDetails", "wrong_namespace", times=1)
    assert payline_service.details(token).reply.tag == "{http://example.org/autre}getWebPaymentDetailsResponse"
    sim.set_fault("getWebPaymentDetails", "unauthorized", times=1)
    assert payline_service.details(token).status == 401
    sim.set_fault("getWebPaymentDetails", "html_200", times=1)
    assert payline_service.details(token).raw.startswith(b"<!doctype html>")
    assert payline_service.details(token).code == "02306"


@pytest.mark.parametrize(
    "changed", [{"token_name": "jeton"}, {"repeat_seconds": -1}, {"couleur": "bleu"}, {"contract": None}]
)
def test_an_account_badly_described_is_refused(payline, changed):
    account = {"merchant_id": "1", "access_key": "k", "contract": "2", "label": "Commune", **changed}
    described = {name: value for name, value in account.items() if value is not None}
    with pytest.raises(RuntimeError, match="400 compte mal décrit"):
        payline.declare(**described)
