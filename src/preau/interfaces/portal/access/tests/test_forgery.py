"""Every form of these pages refuses to be sent by another site (W8)."""

import pytest
from django.test import Client
from django.urls import reverse

from preau.interfaces.portal.access.tests.conftest import sign_in
from preau.interfaces.portal.access.urls import urlpatterns

_ARGUMENTS = {"token": "x", "session_id": "x"}
PAGES = [
    reverse(f"portal:{pattern.name}", kwargs={name: _ARGUMENTS[name] for name in pattern.pattern.converters})
    for pattern in urlpatterns
]


@pytest.mark.parametrize("path", PAGES)
def test_a_form_from_elsewhere_is_refused(path, user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    response = client.post(path, {"identifier": user.access_code})
    assert response.status_code == 403
    assert "Cette page est restée ouverte trop longtemps" in response.content.decode()


def test_a_login_from_elsewhere_is_refused(user):
    """A stranger cannot bring somebody into the stranger's own account."""
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, user).status_code == 403
    assert "preau_session" not in client.cookies


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asked_for_is_never_an_error(path, entered):
    assert entered.get(path).status_code in {200, 302, 405, 410}
