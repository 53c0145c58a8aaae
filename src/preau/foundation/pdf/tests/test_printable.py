import pytest

from preau.foundation.pdf.printable import clipped, printable


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("D’ALMEIDA João-Inês", "D’ALMEIDA João-Inês"),
        ("e\u0301te\u0301", "été"),
        ("1\u202f234,50\u202f€ \u2212 \u00a0", "1\u202f234,50\u202f€ \u2212 \u00a0"),
        ("\u202eelisa\u202c\u200b\ufeff\u0007", "elisa"),
        ("a\tb\r\nc\u2028d", "a b  c d"),
        ("Léa 👩\u200d👧 ❤\ufe0f", "Léa □□ □"),
        ("王 Ahmed أحمد", "□ Ahmed □□□□"),
        ("Z" + "\u0300\u0301\u0302" * 50, "Z\u0300\u0301"),
        ("Nguyễn Łukasz Ελένη Иван", "Nguyễn Łukasz Ελένη Иван"),
        ("\ud800x", "x"),
    ],
)
def test_text_becomes_drawable(typed, printed):
    assert printable(typed) == printed


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [("Kouassi", 7, "Kouassi"), ("Kouassi-Delattre", 8, "Kouassi…"), ("Le Goff", 4, "Le…"), ("", 3, "")],
)
def test_a_long_text_is_cut_with_an_ellipsis(text, length, cut):
    assert clipped(text, length) == cut
