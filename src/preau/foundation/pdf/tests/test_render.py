import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdf
import pytest
import typst
from PIL import Image

from preau.foundation.pdf.look import Look
from preau.foundation.pdf.printable import DRAWN
from preau.foundation.pdf.render import render

LETTER = Path(__file__).resolve().with_name("letter.typ")
AT = datetime(2026, 11, 5, 14, 41, 8, tzinfo=UTC)


def letter(*lines, look=None, bold=False, instants=(), title="Lettre"):
    data = {
        "look": (look or Look()).to_data(town_name="Morne-Fleuri"),
        "number": "7",
        "lines": list(lines),
        "bold": bold,
        "instants": list(instants),
    }
    return render(LETTER, data, title=title, at=AT)


def text_of(pdf):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def every_drawn_character():

    keep = re.compile(f"[{DRAWN}]")
    return [chr(code) for code in range(0x20, 0x2FFF) if keep.fullmatch(chr(code))]


@pytest.mark.parametrize("bold", [False, True])
def test_every_character_said_to_be_drawn_has_a_glyph(bold):
    # typst refuses, under PDF/UA, a letter that no font of ours can draw.
    characters = every_drawn_character()
    lines = ["".join(characters[i : i + 40]) for i in range(0, len(characters), 40)]
    assert letter(*lines, bold=bold).startswith(b"%PDF-1.7")
    assert len(characters) > 1300


def test_a_letter_outside_the_list_becomes_a_square():
    assert "Noé □ 😀".replace("😀", "□") in text_of(letter("Noé \u4e2d 😀"))


def test_a_name_made_of_commands_is_printed_as_it_was_typed():
    name = r"#panic() $x^2$ *gras* _it_ [a] \ @b `c` <script>alert(1)</script> // fin"
    assert name in text_of(letter(name))


def test_the_same_document_has_the_same_bytes():
    assert letter("Bonjour") == letter("Bonjour")


def test_another_text_is_not_taken_for_the_former():
    assert text_of(letter("Bonjour")) != text_of(letter("Bonsoir"))


def test_documents_drawn_at_the_same_time_do_not_mix():
    names = [f"Famille {number}" for number in range(24)]
    alone = [letter(name) for name in names]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(letter, names)) == alone


def test_a_document_says_that_it_is_accessible_and_made_to_last():
    with pikepdf.open(io.BytesIO(letter("Bonjour", title="Lettre à Noé"))) as pdf, pdf.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
        assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "A")
        assert pdf.Root.Lang == "fr-FR"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo["/Title"]) == "Lettre à Noé"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20261105144108Z"


def test_only_our_fonts_are_used():
    with pikepdf.open(io.BytesIO(letter("Bonjour Nguyễn Иван"))) as pdf:
        fonts = {str(font.BaseFont).split("+")[1] for font in pdf.pages[0].Resources.Font.values()}
    assert {name.split("-")[0] for name in fonts} <= {"PreauText", "PreauFallback"}


def test_a_page_past_the_first_says_what_it_continues():
    text = text_of(letter(*["ligne"] * 120))
    assert text.count("Lettre n° 7") == 3
    assert text.count("Lettre, suite") == 2
    assert "Page 1 sur 3" in text
    assert "Page 3 sur 3" in text


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        ("2026-11-05T15:41:08+01:00", "jeudi 5\u00a0novembre\u00a02026 à 15\u00a0h\u00a041"),
        ("2027-05-01T00:05:00-04:00", "samedi 1er\u00a0mai\u00a02027 à 0\u00a0h\u00a005"),
    ],
)
def test_instants_are_written_as_people_read_them(instant, written):
    assert written in text_of(letter(instants=[instant]))


@pytest.mark.row("L09")
def test_the_logo_of_the_town_is_on_the_page_and_described():
    bitmap = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(bitmap, "PNG")
    logo = bitmap.getvalue()
    pdf = letter(look=Look(motto="Ville festive", territory="Martinique", logo=logo))
    assert "Ville festive · Martinique" in " ".join(text_of(pdf).split())
    assert "Blason de Morne-Fleuri" in alternatives(pdf)


def test_a_logo_of_another_kind_is_left_out():
    assert alternatives(letter(look=Look(logo=b"GIF89a\xff\x00"))) == []


def alternatives(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [str(item.Alt) for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]


def test_a_template_reads_nothing_outside_its_folder(tmp_path):
    template = tmp_path / "inside" / "t.typ"
    template.parent.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    template.write_text('#set document(title: "t")\n#read("../secret.txt")')
    with pytest.raises(typst.TypstError, match="would escape the project root"):
        render(template, {}, title="t", at=AT)


def test_an_instant_without_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        render(LETTER, {}, title="t", at=AT.replace(tzinfo=None))


def test_a_title_too_long_is_cut():
    with pikepdf.open(io.BytesIO(letter(title="x" * 40_000))) as pdf:
        assert str(pdf.docinfo["/Title"]) == "x" * 200
