"""A whole installation with its imitated banks, ready for one family."""

import json
import subprocess
import sys
from copy import deepcopy

import pytest

from tests.support.parent import Parent
from tests.support.places import ROOT


def _run_seed(portal, banksim, *kind: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.seed", banksim.base_url, *kind],
        env=portal.env(DJANGO_SETTINGS_MODULE="preau.config.settings", PYTHONWARNINGS="default"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def _seeded() -> dict:
    """By engine: an installation to copy, and what was made there. Filling one takes seconds."""
    return {}


@pytest.fixture
def installation(new_portal, banksim, _seeded):
    """`installation("sqlite")` → (portal, what was seeded)."""

    def make(engine: str):
        if engine not in _seeded:
            first = new_portal(engine)
            _seeded[engine] = (first, _run_seed(first, banksim))
        first, made = _seeded[engine]
        for numcli, label in zip(made["merchants"], ("CANTINE-GARDERIE", "PETITE ENFANCE"), strict=True):
            banksim.add_client(numcli, "Saint-Éloi-sur-Lys", label_2="SGC de la Lys", label_3=label)
        return new_portal(engine, first, PREAU_FAULTS="1", PREAU_ENV="test"), deepcopy(made)

    return make


@pytest.fixture
def four_banks(new_portal, banksim):
    """A town whose four régies have four banks, and what was seeded."""
    portal = new_portal("sqlite", PREAU_ENV="test")
    return portal, _run_seed(portal, banksim, "four")


@pytest.fixture
def canteen(new_portal, banksim):
    """A town whose canteen is booked on line, and what was seeded."""
    portal = new_portal("sqlite", PREAU_ENV="test")
    made = _run_seed(portal, banksim, "bookings")
    banksim.add_client("090901", "Saint-Éloi-sur-Lys", label_2="SGC de la Lys", label_3="CANTINE-GARDERIE")
    return portal, made


@pytest.fixture
def as_parent():
    def make(portal, made) -> Parent:
        parent = Parent(portal.url, made["login"], made["password"])
        parent.sign_in()
        return parent

    return make
