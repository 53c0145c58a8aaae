"""What the database itself refuses."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from preau.domain.accounts.models import (
    ActivationCode,
    KnownDevice,
    LinkPurpose,
    MailedLink,
    Scope,
    Tally,
    User,
    UserSession,
)
from preau.foundation import clock


def _refused(name: str):
    """The write breaks the constraint of this name (for unique ones, SQLite names the columns)."""
    return pytest.raises(IntegrityError, match=name)


def _code(user: User, **values) -> ActivationCode:
    now = clock.now()
    values = {"code_mark": "a" * 64, "created_at": now, "expires_at": now + timedelta(days=1), **values}
    return ActivationCode(user=user, **values)


def _link(user: User, **values) -> MailedLink:
    now = clock.now()
    defaults = {
        "purpose": LinkPurpose.RESET_PASSWORD,
        "token_mark": "a" * 64,
        "email": "julie@exemple.fr",
        "created_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    return MailedLink(user=user, **(defaults | values))


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"username": "Julie"}, "username_is_written_in_lower_case"),
        ({"username": "julie@exemple.fr"}, "username_is_not_an_email"),
        ({"username": ""}, "username_is_not_empty"),
        ({"email": "Julie@exemple.fr"}, "email_is_written_in_lower_case"),
        ({"email": ""}, "email_holds_an_at_sign"),
        ({"accepted_terms_version": "2"}, "terms_are_accepted_with_their_date"),
        ({"accepted_terms_at": clock.now()}, "terms_are_accepted_with_their_date"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(db, values, constraint):
    with _refused(constraint):
        User.objects.bulk_create([User(display_name="Julie", **values)])


@pytest.mark.parametrize("field", ["access_code", "username", "email", "public_id"])
def test_an_identifier_names_one_account(parent, field):
    with _refused(field):
        User.objects.bulk_create([User(display_name="Autre", **{field: getattr(parent, field)})])


def test_many_accounts_have_neither_user_name_nor_email(db):
    User.objects.bulk_create([User(display_name="Un"), User(display_name="Deux")])
    assert User.objects.filter(email=None, username=None).count() == 2


def test_an_account_has_one_live_code(parent):
    _code(parent).save()
    with _refused("user_has_at_most_one_live_activation_code|accounts_activationcode.user_id"):
        _code(parent, code_mark="b" * 64).save()


@pytest.mark.parametrize("end", ["used_at", "withdrawn_at"])
def test_a_dead_code_leaves_room_for_another(parent, end):
    _code(parent, **{end: clock.now()}).save()
    _code(parent, code_mark="b" * 64).save()
    assert parent.activation_codes.count() == 2


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"failures": 6}, "activation_code_dies_after_five_wrong_tries"),
        ({"expires_at": clock.now() - timedelta(days=1)}, "activation_code_expires_after_its_creation"),
        (
            {"used_at": clock.now(), "withdrawn_at": clock.now()},
            "activation_code_is_never_both_used_and_withdrawn",
        ),
    ],
)
def test_a_code_that_makes_no_sense_is_refused(parent, values, constraint):
    with _refused(constraint):
        _code(parent, **values).save()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"purpose": "open_the_safe"}, "mailed_link_has_a_known_purpose"),
        ({"expires_at": clock.now() - timedelta(hours=1)}, "mailed_link_expires_after_its_creation"),
        (
            {"used_at": clock.now(), "withdrawn_at": clock.now()},
            "mailed_link_is_never_both_used_and_withdrawn",
        ),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(parent, values, constraint):
    with _refused(constraint):
        _link(parent, **values).save()


def test_a_device_is_not_seen_before_it_exists(parent):
    now = clock.now()
    with _refused("known_device_is_seen_after_its_creation"):
        KnownDevice.objects.create(
            user=parent, token_mark="a" * 64, created_at=now, last_seen_at=now - timedelta(hours=1)
        )


def test_a_session_is_not_seen_before_it_exists(parent):
    now = clock.now()
    with _refused("session_is_seen_after_its_creation"):
        UserSession.objects.create(user=parent, session_key="k", created_at=now, last_seen_at=now - timedelta(hours=1))


def test_a_session_without_key_is_refused(parent):
    now = clock.now()
    with _refused("session_has_a_key"):
        UserSession.objects.create(user=parent, session_key="", created_at=now, last_seen_at=now)


def test_one_key_is_counted_once(db):
    Tally.objects.create(scope=Scope.NETWORK, key_mark="a" * 64)
    with _refused("failures_of_one_key_are_counted_once|accounts_tally.scope"):
        Tally.objects.create(scope=Scope.NETWORK, key_mark="a" * 64)


def test_a_counter_watches_a_known_scope(db):
    with _refused("tally_watches_a_known_scope"):
        Tally.objects.create(scope="weather", key_mark="a" * 64)


@pytest.mark.parametrize("model", [ActivationCode, MailedLink, KnownDevice])
def test_a_mark_serves_once(parent, model):
    mark = "code_mark" if model is ActivationCode else "token_mark"
    first = {
        ActivationCode: lambda: _code(parent, used_at=clock.now()),
        MailedLink: lambda: _link(parent),
        KnownDevice: lambda: KnownDevice(user=parent, token_mark="a" * 64),
    }[model]
    first().save()
    with _refused(mark), transaction.atomic():
        first().save()
    assert model.objects.count() == 1


def test_every_constraint_of_the_app_is_tested_here():
    """A constraint added to a model must be refused once in this file."""
    source = Path(__file__).read_text(encoding="utf-8")
    models = [User, ActivationCode, MailedLink, KnownDevice, UserSession, Tally]
    names = {constraint.name for model in models for constraint in model._meta.constraints}
    assert {name for name in names if name not in source} == set()
