"""An address that a person left, or that the town corrected, opens nothing any more (W6)."""

from datetime import timedelta

import pytest

from preau.domain.accounts import services as accounts
from preau.domain.accounts.errors import LinkRefusedError
from preau.domain.accounts.models import User
from preau.domain.families import services
from preau.domain.families.models import Guardian
from preau.domain.families.tests.conftest import NETWORK, adult, family, link_for, newcomer, report
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.models import OutgoingMail

pytestmark = pytest.mark.usefixtures("town")

OLD, NEW = "lina@exemple.fr", "lina.roux@exemple.fr"


def entry_links_to(email: str) -> int:
    services.request_entry_link(file_number="101", file_name="ROUX", email=email, link_for=link_for, network=NETWORK)
    return OutgoingMail.objects.filter(kind="entry_link", recipient=email).count()


def identifiers_to(email: str) -> int:
    accounts.request_identifiers(email=email, link_for=link_for, network=NETWORK)
    return OutgoingMail.objects.filter(kind="identifiers", recipient=email).count()


@pytest.fixture
def lina(code) -> User:
    """Lina, who entered with her code, then took another address; the file of the town still has the old one."""
    user = Guardian.objects.get(first_name="Lina").user
    services.enter_with_code(access_code=user.access_code, code=code, newcomer=newcomer(), link_for=link_for)
    user.refresh_from_db()
    user.email = NEW
    user.save()
    return user


def test_the_address_left_behind_gets_no_link_to_the_account(lina):
    """Whoever still reads it (a former partner, a former employer) knows the number and the name of the file."""
    assert entry_links_to(OLD) == 0


def test_the_address_of_the_account_gets_its_link_though_the_file_ignores_it(lina):
    assert entry_links_to(NEW) == 1


def test_an_adult_who_gave_no_address_is_reached_at_the_one_of_the_file(lina):
    User.objects.update(email=None)
    assert entry_links_to(OLD) == 1


def corrected(email: str) -> None:
    told = family(guardians=(adult("Roux", "Lina", email=email), adult("Petit", "Marc")))
    services.apply_intake(report=report(told), by=SYSTEM)


@pytest.mark.usefixtures("code")
def test_an_address_corrected_before_the_first_entry_replaces_the_wrong_one():
    """The account was opened with the wrong address: its reader, a stranger, would be sent a link to it."""
    corrected(NEW)
    assert (identifiers_to(OLD), identifiers_to(NEW)) == (0, 1)


@pytest.mark.usefixtures("code")
def test_a_link_mailed_to_the_wrong_address_dies_with_its_correction():
    entry_links_to(OLD)
    token = OutgoingMail.objects.get(kind="entry_link").text.split("/lien/")[1].split("/")[0]
    corrected(NEW)
    with pytest.raises(LinkRefusedError):
        services.enter_with_link(token=token, newcomer=newcomer())


@pytest.mark.usefixtures("code")
def test_two_adults_who_exchange_their_addresses_in_the_file_exchange_them_in_their_accounts(couple):
    Guardian.objects.filter(pk=couple[1].pk).update(email="marc@exemple.fr")
    services.invite_guardian(guardian=Guardian.objects.get(pk=couple[1].pk), valid_for=timedelta(days=60), by=SYSTEM)
    told = (adult("Roux", "Lina", email="marc@exemple.fr"), adult("Petit", "Marc", email=OLD))
    services.apply_intake(report=report(family(guardians=told)), by=SYSTEM)
    assert [guardian.user.email for guardian in Guardian.objects.select_related("user")] == ["marc@exemple.fr", OLD]


def test_the_file_changes_nothing_to_the_address_of_somebody_who_entered(lina):
    corrected("autre@exemple.fr")
    lina.refresh_from_db()
    assert lina.email == NEW
