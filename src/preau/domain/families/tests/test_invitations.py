"""Opening the portal to families: accounts, codes, mails and their trace (C03)."""

from datetime import UTC, datetime, timedelta

import pytest

from preau.domain.accounts import services as accounts
from preau.domain.accounts.models import ActivationCode, User
from preau.domain.families import queries, services
from preau.domain.families.models import Guardian
from preau.domain.families.tests.conftest import PASSWORD
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import make_household

pytestmark = pytest.mark.usefixtures("town")

TWO_MONTHS = timedelta(days=60)


def invite(guardians):
    return services.invite_guardians(guardians=guardians, valid_for=TWO_MONTHS, by=SYSTEM)


def test_an_invitation_makes_the_account_and_its_code(couple):
    with clock.frozen(datetime(2026, 10, 6, 9, 0, tzinfo=UTC)):
        lina, marc = invite(couple)
    assert [(g.user.display_name, g.user.email) for g in Guardian.objects.select_related("user")] == [
        ("Lina Roux", "lina@exemple.fr"),
        ("Marc Petit", None),
    ]
    assert (lina.user, lina.expires_at) == (couple[0].user, datetime(2026, 12, 5, 9, 0, tzinfo=UTC))
    assert lina.code != marc.code
    assert lina.code not in repr(lina)


def test_inviting_again_keeps_the_account_and_kills_the_first_code(couple):
    first = invite(couple)[0]
    second = invite(couple)[0]
    assert first.user == second.user
    assert ActivationCode.objects.filter(user=first.user, withdrawn_at=None).count() == 1
    assert User.objects.count() == 2


@pytest.mark.parametrize("count", [1, 30])
def test_inviting_more_people_asks_no_more_queries(db, count, django_assert_num_queries):
    households = [make_household(with_login=False, children=0) for _ in range(count)]
    guardians = list(Guardian.objects.filter(household__in=households))
    with django_assert_num_queries(30):
        invite(guardians)


def test_those_without_login_are_listed_once_invited_too(couple):
    lina, marc = couple
    invite([lina])
    assert list(queries.guardians_without_login()) == [lina, marc]


def test_those_who_log_in_or_whose_account_is_closed_are_not_listed(couple):
    lina, marc = couple
    invite(couple)
    lina.user.set_password(PASSWORD)
    lina.user.save()
    accounts.suspend_account(user=marc.user, by=SYSTEM)
    assert list(queries.guardians_without_login()) == []


def test_invitations_go_by_mail_with_both_codes(couple):
    with clock.frozen(datetime(2026, 10, 6, 9, 0, tzinfo=UTC)):
        invitation = invite(couple[:1])[0]
    services.mail_invitations(invitations=[invitation], address="https://exemple.fr/premiere-connexion/", by=SYSTEM)
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.recipient, mail.is_confidential) == ("invitation", "lina@exemple.fr", True)
    assert mail.text.splitlines()[6:11] == [
        "https://exemple.fr/premiere-connexion/",
        "",
        f"Votre code d’accès\u202f: {invitation.user.access_code[:4]}-{invitation.user.access_code[4:]}",
        f"Votre code d’activation\u202f: {invitation.code}",
        "",
    ]
    assert "jusqu’au 5\u00a0décembre 2026" in mail.text


def test_each_person_invited_is_traced(couple):
    invitations = invite(couple)
    services.mail_invitations(invitations=invitations[:1], address="https://exemple.fr/", by=SYSTEM)
    services.note_letters(invitations=invitations[1:], by=SYSTEM)
    traced = AuditEvent.objects.filter(subject="guardians").values_list("action", "details")
    assert list(traced) == [
        ("invitations_mailed", {"count": 1, "guardians": [couple[0].public_id]}),
        ("invitations_printed", {"count": 1, "guardians": [couple[1].public_id]}),
    ]


def test_nobody_to_invite_is_no_work(db):
    assert invite([]) == []
    assert AuditEvent.objects.count() == 0
