"""Accounts opened by the town, terms accepted, daily tidying."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command

from preau.domain.accounts import services
from preau.domain.accounts.errors import AccountRefusedError, EmailRefusedError, PasswordRefusedError
from preau.domain.accounts.models import ActivationCode, KnownDevice, MailedLink, Tally, User, UserSession
from preau.domain.accounts.tests.conftest import NETWORK, enter, link_for
from preau.foundation.audit.actors import SYSTEM, Actor


def test_an_account_is_kept_in_one_spelling(parent):
    assert (parent.username, parent.email) == ("julie.d", "julie.delattre@exemple.fr")
    assert parent.is_activated
    assert (parent.is_staff, parent.is_superuser) == (False, False)


def test_an_account_without_password_waits(newcomer):
    assert (newcomer.username, newcomer.email, newcomer.is_activated) == (None, None, False)


@pytest.mark.parametrize(
    "values", [{"email": "JULIE.DELATTRE@exemple.fr"}, {"username": "JULIE.D"}], ids=["email", "username"]
)
def test_an_identifier_already_used_is_refused(parent, values):
    with pytest.raises(AccountRefusedError, match="sert déjà à un autre compte"):
        services.open_account(display_name="Autre", by=SYSTEM, **values)
    assert User.objects.count() == 1


def test_a_user_name_that_looks_like_a_code_is_refused(db):
    with pytest.raises(AccountRefusedError, match="commence par une lettre"):
        services.open_account(display_name="Autre", username="7qfk3mxr", by=SYSTEM)


def test_an_address_that_is_none_is_refused(db):
    with pytest.raises(EmailRefusedError):
        services.open_account(display_name="Autre", email="autre", by=SYSTEM)


def test_a_password_given_by_the_town_follows_the_rule_too(db):
    with pytest.raises(PasswordRefusedError):
        services.open_account(display_name="Autre", password="bienvenue", by=SYSTEM)


@pytest.mark.row("C19")
def test_terms_are_accepted_with_their_version_and_date(parent, frozen_clock):
    by = Actor(kind="family", key=parent.public_id)
    services.accept_terms(user=parent, version="2026-09", by=by)
    parent.refresh_from_db()
    assert (parent.accepted_terms_version, parent.accepted_terms_at) == ("2026-09", frozen_clock.now())


def test_django_makes_the_it_person(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "tambour cerise igloo")
    call_command("createsuperuser", interactive=False, verbosity=0, access_code="7QFK3MXR", display_name="Informatique")
    user = enter("7qfk-3mxr", "tambour cerise igloo").user
    assert (user.is_staff, user.is_superuser) == (True, True)
    assert str(user) == "Informatique (7QFK-3MXR)"


def test_tidying_keeps_what_lives_and_drops_what_time_made_useless(frozen_clock, parent, newcomer, code):
    enter("julie.d")
    services.request_identifiers(email=parent.email, link_for=link_for, network=NETWORK)
    Session.objects.create(session_key="k", session_data="", expire_date=frozen_clock.now() + timedelta(days=30))
    services.record_session(user=parent, session_key="k", network=NETWORK, agent="", remembered=True)
    models = (Tally, MailedLink, ActivationCode, KnownDevice, UserSession)
    before = [model.objects.count() for model in models]
    assert before == [5, 1, 1, 1, 1]
    assert services.tidy() == 0
    frozen_clock.advance(days=8)
    assert services.tidy() == 5
    frozen_clock.advance(days=400)
    assert services.tidy() == 4
    assert [model.objects.count() for model in models] == [0, 0, 1, 0, 0]
    frozen_clock.advance(days=60)
    assert services.tidy() == 1
    assert User.objects.count() == 2
