"""What looks like a card number, and what only resembles one (I30)."""

import pytest

from preau.domain.payments.card_numbers import holds_card_number


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "pan=4111111111111111&cvv=123",
        "<pan>4111111111111111</pan>",
        "votre carte 4111 1111 1111 1111 a été débitée",
        "4111-1111-1111-1111",
        "378282246310005",
        "3782 822463 10005",
        "6304000000000000000",
    ],
)
def test_a_card_number_is_recognised(text):
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "411111111111",
        "idop=4111111111111111a",
        "idop=41111111-1111-4111-1111-111111111111",
        "RP20260012344111111111111111",
        "03 53 01 12 40 et 06 39 98 01 01",
        "vads_trans_date=20261008133500",
        "vads_trans_date=20261008133518",
        "du 12/10/2026 au 16/10/2026 : 1 234,50 €",
        "",
    ],
)
def test_a_reference_a_phone_or_an_amount_is_none(text):
    assert not holds_card_number(text)
