"""`preau export-receipts` and `preau receipts-verifier`: what a régie hands to whoever checks it (P07)."""

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from preau.domain.payments.models import Receipt
from preau.domain.payments.queries.chain import anchors
from preau.domain.payments.tests.conftest import Scene, at_noon, scene  # noqa: F401  (the same story, told here)
from preau.domain.payments.tests.receipts import on, pay
from preau.foundation import clock
from tests.support.factories import make_regie

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(scene, bank) -> Scene:  # noqa: F811
    """Three receipts of 2026, one of 2027 and one of another régie."""
    for at in (on(10, 8), on(10, 9), on(11, 2), on(1, 5, year=2027)):
        pay(scene, bank, at=at)
    pay(scene, bank, regie=make_regie())
    return scene


def run(name: str, **options) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(name, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_a_chain_is_written_without_names_nor_amounts(paid):
    out, err = run("export_receipts", regie=paid.regie.code, year=2026)
    links = [one.link for one in Receipt.objects.filter(regie=paid.regie, year=2026).order_by("number")]
    assert json.loads(out) == {
        "format": "preau-recus-1",
        "regie": paid.regie.public_id,
        "year": 2026,
        "receipts": [
            {
                "number": number,
                "issued_at": at,
                "previous": link.previous,
                "content": link.content,
                "digest": link.digest,
            }
            for number, (at, link) in enumerate(
                zip(
                    ["2026-10-08T12:00:00.000000Z", "2026-10-09T12:00:00.000000Z", "2026-11-02T12:00:00.000000Z"],
                    links,
                    strict=True,
                ),
                1,
            )
        ],
    }
    assert err == ""


def test_with_their_contents_receipts_are_what_was_frozen_and_the_reader_is_warned(paid):
    out, err = run("export_receipts", regie=paid.regie.code, year=2026, with_content=True)
    sheets = list(
        Receipt.objects.filter(regie=paid.regie, year=2026).order_by("number").values_list("sheet", flat=True)
    )
    assert [one["sheet"] for one in json.loads(out)["receipts"]] == sheets
    assert err == "Ce fichier contient des données de familles\u202f: gardez-le, puis effacez-le.\n"


@pytest.mark.row("P07")
@pytest.mark.parametrize("with_content", [False, True])
def test_the_tool_handed_out_finds_the_chain_handed_out_intact_and_an_altered_one_broken(paid, tmp_path, with_content):
    file, tool = tmp_path / "recus-2026.json", tmp_path / "verifier_recus.py"
    out, _ = run("export_receipts", regie=paid.regie.code, year=2026, with_content=with_content)
    tool.write_text(run("receipts_verifier")[0], encoding="utf-8")
    file.write_text(out, encoding="utf-8")
    head = Receipt.objects.get(regie=paid.regie, year=2026, number=3).link.digest
    code, said = _verify(tool, file)
    assert (code, said[0]) == (0, f"3 reçus, chaîne intacte, empreinte finale {head}")
    file.write_text(out.replace("2026-10-09T12:00:00", "2026-10-09T12:00:01"), encoding="utf-8")
    assert _verify(tool, file) == (1, ["CHAÎNE ROMPUE – reçu n° 2026-000002\u202f: modifié"])


def _verify(tool, file) -> tuple[int, list[str]]:
    command = [sys.executable, "-S", str(tool), str(file)]
    answer = subprocess.run(command, capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"})
    assert answer.stderr == b""
    return answer.returncode, answer.stdout.decode().splitlines()


def test_the_worker_makes_the_digests_of_the_months_that_are_over(paid):
    with clock.frozen(on(2, 1, year=2027)):
        run("worker", once=True)
    assert [f"{one:%Y-%m}" for one in anchors().values_list("month", flat=True)] == [
        "2027-01", "2026-11", "2026-10", "2026-10",
    ]  # fmt: skip


def test_a_code_or_a_year_that_says_nothing_is_refused(paid):
    with pytest.raises(CommandError, match="Aucune régie n’a le code INCONNUE"):
        run("export_receipts", regie="INCONNUE", year=2026)
    with pytest.raises(CommandError, match="n’a aucun reçu en 2025"):
        run("export_receipts", regie=paid.regie.code, year=2025)
