"""What every page keeps: a strict content policy, nothing fetched elsewhere, forms that cannot be forged."""

import re

import pytest
from django.template.loader import get_template

from tests.support.places import ROOT
from tests.support.sources import files, name

TEMPLATES = [path for path in files("src/preau", ".html") if "templates" in path.parts]
#: Mails carry their style with them: mail readers fetch nothing.
PAGES = [path for path in TEMPLATES if "mail" not in path.stem and not {"mail", "mails"} & set(path.parts)]


def _lines_with(pattern: str, paths) -> set[str]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return {
        f"{name(path)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if compiled.search(line)
    }


@pytest.mark.parametrize(
    "pattern",
    [
        r"\sstyle\s*=",
        r"<style(?![^>]*nonce)",
        r"<script(?![^>]*(src=|nonce))",
        r"<[a-z][^>{]*\son[a-z]+\s*=",
        r"javascript:",
    ],
    ids=["style attribute", "style element", "script element", "event attribute", "javascript address"],
)
def test_no_page_carries_style_or_script(pattern):
    assert _lines_with(pattern, PAGES) == set()


def test_no_page_fetches_anything_from_another_site():
    assert _lines_with(r"(src|srcset|action|poster)=[\"'](https?:)?//|<link[^>]+href=[\"'](https?:)?//", PAGES) == set()


#: What leads to a bank: our token is none of its business.
OUTWARD = 'action="{{ there.url }}"'


def test_every_form_that_writes_carries_its_token():
    without = set()
    for path in PAGES:
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL | re.IGNORECASE):
            if re.search(r"method=[\"']post", form, re.IGNORECASE) and ("csrf_token" in form) == (OUTWARD in form):
                without.add(name(path))
    assert without == set()


def _template_name(path) -> str:
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[parts.index("templates") + 1 :])


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_template_compiles(path):
    get_template(_template_name(path))
