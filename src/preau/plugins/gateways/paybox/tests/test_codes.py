"""What each result code means (payment-gateways 5.8), instead of the library's reading."""

import pytest

from preau.domain.payments.states import Verdict
from preau.plugins.gateways.paybox.codes import label_of, verdict_of


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("00000", Verdict.PAID),
        *((code, Verdict.CANCELLED) for code in ("00001", "00117")),
        ("00030", Verdict.EXPIRED),
        *((code, Verdict.PENDING) for code in ("99999", "00003", "00015", "00031", "00032", "", "0", "PAID")),
        *((code, Verdict.REFUSED) for code in ("00004", "00008", "00021", "00029", "00033", "00040")),
        *((code, Verdict.REFUSED) for code in ("00006", "00009", "00010", "00011")),
        *((f"001{xx}", Verdict.REFUSED) for xx in ("05", "14", "33", "51", "57", "59", "63", "75", "A1", "A4", "R1")),
    ],
)
def test_each_code_has_its_verdict(code, verdict):
    assert verdict_of(code) == verdict


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("00000", "Payé par carte bancaire"),
        ("00151", "Carte refusée par la banque"),
        ("00117", "Paiement abandonné"),
        ("00777", "Résultat inconnu"),
    ],
)
def test_a_code_is_told_in_french(code, label):
    assert label_of(code) == label
