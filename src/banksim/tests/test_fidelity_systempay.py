"""The payment library's own Systempay and PayZen classes, unmodified, believe the simulator."""

import decimal
from importlib import import_module

import pytest

from banksim.tests.systempay_wire import KEY, PRODUCTION_KEY, SHOP

# Named, not imported: no module of this program may depend on the library it is tested with.
eopayment = import_module("eopayment")
classes = {name: import_module(f"eopayment.{name}").Payment for name in ("systempayv2", "payzen")}

pytestmark = pytest.mark.process

REFERENCE = "A1B2C3D4E5F6G7H8J9K0"


@pytest.fixture
def bank(sim):
    bank = sim.bank("systempay")
    bank.declare(**SHOP)
    return bank


@pytest.fixture(params=["systempayv2", "payzen"])
def kind(request):
    return request.param


def _library(sim, merchant, kind="systempayv2", **options):
    given = {
        "vads_site_id": "12345678",
        "vads_ctx_mode": "TEST",
        "secret_test": KEY,
        "secret_production": PRODUCTION_KEY,
        "signature_algo": "hmac_sha256",
        "service_url": f"{sim.base_url}/vads-payment/",
        "normal_return_url": merchant.address("/retour"),
        "automatic_return_url": merchant.address("/ipn"),
        **options,
    }
    return classes[kind](given)


def _form(library, **changed):
    asked = {
        "email": "parent@example.org",
        "first_name": "Zoé",
        "last_name": "O’Brien-Martin",
        "orderid": REFERENCE,
        "transaction_id": REFERENCE,
        **changed,
    }
    identifier, what, form = library.request(decimal.Decimal("42.50"), **asked)
    return identifier, what, form.url, {field["name"]: field["value"] for field in form.fields}


def _submit(bank, library, **changed):
    _, _, url, fields = _form(library, **changed)
    return bank.submit(url, fields)


def test_a_request_of_the_library_is_taken(sim, bank, merchant, kind):
    identifier, what, url, fields = _form(_library(sim, merchant, kind))
    payment = bank.submit(url, fields)
    assert (identifier, what) == (REFERENCE, eopayment.FORM)
    assert (payment["key"], payment["amount_cents"], payment["merchant"]) == (REFERENCE, 4250, "12345678")
    assert payment["asked"]["vads_cust_first_name"] == "Zoé"


def test_a_request_altered_on_the_way_is_refused(sim, bank, merchant, kind):
    _, _, url, fields = _form(_library(sim, merchant, kind))
    with pytest.raises(RuntimeError, match="400 00 "):
        bank.submit(url, {**fields, "vads_amount": "1"})


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("AUTHORISED", eopayment.PAID),
        ("REFUSED", eopayment.DENIED),
        ("WAITING_AUTHORISATION", eopayment.PAID),
        ("AUTHORISED_TO_VALIDATE", eopayment.PAID),
    ],
)
def test_a_genuine_answer_is_believed(sim, bank, merchant, kind, outcome, result):
    """Pending payments are paid to the library, which reads vads_result alone: that is why its map is not used."""
    library = _library(sim, merchant, kind)
    _submit(bank, library)
    bank.decide(REFERENCE, outcome, **{"return": "normal"})
    for heard in merchant.heard:
        response = library.response(heard.raw)
        told = (response.result, response.signed, response.test, response.order_id)
        assert told == (result, True, True, REFERENCE)
    assert {heard.path for heard in merchant.heard} == {"/ipn", "/retour"}


@pytest.mark.parametrize(
    ("lie", "signed"), [("altered", False), ("forged", False), ("resigned", True), ("other_currency", True)]
)
def test_an_altered_answer_is_not_signed_yet_its_result_stays(sim, bank, merchant, lie, signed):
    library = _library(sim, merchant)
    _submit(bank, library)
    bank.decide(REFERENCE, "AUTHORISED", notify=lie)
    response = library.response(merchant.heard[0].raw)
    assert (response.result, response.signed) == (eopayment.PAID, signed)


def test_a_field_added_to_an_answer_breaks_its_signature(sim, bank, merchant):
    library = _library(sim, merchant)
    _submit(bank, library)
    bank.decide(REFERENCE, "AUTHORISED")
    assert library.response(merchant.heard[0].raw).signed
    assert not library.response(f"{merchant.heard[0].raw}&vads_ajout=1").signed


def test_an_answer_of_the_other_mode_is_signed_and_says_its_mode(sim, bank, merchant):
    library = _library(sim, merchant, vads_ctx_mode="PRODUCTION")
    _submit(bank, library)
    bank.decide(REFERENCE, "AUTHORISED")
    bank.notify(REFERENCE, "other_mode")
    told = [library.response(heard.raw) for heard in merchant.heard]
    assert [(response.signed, response.test) for response in told] == [(True, False), (True, True)]


def test_a_refund_is_a_payment_to_the_library(sim, bank, merchant):
    """Hence the portal reads vads_operation_type first."""
    bank.declare(**{**SHOP, "notify_url": merchant.address("/fixe")})
    library = _library(sim, merchant)
    _submit(bank, library)
    bank.decide(REFERENCE, "AUTHORISED", notify="never")
    bank.set_controls(REFERENCE, notify="normal")
    bank.decide(REFERENCE, "CREDIT")
    response = library.response(merchant.heard[0].raw)
    assert (response.result, response.signed) == (eopayment.PAID, True)
    assert response.bank_data["vads_operation_type"] == "CREDIT"


def test_an_abandonment_without_an_authorisation_code_is_more_than_the_library_reads(sim, bank, merchant):
    bank.declare(**{**SHOP, "notify_abandoned": True})
    library = _library(sim, merchant)
    _submit(bank, library)
    bank.decide(REFERENCE, "ABANDONED")
    with pytest.raises(eopayment.ResponseError):
        library.response(merchant.heard[0].raw)


def test_a_shop_in_sha_1_speaks_with_the_librarys_default(sim, bank, merchant):
    bank.declare(**{**SHOP, "sha1": True})
    library = _library(sim, merchant, signature_algo="sha1")
    _submit(bank, library)
    bank.decide(REFERENCE, "AUTHORISED")
    assert library.response(merchant.heard[0].raw).signed
