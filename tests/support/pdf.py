"""What people and machines find in our documents: words, pictures of the pages, tags."""

import io
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pdfua
import pikepdf
import pypdf
from PIL import Image

from tests.support.places import missing


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page, one space between them."""
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def pictures_of(pdf: bytes, *, dpi: int = 120) -> list[Image.Image]:
    """Each page as another program prints it."""
    program = shutil.which("pdftoppm")
    if program is None:
        missing("pdftoppm (poppler-utils) is needed to look at documents")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "-r", str(dpi), "-png", "-", f"{folder}/page"], input=pdf, check=True)
        return [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(Path(folder).iterdir())]


def ink_beyond_the_sheet(page: Image.Image) -> int:
    """Dark dots in the last 14 mm on the right, under the town's band: something left its column."""
    width, height = page.size
    margin = page.convert("L").crop((round(width * 196 / 210), round(height * 10 / 297), width, height))
    return sum(margin.histogram()[:128])


def complaints_about(pdf: bytes) -> list[str]:
    """What the PDF/UA checker has against a document (it knows 16 of the 106 rules)."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return [f"{finding.rule_id}: {finding.message}" for finding in pdfua.validate(file.name).findings]


def tags_of(pdf: bytes) -> Counter[str]:
    """How many times each structure tag (H1, Table, TH, Figure…) is used."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = (item.S for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item)
        return Counter(str(tag).removeprefix("/") for tag in found)
