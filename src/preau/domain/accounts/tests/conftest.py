"""A parent with an account, one without a password yet, and what their tests ask again and again."""

from datetime import timedelta

import pytest

from preau.domain.accounts import services
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.models import OutgoingMail

PASSWORD = "mouette cabane violon"
NETWORK = "192.0.2.10"


def link_for(token: str) -> str:
    return f"/lien/{token}/"


def enter(identifier: str, password: str = PASSWORD, *, device_token=None, network: str = NETWORK):
    return services.sign_in(
        identifier=identifier, password=password, device_token=device_token, network=network, agent="Firefox"
    )


def mails() -> list[tuple[str, str, str]]:
    """The queue in order: (kind, recipient, subject)."""
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", "recipient", "subject"))


def mailed_token(kind: str) -> str:
    """The token that the last mail of this kind carries."""
    text = OutgoingMail.objects.filter(kind=kind).order_by("-pk")[0].text
    return text.split("/lien/")[1].split("/")[0]


@pytest.fixture
def parent(db):
    return services.open_account(
        display_name="Julie Delattre",
        email="Julie.Delattre@exemple.fr",
        username="julie.d",
        password=PASSWORD,
        by=SYSTEM,
    )


@pytest.fixture
def newcomer(db):
    """An account made by an import: nobody has entered yet."""
    return services.open_account(display_name="Karim Benali", by=SYSTEM)


@pytest.fixture
def code(newcomer) -> str:
    """The newcomer's activation code, valid for 90 days."""
    return services.issue_activation_code(user=newcomer, valid_for=timedelta(days=90), by=SYSTEM)
