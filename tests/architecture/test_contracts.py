"""The ladder of the house, and that its contracts do bite."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.sources import files

LINTER = Path(sys.executable).with_name("lint-imports")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts on the sources below `folder`, which come before the installed ones."""
    command = [LINTER, "--config", folder / "pyproject.toml", "--no-cache"]
    return subprocess.run(
        command, cwd=folder / "src", env={"PYTHONPATH": "."}, capture_output=True, text=True, check=False
    )


def test_contracts_are_kept():
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    for path in [*files("src", ".py"), ROOT / "pyproject.toml"]:
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


@pytest.mark.process
@pytest.mark.parametrize(
    ("where", "imported", "broken"),
    [
        ("preau/foundation/planted.py", "preau.domain.town", "The house"),
        ("preau/domain/town/planted.py", "preau.domain.billing", "The domain is a ladder"),
        ("preau/domain/bistro/__init__.py", "preau.foundation", "The domain is a ladder"),
        ("preau/domain/regies/models.py", "preau.domain.regies.services", "Inside an app"),
        ("preau/plugins/imports/planted/__init__.py", "preau.plugins.gateways.payfip", "Plug-ins ignore"),
        ("preau/interfaces/webhooks/planted.py", "preau.interfaces.portal", "Entry points ignore"),
        ("banksim/planted.py", "preau.foundation", "The banks know nothing"),
        ("preau/domain/payments/planted.py", "banksim", "Préau knows nothing"),
    ],
    ids=lambda value: value.split("/")[-1] if "/" in value else value,
)
def test_each_contract_refuses_a_planted_import(copy, where, imported, broken):
    planted = copy / "src" / where
    planted.parent.mkdir(parents=True, exist_ok=True)
    before = planted.read_text(encoding="utf-8") if planted.exists() else None
    planted.write_text(f"{before or ''}\nimport {imported}\n", encoding="utf-8")
    done = _lint(copy)
    if before is None:
        planted.unlink()
    else:
        planted.write_text(before, encoding="utf-8")
    verdicts = [line for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    assert done.returncode == 1
    assert [line for line in verdicts if line.startswith(broken)] == verdicts != []
