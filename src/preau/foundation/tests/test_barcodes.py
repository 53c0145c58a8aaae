import io

import pytest
import typst
import zxingcpp
from PIL import Image

from preau.foundation.barcodes import code128_svg, qr_svg


def read_back(svg, tmp_path):
    """What a reader sees on a 200 dpi print of the picture, 60 mm wide."""
    (tmp_path / "code.svg").write_bytes(svg)
    (tmp_path / "page.typ").write_text('#set page(width: auto, height: auto)\n#image("code.svg", width: 60mm)')
    png = typst.Compiler(tmp_path / "page.typ").compile(format="png", ppi=200)
    return [(code.format.name, code.text) for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))]


@pytest.mark.parametrize(
    "text", ["https://familles.saint-eloi.example/recu/7KQM4TXA92PD0GHV", "Été à l’école : 84,00 €"]
)
def test_a_qr_code_reads_back(text, tmp_path):
    assert read_back(qr_svg(text), tmp_path) == [("QRCode", text)]


def test_a_linear_code_reads_back(tmp_path):
    assert read_back(code128_svg("CANTINES-9161-26719 6000"), tmp_path) == [("Code128", "CANTINES-9161-26719 6000")]


def test_a_linear_code_refuses_what_it_cannot_hold():
    with pytest.raises(ValueError, match="Invalid character"):
        code128_svg("Łódź")
