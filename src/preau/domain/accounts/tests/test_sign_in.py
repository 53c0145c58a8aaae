"""Entering: identifiers, refusals, growing delays, known devices."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from preau.domain.accounts import queries, services
from preau.domain.accounts.errors import (
    CredentialsRefusedError,
    TooBusyError,
    TooManyTriesError,
    WrongPasswordError,
)
from preau.domain.accounts.models import KnownDevice, Scope, Tally, UserSession
from preau.domain.accounts.services import throttle
from preau.domain.accounts.tests.conftest import NETWORK, PASSWORD, enter, link_for, mailed_token
from preau.foundation import ids
from preau.foundation.audit.actors import SYSTEM


def _fail(identifier: str, times: int, **where) -> None:
    for _ in range(times):
        with pytest.raises(CredentialsRefusedError):
            enter(identifier, "faux mot de passe", **where)


def _failures(scope: Scope) -> list[int]:
    return list(Tally.objects.filter(scope=scope).values_list("failures", flat=True))


@pytest.mark.parametrize(
    "typed",
    [
        lambda user: user.access_code,
        lambda user: ids.grouped(user.access_code).lower(),
        lambda user: user.access_code.replace("0", "O").replace("1", "l"),
        lambda _: "julie.d",
        lambda _: " Julie.D ",
        lambda _: "julie.delattre@exemple.fr",
        lambda _: "Julie.Delattre@EXEMPLE.fr",
    ],
)
def test_a_parent_enters_with_any_of_the_three_identifiers(parent, typed):
    outcome = enter(typed(parent))
    assert outcome.user == parent
    assert outcome.must_change_password is False


@pytest.mark.parametrize(
    ("identifier", "password"),
    [
        ("julie.d", "mouette cabane violons"),
        ("julie.d", "MOUETTE CABANE VIOLON"),
        ("julie.d", ""),
        ("personne", PASSWORD),
        ("", PASSWORD),
        ("", ""),
    ],
)
def test_what_is_wrong_is_never_said(parent, identifier, password):
    with pytest.raises(CredentialsRefusedError) as refusal:
        enter(identifier, password)
    assert str(refusal.value) == "L’identifiant ou le mot de passe n’est pas le bon. Vérifiez-les et recommencez."


def test_an_account_without_password_is_refused_like_any_other(newcomer):
    with pytest.raises(CredentialsRefusedError):
        enter(newcomer.access_code, "")


def test_a_suspended_account_is_refused_like_any_other_and_may_be_reopened(parent):
    services.suspend_account(user=parent, by=SYSTEM)
    with pytest.raises(CredentialsRefusedError):
        enter("julie.d")
    services.reopen_account(user=parent, by=SYSTEM)
    assert enter("julie.d").user == parent


def test_a_password_given_by_someone_else_must_be_changed(parent):
    services.require_new_password(user=parent, by=SYSTEM)
    assert enter("julie.d").must_change_password is True


@pytest.mark.parametrize("identifier", ["julie.d", "personne", "personne@exemple.fr", "2ZZZZZZZ"])
def test_the_fifth_failure_makes_known_and_unknown_accounts_wait_a_minute(parent, frozen_clock, identifier):
    _fail(identifier, 5)
    with pytest.raises(TooManyTriesError) as refusal:
        enter(identifier)
    assert str(refusal.value) == "Trop d’essais. Réessayez dans 1\u00a0minute."
    assert refusal.value.retry_at == frozen_clock.now() + timedelta(minutes=1)
    assert _failures(Scope.STRANGER) == [5]


def test_delays_double_and_the_right_password_enters_once_they_are_over(parent, frozen_clock):
    _fail("julie.d", 5)
    for minutes in (1, 2, 4):
        frozen_clock.advance(minutes=minutes, seconds=-1)
        with pytest.raises(TooManyTriesError):
            enter("julie.d")
        frozen_clock.advance(seconds=1)
        if minutes < 4:
            _fail("julie.d", 1)
    assert enter("julie.d").user == parent


def test_the_three_identifiers_of_an_account_share_its_count(parent):
    _fail("julie.d", 2)
    _fail(parent.email, 2)
    _fail(parent.access_code, 1)
    with pytest.raises(TooManyTriesError):
        enter("julie.d")


def test_the_owner_entering_gives_a_stranger_no_new_tries(parent):
    _fail("julie.d", 4)
    enter("julie.d")
    assert _failures(Scope.STRANGER) == [4]


def test_a_stranger_failing_on_purpose_does_not_slow_a_known_device(parent):
    device = enter("julie.d").device_token
    _fail("julie.d", 5, network="198.51.100.9")
    with pytest.raises(TooManyTriesError):
        enter("julie.d")
    outcome = enter("julie.d", device_token=device)
    assert (outcome.user, outcome.device_token) == (parent, device)


def test_a_known_device_has_its_own_delay_and_its_success_clears_it(parent, frozen_clock):
    device = enter("julie.d").device_token
    _fail("julie.d", 5, device_token=device)
    with pytest.raises(TooManyTriesError):
        enter("julie.d", device_token=device)
    frozen_clock.advance(minutes=1)
    enter("julie.d", device_token=device)
    assert _failures(Scope.DEVICE) == []


def test_failures_on_a_known_device_leave_the_other_counters_alone(parent):
    device = enter("julie.d").device_token
    _fail("julie.d", 3, device_token=device)
    assert _failures(Scope.DEVICE) == [3]
    assert (_failures(Scope.STRANGER), _failures(Scope.NETWORK), _failures(Scope.EVERYWHERE)) == (
        [0],
        [0],
        [0],
    )


def test_the_device_of_one_person_is_unknown_for_another(parent, newcomer):
    device = enter("julie.d").device_token
    _fail(newcomer.access_code, 5, device_token=device)
    with pytest.raises(TooManyTriesError):
        enter(newcomer.access_code, device_token=device)
    assert _failures(Scope.DEVICE) == []


def test_a_mailed_link_opens_at_once_whatever_a_stranger_did(parent):
    _fail("julie.d", 5)
    services.request_identifiers(email=parent.email, link_for=link_for, network=NETWORK)
    outcome = services.reset_password(
        token=mailed_token("identifiers"), new_password="tambour cerise igloo", network=NETWORK
    )
    assert outcome.user == parent
    assert enter("julie.d", "tambour cerise igloo").user == parent


def test_a_network_that_fails_on_many_accounts_waits(parent, frozen_clock):
    for number in range(31):
        _fail(f"inconnu{number}", 1)
    with pytest.raises(TooManyTriesError):
        enter("julie.d")
    assert enter("julie.d", network="198.51.100.9").user == parent


def test_the_addresses_of_one_ipv6_line_count_together(parent):
    for number in range(31):
        _fail(f"inconnu{number}", 1, network=f"2001:db8::{number:x}")
    with pytest.raises(TooManyTriesError):
        enter("julie.d", network="2001:db8::ffff")


def test_failures_everywhere_slow_unknown_devices_only_and_alert(parent, frozen_clock, caplog):
    device = enter("julie.d").device_token
    everywhere = throttle.Watch(Scope.EVERYWHERE)
    Tally.objects.filter(key_mark=everywhere.key_mark).update(failures=1000)
    with caplog.at_level(logging.WARNING):
        _fail("personne", 1)
    assert caplog.messages == ["sign-ins from unknown devices are slowed down: 1001 recent failures"]
    with pytest.raises(TooManyTriesError):
        enter("julie.d", network="198.51.100.9")
    assert enter("julie.d", device_token=device).user == parent
    frozen_clock.advance(minutes=1)
    assert enter("julie.d", network="198.51.100.9").user == parent


def test_entering_takes_back_the_try_on_every_counter(parent):
    enter("julie.d")
    assert set(Tally.objects.values_list("failures", "blocked_until")) == {(0, None)}


def test_a_blocked_try_counts_nothing(parent, frozen_clock):
    _fail("julie.d", 5)
    before = list(Tally.objects.order_by("pk").values())
    with pytest.raises(TooManyTriesError):
        enter("julie.d")
    assert list(Tally.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("identifier", ["julie.d", "personne"])
def test_a_try_that_no_hashing_slot_served_is_not_counted(parent, identifier, settings):
    settings.PASSWORD_HASHERS = ["preau.domain.accounts.tests.hashers.BusyHasher"]
    parent.password = "busy$salt$hash"
    parent.save()
    with pytest.raises(TooBusyError):
        enter(identifier)
    assert set(Tally.objects.values_list("failures", flat=True)) == {0}
    with pytest.raises(TooBusyError):
        services.prove_password(user=parent, password=PASSWORD)
    assert set(Tally.objects.values_list("failures", flat=True)) == {0}


def test_ten_devices_are_remembered_the_longest_unseen_makes_room(parent, frozen_clock):
    first = enter("julie.d").device_token
    tokens = []
    for _ in range(10):
        frozen_clock.advance(hours=1)
        tokens.append(enter("julie.d").device_token)
    assert KnownDevice.objects.filter(user=parent).count() == 10
    assert enter("julie.d", device_token=tokens[0]).device_token == tokens[0]
    assert enter("julie.d", device_token=first).device_token != first


def test_a_known_device_is_seen_again(parent, frozen_clock):
    device = enter("julie.d").device_token
    frozen_clock.advance(days=3)
    enter("julie.d", device_token=device)
    assert KnownDevice.objects.get().last_seen_at == frozen_clock.now()
    assert KnownDevice.objects.get().label == "Firefox"


def test_the_password_is_proved_again_for_the_session_that_asks(parent, frozen_clock):
    services.record_session(user=parent, session_key="here", network=NETWORK, agent="", remembered=True)
    services.record_session(user=parent, session_key="there", network=NETWORK, agent="", remembered=True)
    frozen_clock.advance(minutes=31)
    assert queries.is_password_needed(session_key="here")
    services.prove_password(user=parent, password=PASSWORD, session_key="here")
    assert not queries.is_password_needed(session_key="here")
    assert queries.is_password_needed(session_key="there")
    assert queries.is_password_needed(session_key="never recorded")
    assert queries.is_password_needed(session_key=None)


def test_a_session_that_is_not_remembered_does_not_ask_again(parent, frozen_clock):
    services.record_session(user=parent, session_key="here", network=NETWORK, agent="", remembered=False)
    frozen_clock.advance(minutes=31)
    assert not queries.is_password_needed(session_key="here")


def test_five_wrong_proofs_make_the_open_session_wait(parent, frozen_clock):
    services.record_session(user=parent, session_key="here", network=NETWORK, agent="", remembered=True)
    before = UserSession.objects.get().password_proved_at
    frozen_clock.advance(minutes=1)
    for _ in range(5):
        with pytest.raises(WrongPasswordError, match="pas votre mot de passe actuel"):
            services.prove_password(user=parent, password="faux", session_key="here")
    with pytest.raises(TooManyTriesError):
        services.prove_password(user=parent, password=PASSWORD, session_key="here")
    assert UserSession.objects.get().password_proved_at == before
    frozen_clock.advance(minutes=1)
    services.prove_password(user=parent, password=PASSWORD, session_key="here")
    assert UserSession.objects.get().password_proved_at == frozen_clock.now()


def test_djangos_own_door_is_throttled_too(parent):
    request = RequestFactory().post("/admin/login/", REMOTE_ADDR="192.0.2.77")
    assert authenticate(request, username="julie.d", password=PASSWORD) == parent
    for _ in range(5):
        assert authenticate(request, username="julie.d", password="faux") is None
    assert authenticate(request, username="julie.d", password=PASSWORD) is None
    assert authenticate(username="julie.d") is None


def test_the_count_outlives_the_refusal(parent):
    _fail("julie.d", 1)
    assert _failures(Scope.STRANGER) == [1]
