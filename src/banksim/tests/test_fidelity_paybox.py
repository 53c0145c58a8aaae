"""The payment library's own Paybox class, unmodified but for its address and its key, believes the simulator."""

import base64
import decimal
from importlib import import_module
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from banksim.tests.paybox_wire import KEY, SITE

# Named, not imported: no module of this program may depend on the library it is tested with.
eopayment = import_module("eopayment")
paybox = import_module("eopayment.paybox")

pytestmark = pytest.mark.process

REFERENCE = "A1B2C3D4E5F6G7H8J9K0"


class Library(paybox.Payment):
    """The two changes that payment-gateways.md 2.5 allows: the form's address, the key of the answers."""

    form_url = ""
    public_key = ""

    def request(self, *args, **kwargs):
        identifier, kind, form = super().request(*args, **kwargs)
        form.url = self.form_url
        return identifier, kind, form

    def response(self, query_string, **kwargs):
        response = super().response(query_string, **kwargs)
        text, _, signature = query_string.rpartition("&signature=")
        made = base64.b64decode(unquote(signature))
        response.signed = bool(text) and paybox.verify(text, made, key=self.public_key)
        return response


@pytest.fixture
def bank(sim):
    bank = sim.bank("paybox")
    bank.declare(**SITE)
    return bank


@pytest.fixture
def library(sim, bank, merchant):
    options = {**{name: SITE[name] for name in ("site", "rang", "identifiant")}, "shared_secret": KEY}
    addresses = {
        "normal_return_url": merchant.address("/retour"),
        "automatic_return_url": merchant.address("/ipn"),
    }
    library = Library({**options, **addresses, "platform": "test"})
    library.form_url, library.public_key = f"{sim.base_url}/cgi/MYchoix_pagepaiement.cgi", bank.public_key()
    return library


def _submit(bank, library, **changed):
    asked = {
        "email": "parent@example.org",
        "transaction_id": REFERENCE,
        "total_quantity": 2,
        "first_name": "Zoe",
        "last_name": "Martin",
        "address1": "1 rue des Ecoles",
        "zipcode": "75005",
        "city": "Paris",
        "country_code": "250",
        **changed,
    }
    identifier, kind, form = library.request(decimal.Decimal("42.50"), **asked)
    fields = [(field["name"], field["value"]) for field in form.fields]
    return identifier, kind, bank.submit(form.url, fields)


def test_a_request_of_the_library_is_taken(bank, library):
    identifier, kind, payment = _submit(bank, library)
    assert (identifier, kind) == (REFERENCE, eopayment.FORM)
    assert (payment["key"], payment["amount_cents"], payment["merchant"]) == (REFERENCE, 4250, "1999888-32")
    assert payment["asked"]["PBX_BILLING"].count("<City>Paris</City>") == 1


def test_a_request_altered_on_the_way_is_refused(bank, library):
    _, _, form = library.request(decimal.Decimal("42.50"), email="parent@example.org")
    fields = [(field["name"], "1" if field["name"] == "PBX_TOTAL" else field["value"]) for field in form.fields]
    with pytest.raises(RuntimeError, match="400 PBX_TOTAL"):
        bank.submit(form.url, fields)
    fields = [(name, "100" if name == "PBX_TOTAL" else value) for name, value in fields]
    with pytest.raises(RuntimeError, match="400 PBX_HMAC"):
        bank.submit(form.url, fields)


def test_names_the_library_does_not_clean_are_refused_as_on_the_real_host(bank, library):
    with pytest.raises(RuntimeError, match="400 PBX_BILLING PBX_BILLING doit être en ASCII"):
        _submit(bank, library, first_name="Zoé")


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("00000", eopayment.PAID),
        ("00105", eopayment.DENIED),
        ("00040", eopayment.DENIED),
        ("00001", eopayment.CANCELLED),
        ("99999", eopayment.ERROR),
        ("00151", eopayment.ERROR),
    ],
)
def test_a_genuine_answer_is_believed(bank, library, merchant, outcome, result):
    """Pending and most refusals are errors to the library: that is its own poor table, not the bank's word."""
    _submit(bank, library)
    bank.decide(REFERENCE, outcome, **{"return": "normal"})
    for heard in merchant.heard:
        response = library.response(heard.raw)
        assert (response.result, response.signed, response.order_id) == (result, True, REFERENCE)
    assert {heard.path for heard in merchant.heard} == {"/ipn", "/retour"}


@pytest.mark.parametrize("lie", ["altered", "forged"])
def test_an_altered_answer_is_not_signed_yet_its_result_stays(bank, library, merchant, lie):
    _submit(bank, library)
    bank.decide(REFERENCE, "00000", notify=lie)
    response = library.response(merchant.heard[0].raw)
    assert (response.result, response.signed) == (eopayment.PAID, False)


def test_an_answer_without_signature_is_not_signed_yet_its_result_stays(bank, library, merchant):
    _submit(bank, library)
    bank.decide(REFERENCE, "00000", notify="unsigned")
    response = paybox.Payment.response(library, merchant.heard[0].raw)
    assert (response.result, response.signed) == (eopayment.PAID, False)


def test_the_fields_of_an_answer_are_those_the_library_reads(bank, library, merchant):
    _submit(bank, library)
    given = bank.decide(REFERENCE, "00000")["given"]
    response = library.response(merchant.heard[0].raw)
    assert response.bank_data["numero_appel"] == [given["numero_appel"]]
    assert response.bank_data["numero_transaction"] == [given["numero_transaction"]]
    assert response.bank_data["code_autorisation"] == ["XXXXXX"]
    assert response.transaction_date is not None
    assert paybox.Payment.guess(query_string=merchant.heard[0].raw) == REFERENCE


def test_a_payer_who_comes_back_by_the_page_brings_a_signed_answer(sim, bank, library, merchant):
    _, _, payment = _submit(bank, library)
    bank.decide(REFERENCE, "00000", notify="never")
    back = sim.request("GET", payment["page"].replace("/carte", "/retour")).headers["Location"]
    assert library.response(urlsplit(back).query).signed
    assert parse_qs(urlsplit(back).query)["reference"] == [REFERENCE]
