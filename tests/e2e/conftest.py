"""A whole installation with its imitated banks, ready for one family."""

import json
import subprocess
import sys

import pytest

from tests.support.parent import Parent
from tests.support.places import ROOT


def seed(portal, banksim) -> dict:
    """Fill an installation; what was made."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.seed", banksim.base_url],
        env=portal.env(DJANGO_SETTINGS_MODULE="preau.config.settings", PYTHONWARNINGS="default"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    for numcli, label in zip(made["merchants"], ("CANTINE-GARDERIE", "PETITE ENFANCE"), strict=True):
        banksim.add_client(numcli, "Saint-Éloi-sur-Lys", label_2="SGC de la Lys", label_3=label)
    return made


@pytest.fixture
def installation(new_portal, banksim):
    """`installation("sqlite")` → (portal, what was seeded)."""

    def make(engine: str):
        portal = new_portal(engine, PREAU_FAULTS="1", PREAU_ENV="test")
        return portal, seed(portal, banksim)

    return make


@pytest.fixture
def as_parent():
    def make(portal, made) -> Parent:
        parent = Parent(portal.url, made["login"], made["password"])
        parent.sign_in()
        return parent

    return make
