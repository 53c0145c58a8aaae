"""The vectors of payment-gateways 6.4, each way a signature may be wrong, and what each status means (6.7)."""

from urllib.parse import urlencode

import pytest

from preau.domain.payments.states import Verdict
from preau.plugins.gateways.systempay import wire
from preau.plugins.gateways.systempay.results import reading_of

KEY = "1122334455667788"
VECTOR_D = {
    "vads_action_mode": "INTERACTIVE",
    "vads_amount": "4250",
    "vads_ctx_mode": "TEST",
    "vads_currency": "978",
    "vads_cust_email": "parent@example.org",
    "vads_cust_first_name": "Zoé",
    "vads_order_id": "F2025000123-A1",
    "vads_page_action": "PAYMENT",
    "vads_payment_config": "SINGLE",
    "vads_site_id": "12345678",
    "vads_trans_date": "20250901083000",
    "vads_trans_id": "aB3x9Z",
    "vads_version": "V2",
}
VECTOR_E = {
    "vads_amount": "4250",
    "vads_auth_mode": "FULL",
    "vads_auth_number": "3fe2a1",
    "vads_auth_result": "00",
    "vads_capture_delay": "0",
    "vads_card_brand": "CB",
    "vads_card_number": "497010XXXXXX0055",
    "vads_ctx_mode": "TEST",
    "vads_currency": "978",
    "vads_effective_amount": "4250",
    "vads_effective_creation_date": "20250901083105",
    "vads_effective_currency": "978",
    "vads_ext_info_eopayment_trans_id": "pay-0001",
    "vads_extra_result": "",
    "vads_operation_type": "DEBIT",
    "vads_order_id": "F2025000123-A1",
    "vads_page_action": "PAYMENT",
    "vads_payment_config": "SINGLE",
    "vads_result": "00",
    "vads_sequence_number": "1",
    "vads_site_id": "12345678",
    "vads_threeds_status": "Y",
    "vads_trans_date": "20250901083000",
    "vads_trans_id": "aB3x9Z",
    "vads_trans_status": "AUTHORISED",
    "vads_trans_uuid": "4b5053b3b1fe4b02a07753e7a0000001",
    "vads_url_check_src": "PAY",
    "vads_validation_mode": "0",
    "vads_version": "V2",
    "vads_warranty_result": "YES",
}
VECTOR_F = {
    **VECTOR_E,
    "vads_auth_number": "",
    "vads_auth_result": "51",
    "vads_result": "05",
    "vads_trans_status": "REFUSED",
}
SIGNED_E = "VTnsWXvNRPmBdE76axjFg43iM4CcPgL8LlRGpbVDLHg="


@pytest.mark.parametrize(
    ("fields", "algorithm", "signature"),
    [
        (VECTOR_D, "hmac_sha256", "dLufJqVVWczSwb552VtAEBuScsASde2UdYzXalpwhJk="),
        (VECTOR_D, "sha1", "c61b16f268c8fd99d9858b65242ec81ac0b4c703"),
        (VECTOR_E, "hmac_sha256", SIGNED_E),
        (VECTOR_F, "hmac_sha256", "rmlMch1kkJvSyNCZ97Zg2iuOpGK0QnzmEo/huP/NDvY="),
    ],
    ids=["D", "D, SHA-1", "E", "F"],
)
def test_a_form_is_signed_as_the_vector(fields, algorithm, signature):
    assert wire.sign(fields, KEY, algorithm) == signature
    assert wire.sign(dict(reversed(fields.items())), KEY, algorithm) == signature


def verified(fields, *, signature: str = SIGNED_E, keys=(KEY,), algorithm="hmac_sha256"):
    return wire.verified_fields(urlencode({**fields, "signature": signature}), keys, algorithm)


def test_the_shops_signature_is_believed_whatever_fields_the_bank_adds_beside():
    assert verified({**VECTOR_E, "autre": "x"}) == VECTOR_E
    assert verified(VECTOR_E, keys=("N" * 16, KEY)) == VECTOR_E


@pytest.mark.parametrize(
    "fields",
    [
        {**VECTOR_E, "vads_amount": "1"},
        {**VECTOR_E, "vads_unknown": ""},
        {name: value for name, value in VECTOR_E.items() if name != "vads_extra_result"},
        {**{name: value for name, value in VECTOR_E.items() if name != "vads_amount"}, "VADS_AMOUNT": "4250"},
        {},
    ],
    ids=["altered", "added", "removed", "upper case", "empty"],
)
def test_a_signature_of_anything_else_is_refused(fields):
    assert verified(fields) is None


@pytest.mark.parametrize("signature", ["", "x", SIGNED_E.lower(), "é"])
def test_another_signature_is_refused(signature):
    assert verified(VECTOR_E, signature=signature) is None


@pytest.mark.parametrize("keys", [(), ("",), ("N" * 16,)])
def test_without_the_key_nothing_is_believed(keys):
    assert verified(VECTOR_E, keys=keys) is None


def test_a_signature_of_another_kind_than_the_contracts_is_refused():
    assert verified(VECTOR_E, signature=wire.sign(VECTOR_E, KEY, "sha1")) is None


def test_a_field_given_twice_is_refused():
    text = urlencode({**VECTOR_E, "signature": SIGNED_E})
    assert wire.verified_fields(f"{text}&vads_amount=4250", (KEY,), "hmac_sha256") is None


@pytest.mark.parametrize(
    ("operation", "status", "verdict"),
    [
        *(("DEBIT", status, Verdict.PAID) for status in ("AUTHORISED", "CAPTURED", "ACCEPTED")),
        *(
            ("DEBIT", status, Verdict.PENDING)
            for status in (
                *("AUTHORISED_TO_VALIDATE", "WAITING_AUTHORISATION", "WAITING_AUTHORISATION_TO_VALIDATE"),
                *("WAITING_FOR_PAYMENT", "UNDER_VERIFICATION", "INITIAL", "SUSPENDED", "SOMETHING_NEW"),
            )
        ),
        *(("DEBIT", status, Verdict.REFUSED) for status in ("REFUSED", "NOT_CREATED")),
        ("DEBIT", "ABANDONED", Verdict.CANCELLED),
        *(("DEBIT", status, Verdict.UNDONE) for status in ("EXPIRED", "CANCELLED", "CAPTURE_FAILED")),
        *(("CREDIT", status, Verdict.REFUNDED) for status in ("AUTHORISED", "CAPTURED", "")),
        ("VERIFICATION", "ACCEPTED", Verdict.PENDING),
    ],
)
def test_each_status_has_its_meaning_whatever_the_result_says(operation, status, verdict):
    """2.7, 26: `vads_result` is 00 in every one of these."""
    fields = {"vads_result": "00", "vads_operation_type": operation, "vads_trans_status": status}
    assert reading_of(fields)[0] == verdict


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        ("00", Verdict.PAID),
        ("05", Verdict.REFUSED),
        ("17", Verdict.CANCELLED),
        ("30", Verdict.PENDING),
        ("96", Verdict.PENDING),
        ("", Verdict.PENDING),
    ],
)
def test_without_status_the_result_is_read(result, verdict):
    assert reading_of({"vads_result": result})[0] == verdict
