"""The vectors of the guide (payment-gateways.md 5.4, 5.6, 6.4), on the simulator's own writing of the signatures."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from banksim.paybox import signature as paybox
from banksim.systempay import signature as systempay
from banksim.tests.paybox_wire import BILLING, CART, KEY, RETOUR

FORM = [
    ("PBX_SITE", "1999888"),
    ("PBX_RANG", "32"),
    ("PBX_IDENTIFIANT", "2"),
    ("PBX_TOTAL", "4250"),
    ("PBX_DEVISE", "978"),
    ("PBX_CMD", "F2025000123-A1"),
    ("PBX_PORTEUR", "parent@example.org"),
    ("PBX_RETOUR", RETOUR),
    ("PBX_HASH", "SHA512"),
    ("PBX_TIME", "2025-09-01T08:30:00+00:00"),
]
A = (
    "43EE446EB218E0422A568F2DE6D71A4C48DB1C7F957FF2E63DEEB1CCBD8D85BA"
    "4A1A17C89865B736694441C5C2A41535748B91F4172D9E4F4CF20C62A39E8186"
)
B = (
    "4E29AA1BB0176AC17611FB4FB81280150487666CA685215917ECBC1689534027"
    "DB05F32A9CAAEDD181176203C4E08D877E3C707FC53313492510B81BDE4A0175"
)


@pytest.mark.parametrize(
    ("more", "expected"), [([], A), ([("PBX_SHOPPINGCART", CART), ("PBX_BILLING", BILLING)], B)], ids=["A", "B"]
)
def test_a_form_is_signed_in_its_order(more, expected):
    assert paybox.request_hmac([*FORM, *more], KEY) == expected
    assert paybox.is_signed([*FORM, *more, ("PBX_HMAC", expected)], KEY)
    assert not paybox.is_signed([*more, *reversed(FORM), ("PBX_HMAC", expected)], KEY)
    assert not paybox.is_signed([*FORM, *more, ("PBX_HMAC", expected.lower())], KEY)
    assert not paybox.is_signed([*FORM, *more], KEY)


def test_the_text_of_vector_a_has_330_bytes():
    assert len(paybox.request_text(FORM).encode()) == 330


PUBLIC = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDfdsinmLbQHY+km1qfMhAjt8eh
He0zQe4Ip7ubSVqxZj8P2l/yiGb4Gbv622l+DyRoB9SnX8FTU1Q+UqHJoRaMAMBO
6KV9gNb9SYUZPmkcH7v21M271DURiryhBbW+bZ7hKn/D1yzD6RlMApORyRiZoBdA
FRP8OISWNYYW8iyKjwIDAQAB
-----END PUBLIC KEY-----
"""
C = (
    "OmB745+yBlIfD1W+m4/TWjGwEWBocoFGM2I0cn1vE+NKTjXJkDpfFjGMmIVRrPi7WzWP0ABF37gEYu9+xU43HabsGXeOMlvV"
    "YUhMXM/9OrHDlSXE8R97DAfrcpr39kwLq5ShIU/Kitoynunz+YGovtD6t8QIgVY3DpIdYNwPFqA="
)


def test_an_answer_is_written_and_signed_as_in_vector_c():
    """The private half of the vector is not known: its text is compared, and what we sign is verified the same way."""
    text = paybox.encoded(
        [
            ("montant", "4250"),
            ("reference", "T1!F2025000123"),
            ("code_autorisation", "XXXXXX"),
            ("erreur", "00000"),
            ("numero_appel", "30310733"),
            ("numero_transaction", "13957441"),
            ("date_transaction", "20250901"),
            ("heure_transaction", "10:30:00"),
        ]
    )
    assert text == (
        "montant=4250&reference=T1%21F2025000123&code_autorisation=XXXXXX&erreur=00000&numero_appel=30310733"
        "&numero_transaction=13957441&date_transaction=20250901&heure_transaction=10%3A30%3A00"
    )
    published = serialization.load_pem_public_key(PUBLIC.encode())
    _verify(published, text, C)
    with pytest.raises(InvalidSignature):
        _verify(published, text.replace("4250", "1"), C)
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  (the size of the protocol)
    ours = paybox.sign(text, key)
    assert len(ours) == len(C) == 172
    _verify(key.public_key(), text, ours)


def _verify(key, text, signature):
    key.verify(base64.b64decode(signature), text.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303


REQUEST = {
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
ACCEPTED = {
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
REFUSED = {
    **ACCEPTED,
    "vads_auth_number": "",
    "vads_auth_result": "51",
    "vads_result": "05",
    "vads_trans_status": "REFUSED",
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (REQUEST, "dLufJqVVWczSwb552VtAEBuScsASde2UdYzXalpwhJk="),
        (ACCEPTED, "VTnsWXvNRPmBdE76axjFg43iM4CcPgL8LlRGpbVDLHg="),
        (REFUSED, "rmlMch1kkJvSyNCZ97Zg2iuOpGK0QnzmEo/huP/NDvY="),
    ],
    ids=["D", "E", "F"],
)
def test_fields_are_signed_sorted_by_name(fields, expected):
    key = "1122334455667788"
    assert systempay.sign(dict(reversed(fields.items())), key) == expected
    assert systempay.is_signed({**fields, "signature": expected, "subject": "not signed"}, key)
    assert not systempay.is_signed({**fields, "vads_amount": "1", "signature": expected}, key)
    assert not systempay.is_signed(fields, key)


def test_a_shop_may_still_sign_in_sha_1():
    key = "1122334455667788"
    expected = "c61b16f268c8fd99d9858b65242ec81ac0b4c703"
    assert systempay.sign(REQUEST, key, sha1=True) == expected
    assert not systempay.is_signed({**REQUEST, "signature": expected}, key)


def test_the_text_of_vector_d_is_that_of_the_guide():
    assert systempay.text(REQUEST, "1122334455667788") == (
        "INTERACTIVE+4250+TEST+978+parent@example.org+Zoé+F2025000123-A1+PAYMENT+SINGLE+12345678"
        "+20250901083000+aB3x9Z+V2+1122334455667788"
    )
