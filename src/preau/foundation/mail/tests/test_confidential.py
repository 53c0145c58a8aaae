"""A mail that carries a secret keeps it no longer than it takes to leave."""

import pytest
from django.core import mail

from preau.foundation.mail.models import OutgoingMail
from preau.foundation.mail.services import ERASED, queue, send_due
from tests.support.factories import make_town

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("confidential", "kept"), [(True, ERASED), (False, "Le lien : https://x/secret")])
def test_a_secret_is_erased_once_sent(confidential, kept):
    make_town()
    queue(
        kind="reset",
        subject_key="1",
        to="parent@example.org",
        subject="Lien",
        text="Le lien : https://x/secret",
        is_confidential=confidential,
    )
    assert send_due() == 1
    assert "https://x/secret" in mail.outbox[0].body
    assert OutgoingMail.objects.get().text == kept
