"""The IT person's pages."""

import pytest
from django.urls import reverse

from preau.domain.accounts import queries, services
from preau.domain.accounts.models import User
from preau.domain.accounts.tests.conftest import NETWORK
from preau.domain.town.models import Town
from preau.foundation.audit.models import AuditEvent


@pytest.fixture
def it_person(client, db):
    Town.objects.create(name="Saint-Éloi-sur-Lys")
    user = User.objects.create_superuser(display_name="Informatique", password="tambour cerise igloo")
    client.force_login(user)
    return user


def _act(client, action: str, user: User):
    return client.post(reverse("admin:accounts_user_changelist"), {"action": action, "_selected_action": [user.pk]})


def test_a_code_is_given_on_a_page_kept_nowhere(client, it_person, newcomer):
    response = _act(client, "give_code", newcomer)
    assert "no-store" in response["Cache-Control"]
    code = response.content.decode().split("activation ")[1]
    claim = queries.claim(newcomer.access_code)
    assert services.check_activation_code(claim=claim, code=code, network=NETWORK) == newcomer
    event = AuditEvent.objects.get(action="activation_codes_issued")
    assert (event.actor_kind, event.actor_key) == ("agent", it_person.public_id)


def test_an_account_is_suspended_and_reopened(client, it_person, parent):
    _act(client, "suspend", parent)
    assert not User.objects.get(pk=parent.pk).is_active
    _act(client, "reopen", parent)
    assert User.objects.get(pk=parent.pk).is_active


def test_nothing_is_changed_without_a_service(client, it_person, parent):
    change = reverse("admin:accounts_user_change", args=[parent.pk])
    client.post(change, {"display_name": "Voleur", "is_staff": "on", "email": "voleur@exemple.fr"})
    assert User.objects.get(pk=parent.pk).display_name == "Julie Delattre"
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403
    assert client.get(reverse("admin:accounts_user_delete", args=[parent.pk])).status_code == 403


def test_the_list_finds_and_shows_no_password(client, it_person, parent, newcomer):
    page = client.get(reverse("admin:accounts_user_changelist"), {"q": "delattre"}).content.decode()
    assert "Julie Delattre" in page
    assert "Karim Benali" not in page
    change = client.get(reverse("admin:accounts_user_change", args=[parent.pk])).content.decode()
    assert "mot de passe actuel" not in change
    assert parent.password not in page + change
