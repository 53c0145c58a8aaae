"""The same adult asked to enter twice at once (a double click, two browsers): one account, still in its family."""

import pytest

from preau.domain.families.models import Guardian
from preau.domain.families.services.invitations import open_logins
from preau.foundation.audit.actors import SYSTEM

pytestmark = pytest.mark.usefixtures("town")


def test_two_requests_that_both_saw_no_account_open_one(couple):
    """Two accounts would leave the one just activated without its family, and its code spent."""
    first, second = (Guardian.objects.get(pk=couple[1].pk) for _ in range(2))
    users = [open_logins(guardians=[seen], by=SYSTEM)[0] for seen in (first, second)]
    assert users == [Guardian.objects.get(pk=couple[1].pk).user] * 2
