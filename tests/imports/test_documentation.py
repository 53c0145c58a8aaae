"""docs/imports.md names every column and every message that an agent may meet."""

import re

import pytest

from preau.plugins.imports.families import columns as families
from preau.plugins.imports.invoices import columns as invoices
from tests.support.places import ROOT


@pytest.fixture(scope="module")
def page():
    return (ROOT / "docs/imports.md").read_text(encoding="utf-8").replace("\u202f", " ")


@pytest.mark.parametrize("columns", [families.COLUMNS, invoices.COLUMNS], ids=["families", "invoices"])
def test_every_title_is_documented(page, columns):
    titles = {title for column in columns for title in column.headings if not title.startswith("Responsable")}
    cells = {part.strip(" *") for line in page.splitlines() for part in re.split(r"[|,;]", line)}
    assert titles - cells == set()


SENTENCE = re.compile(r'(?<!r)"([^"]{12,})"')
SOURCES = (
    "foundation/tabular",
    "foundation/money.py",
    "plugins/imports/families/generic.py",
    "plugins/imports/families/people.py",
    "plugins/imports/invoices/generic.py",
    "plugins/imports/invoices/documents.py",
)
FRENCH = re.compile(r"[éèêàç’]|\\u202f|ligne")


def messages():
    for source in SOURCES:
        path = ROOT / "src/preau" / source
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            yield from _sentences(file)


def _sentences(file):
    code = re.sub(r'r?"""[\s\S]*?"""|#.*', "", file.read_text(encoding="utf-8"))
    for found in SENTENCE.findall(code):
        if FRENCH.search(found):
            yield found.replace("\\u202f", " ")


@pytest.mark.parametrize("message", sorted(set(messages())))
def test_every_message_is_documented(page, message):
    fixed = [part.strip(" ,;:«»()") for part in re.split(r"\{[^}]*\}| ; ", message)]
    assert [part for part in fixed if len(part) > 3 and part not in page] == []
