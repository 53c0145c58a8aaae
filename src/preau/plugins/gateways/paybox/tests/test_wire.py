"""The vectors of payment-gateways 5.4 and 5.6, and each way a signature may be wrong."""

import pytest

from preau.plugins.gateways.paybox import wire

KEY = "0123456789ABCDEF" * 8
RETURNED = (
    "montant:M;reference:R;code_autorisation:A;erreur:E;numero_appel:T;numero_transaction:S;"
    "date_transaction:W;heure_transaction:Q;signature:K"
)
VECTOR_A = {
    "PBX_SITE": "1999888",
    "PBX_RANG": "32",
    "PBX_IDENTIFIANT": "2",
    "PBX_TOTAL": "4250",
    "PBX_DEVISE": "978",
    "PBX_CMD": "F2025000123-A1",
    "PBX_PORTEUR": "parent@example.org",
    "PBX_RETOUR": RETURNED,
    "PBX_HASH": "SHA512",
    "PBX_TIME": "2025-09-01T08:30:00+00:00",
}
SIGNED_A = (
    "43EE446EB218E0422A568F2DE6D71A4C48DB1C7F957FF2E63DEEB1CCBD8D85BA"
    "4A1A17C89865B736694441C5C2A41535748B91F4172D9E4F4CF20C62A39E8186"
)
XML = '<?xml version="1.0" encoding="utf-8"?>'
VECTOR_B = {
    **VECTOR_A,
    "PBX_SHOPPINGCART": f"{XML}<shoppingcart><total><totalQuantity>1</totalQuantity></total></shoppingcart>",
    "PBX_BILLING": (
        f"{XML}<Billing><Address><FirstName>Zoe</FirstName><LastName>Martin</LastName>"
        "<Address1>1 rue des Ecoles</Address1><ZipCode>75005</ZipCode><City>Paris</City>"
        "<CountryCode>250</CountryCode></Address></Billing>"
    ),
}
SIGNED_B = (
    "4E29AA1BB0176AC17611FB4FB81280150487666CA685215917ECBC1689534027"
    "DB05F32A9CAAEDD181176203C4E08D877E3C707FC53313492510B81BDE4A0175"
)
MESSAGE_C = (
    "montant=4250&reference=T1%21F2025000123&code_autorisation=XXXXXX&erreur=00000&numero_appel=30310733"
    "&numero_transaction=13957441&date_transaction=20250901&heure_transaction=10%3A30%3A00"
)
PEM = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDfdsinmLbQHY+km1qfMhAjt8eh
He0zQe4Ip7ubSVqxZj8P2l/yiGb4Gbv622l+DyRoB9SnX8FTU1Q+UqHJoRaMAMBO
6KV9gNb9SYUZPmkcH7v21M271DURiryhBbW+bZ7hKn/D1yzD6RlMApORyRiZoBdA
FRP8OISWNYYW8iyKjwIDAQAB
-----END PUBLIC KEY-----
"""
SIGNATURE_C = (
    "OmB745%2ByBlIfD1W%2Bm4%2FTWjGwEWBocoFGM2I0cn1vE%2BNKTjXJkDpfFjGMmIVRrPi7WzWP0ABF37gEYu9%2BxU43HabsGXeOMlvV"
    "YUhMXM%2F9OrHDlSXE8R97DAfrcpr39kwLq5ShIU%2FKitoynunz%2BYGovtD6t8QIgVY3DpIdYNwPFqA%3D"
)
OTHER_PEM = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDe+hkicNP7ROHUssGNtHwiT2Ew
HFrSk/qwrcq8v5metRtTTFPE/nmzSkRnTs3GMpi57rBdxBBJW5W9cpNyGUh0jNXc
VrOSClpD5Ri2hER/GcNrxVRP7RlWOqB1C03q4QYmwjHZ+zlM4OUhCCAtSWflB4wC
Ka1g88CjFwRw/PB9kwIDAQAB
-----END PUBLIC KEY-----
"""
FIELDS_C = {
    "montant": "4250",
    "reference": "T1!F2025000123",
    "code_autorisation": "XXXXXX",
    "erreur": "00000",
    "numero_appel": "30310733",
    "numero_transaction": "13957441",
    "date_transaction": "20250901",
    "heure_transaction": "10:30:00",
}


def fields_of(raw: str, pem: str = PEM):
    return wire.verified_fields(raw, wire.public_keys(pem))


@pytest.mark.parametrize(("fields", "signature"), [(VECTOR_A, SIGNED_A), (VECTOR_B, SIGNED_B)], ids=["A", "B"])
def test_a_form_is_signed_as_the_vector(fields, signature):
    assert wire.sign(fields, KEY) == signature


def test_a_form_in_another_order_is_signed_otherwise():
    assert wire.sign(dict(reversed(VECTOR_A.items())), KEY) != SIGNED_A


def test_a_key_that_is_not_hexadecimal_signs_nothing():
    with pytest.raises(ValueError, match="hexadecimal"):
        wire.sign(VECTOR_A, "clé")


@pytest.mark.parametrize("pem", [PEM, OTHER_PEM + PEM], ids=["one key", "two keys"])
def test_the_banks_signature_is_believed(pem):
    assert fields_of(f"{MESSAGE_C}&signature={SIGNATURE_C}", pem) == FIELDS_C


def test_a_signature_encoded_twice_is_believed():
    assert fields_of(f"{MESSAGE_C}&signature={SIGNATURE_C.replace('%', '%25')}") == FIELDS_C


def test_what_follows_the_signature_is_ignored():
    assert fields_of(f"{MESSAGE_C}&signature={SIGNATURE_C}&erreur=00001") == FIELDS_C


@pytest.mark.parametrize(
    "raw",
    [
        f"{MESSAGE_C.replace('4250', '1')}&signature={SIGNATURE_C}",
        f"{MESSAGE_C.replace('montant', 'MONTANT')}&signature={SIGNATURE_C}",
        f"{MESSAGE_C}&montant=1&signature={SIGNATURE_C}",
        f"montant=1&{MESSAGE_C}&signature={SIGNATURE_C}",
        f"{'&'.join(reversed(MESSAGE_C.split('&')))}&signature={SIGNATURE_C}",
        f"{MESSAGE_C.replace('%3A', ':')}&signature={SIGNATURE_C}",
        f"{MESSAGE_C}&signature=",
        f"{MESSAGE_C}&signature=pas-du-base64",
        f"{MESSAGE_C}&signature={SIGNATURE_C[:-8]}",
        f"{MESSAGE_C}&SIGNATURE={SIGNATURE_C}",
        MESSAGE_C,
        "",
        "\x00é€&signature=é",
    ],
)
def test_a_signature_of_anything_else_is_refused(raw):
    assert fields_of(raw) is None


def test_the_signature_of_another_key_is_refused():
    assert fields_of(f"{MESSAGE_C}&signature={SIGNATURE_C}", OTHER_PEM) is None


@pytest.mark.parametrize("pem", ["", "clé", PEM.replace("MIG", "XXX"), OTHER_PEM[:-30]])
def test_a_text_that_is_no_key_is_told(pem):
    with pytest.raises(ValueError):
        wire.public_keys(pem)
