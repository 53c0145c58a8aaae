import unicodedata

import pytest

from preau.foundation.pdf.printable import fitted, printable


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("D’ALMEIDA João-Inês", "D’ALMEIDA João-Inês"),
        ("e\u0301te\u0301", "été"),
        ("1\u202f234,50\u202f€ \u2212 \u00a0", "1\u202f234,50\u202f€ \u2212 \u00a0"),
        ("\u202eelisa\u202c\u2060\ufeff\u0007", "elisa"),
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
    [
        ("Kouassi", 7, "Kouassi"),
        ("Kouassi-Delattre", 8, "Kouassi…"),
        ("Le Goff", 4, "Le…"),
        ("\u202eN\u200boé 😀", 9, "Noé □"),
        ("", 3, ""),
    ],
)
def test_a_long_text_is_cut_with_an_ellipsis(text, length, cut):
    assert fitted(text, length) == cut


@pytest.mark.parametrize(
    "text",
    [
        "anticonstitutionnell",
        "RP20261004127005188888888888",
        "https://familles.saint-eloi-sur-lys.example/recu/7KQM4TXA92PD0GHV",
        "helene.delattre-kouassi@courriel.example",
    ],
)
def test_what_people_copy_is_left_whole(text):
    assert fitted(text, 200) == text


@pytest.mark.parametrize("piece", ["W", "e\u0300", "0", "@"])
def test_an_endless_word_may_be_cut_between_any_two_letters(piece):
    assert fitted(piece * 50, 200) == "\u200b".join(unicodedata.normalize("NFC", piece) for _ in range(50))
