"""A family as the town's software knows it, and the town itself."""

from datetime import date, timedelta

import pytest

from preau.domain.families import services
from preau.domain.families.intake import ChildIntake, GuardianIntake, HouseholdIntake, IntakeReport
from preau.domain.families.models import Guardian, Household
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from tests.support.factories import make_town

PASSWORD = "mouette cabane violon"
NETWORK = "192.0.2.10"
TERMS = "2026-09"


def link_for(token: str) -> str:
    return f"/lien/{token}/"


def adult(last_name="Roux", first_name="Lina", **values) -> GuardianIntake:
    blank = dict.fromkeys(("civility", "birth_name", "email", "mobile_phone", "home_phone", "work_phone"), "")
    return GuardianIntake(**{"last_name": last_name, "first_name": first_name, "birth_date": None, **blank, **values})


def child(first_name="Zoé", birth_date=date(2018, 3, 9), **values) -> ChildIntake:
    told = {"last_name": "Roux", "first_name": first_name, "birth_date": birth_date}
    return ChildIntake(**{**told, "sex": "", "school": "", "class_name": "", **values})


def family(file_number="101", **values) -> HouseholdIntake:
    told = {
        "line": 2,
        "file_number": file_number,
        "file_name": "ROUX",
        "address_lines": ("12 rue des Lilas",),
        "postal_code": "59000",
        "city": "Lille",
        "country": "",
        "allowance_number": "",
        "quotient_familial_cents": None,
        "quotient_familial_on": None,
        "guardians": (adult(),),
        "children": (child(),),
    }
    return HouseholdIntake(**{**told, **values})


def report(*households: HouseholdIntake) -> IntakeReport:
    return IntakeReport(households=list(households), faults=[], proposals=[], rows_read=len(households))


@pytest.fixture
def town(db):
    return make_town()


@pytest.fixture
def household(db):
    return Household.objects.create(file_number="101", file_name="ROUX", created_at=clock.now())


@pytest.fixture
def couple(household):
    """Lina, who has an e-mail, and Marc, who has none; nobody logs in yet."""
    return [
        Guardian.objects.create(
            household=household, position=1, first_name="Lina", last_name="Roux", email="lina@exemple.fr"
        ),
        Guardian.objects.create(household=household, position=2, first_name="Marc", last_name="Petit"),
    ]


@pytest.fixture
def code(couple) -> str:
    """Lina's activation code, valid for 60 days."""
    return services.invite_guardian(guardian=couple[0], valid_for=timedelta(days=60), by=SYSTEM).code


def newcomer(**values) -> services.Newcomer:
    chosen = {"password": PASSWORD, "email": "", "terms_version": TERMS, "network": NETWORK, "agent": "Firefox"}
    return services.Newcomer(**{**chosen, **values})
