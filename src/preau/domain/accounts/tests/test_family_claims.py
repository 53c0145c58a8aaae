"""What the adults of one family file share: any of their codes proves the claim, all of them suffer a wrong try."""

from datetime import timedelta

import pytest

from preau.domain.accounts import queries, services
from preau.domain.accounts.errors import ActivationRefusedError, TooManyTriesError
from preau.domain.accounts.models import ActivationCode, User
from preau.domain.accounts.tests.conftest import NETWORK, PASSWORD, link_for
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent


@pytest.fixture
def couple(db):
    return services.open_accounts(people=[("Lina Roux", "lina@exemple.fr"), ("Marc Roux", "")], by=SYSTEM)


@pytest.fixture
def codes(couple):
    return services.issue_activation_codes(users=couple, valid_for=timedelta(days=60), by=SYSTEM)


def claim_of(couple) -> queries.Claim:
    return queries.Claim(typed="file:101 roux", user=couple[0], relatives=(couple[1],))


@pytest.mark.parametrize("rank", [0, 1])
def test_any_code_of_the_claim_names_its_account(couple, codes, rank):
    found = services.check_activation_code(claim=claim_of(couple), code=codes[couple[rank].pk], network=NETWORK)
    assert found == couple[rank]


def test_a_wrong_try_counts_on_every_code_of_the_claim(couple, codes):
    with pytest.raises(ActivationRefusedError):
        services.check_activation_code(claim=claim_of(couple), code="AAAAA-AAAAA-AAAAA", network=NETWORK)
    assert list(ActivationCode.objects.values_list("failures", flat=True)) == [1, 1]


def test_five_wrong_tries_block_every_code_of_the_claim(couple, codes):
    for _ in range(5):
        with pytest.raises(ActivationRefusedError):
            services.check_activation_code(claim=claim_of(couple), code="AAAAA-AAAAA-AAAAA", network=NETWORK)
    with pytest.raises(TooManyTriesError):
        services.check_activation_code(claim=claim_of(couple), code=codes[couple[1].pk], network=NETWORK)


def test_a_code_may_open_a_relative_and_is_then_spent(couple, codes):
    lina, marc = couple
    outcome = services.activate(
        claim=claim_of(couple),
        code=codes[lina.pk],
        new_password=PASSWORD,
        email="",
        link_for=link_for,
        network=NETWORK,
        opens=marc,
    )
    assert outcome.user == marc
    assert {user.display_name: user.is_activated for user in User.objects.all()} == {
        "Lina Roux": False,
        "Marc Roux": True,
    }
    with pytest.raises(ActivationRefusedError):
        services.check_activation_code(claim=claim_of(couple), code=codes[lina.pk], network=NETWORK)


@pytest.mark.parametrize("state", [{"password": "md5$salt$hash"}, {"is_active": False}])
def test_a_code_opens_no_relative_who_entered_or_was_suspended(couple, codes, state):
    lina, marc = couple
    User.objects.filter(pk=marc.pk).update(**state)
    with pytest.raises(ActivationRefusedError):
        services.activate(
            claim=claim_of(couple),
            code=codes[lina.pk],
            new_password=PASSWORD,
            email="",
            link_for=link_for,
            network=NETWORK,
            opens=marc,
        )
    assert services.check_activation_code(claim=claim_of(couple), code=codes[lina.pk], network=NETWORK) == lina


def test_the_code_of_a_suspended_relative_proves_nothing(couple, codes):
    User.objects.filter(pk=couple[1].pk).update(is_active=False)
    with pytest.raises(ActivationRefusedError):
        services.check_activation_code(claim=claim_of(couple), code=codes[couple[1].pk], network=NETWORK)


def test_accounts_opened_together_share_no_email(db):
    services.open_account(display_name="Ancien", email="pris@exemple.fr", by=SYSTEM)
    people = [("A", "Pris@exemple.fr"), ("B", "commun@exemple.fr"), ("C", "commun@exemple.fr"), ("D", "faux")]
    users = services.open_accounts(people=people, by=SYSTEM)
    assert [(user.display_name, user.email, user.is_activated) for user in users] == [
        ("A", None, False),
        ("B", "commun@exemple.fr", False),
        ("C", None, False),
        ("D", None, False),
    ]
    assert AuditEvent.objects.get(action="accounts_opened").details == {"count": 4}


@pytest.mark.parametrize("count", [1, 40])
def test_opening_accounts_together_asks_no_more_queries(db, django_assert_num_queries, count):
    with django_assert_num_queries(13):
        services.open_accounts(people=[(f"Parent {n}", f"p{n}@exemple.fr") for n in range(count)], by=SYSTEM)
