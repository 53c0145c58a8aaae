"""Sessions: new key at log-in, seen and ended by their owner, closed when rights go (C06, W7)."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import get_user, login, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.test import RequestFactory

from preau.domain.accounts import queries, services
from preau.domain.accounts.models import UserSession
from preau.domain.accounts.tests.conftest import NETWORK, PASSWORD, enter
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def _request(session_key: str | None = None):
    """A request as the session middleware prepares it."""
    request = RequestFactory().get("/")
    request.session = SessionStore(session_key)
    return request


def _log_in(identifier: str = "julie.d", *, session_key: str | None = None, remembered: bool = False):
    """What the portal does: sign in, open the session, note it."""
    request = _request(session_key)
    user = enter(identifier).user
    login(request, user)
    request.session.save()
    services.record_session(
        user=user,
        session_key=request.session.session_key,
        network=NETWORK,
        agent="Mozilla/5.0 (Android 15) Firefox/140.0",
        remembered=remembered,
    )
    return request


def _who(session_key: str):
    return get_user(_request(session_key))


def test_logging_in_renews_the_key_an_attacker_may_have_planted(parent):
    planted = SessionStore()
    planted["basket"] = 1
    planted.save()
    request = _log_in(session_key=planted.session_key)
    assert request.session.session_key != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()
    assert _who(request.session.session_key) == parent


def test_a_person_sees_their_open_sessions_latest_first(parent, newcomer, frozen_clock):
    first = _log_in(remembered=True)
    frozen_clock.advance(minutes=3)
    second = _log_in()
    services.record_session(user=newcomer, session_key="other", network="", agent="", remembered=False)
    seen = queries.open_sessions(parent)
    assert [row.session_key for row in seen] == [second.session.session_key, first.session.session_key]
    assert [(row.label, row.network, row.remembered) for row in seen] == [
        ("Firefox sur Android", NETWORK, False),
        ("Firefox sur Android", NETWORK, True),
    ]


def test_an_expired_session_is_no_longer_listed(parent, frozen_clock):
    _log_in()
    frozen_clock.advance(seconds=settings.SESSION_COOKIE_AGE)
    assert queries.open_sessions(parent) == []


def test_listing_costs_one_query_for_one_or_many_sessions(parent, django_assert_num_queries):
    _log_in()
    with django_assert_num_queries(1):
        assert len(queries.open_sessions(parent)) == 1
    for _ in range(4):
        _log_in()
    with django_assert_num_queries(1):
        assert len(queries.open_sessions(parent)) == 5


@pytest.mark.row("C06")
def test_ending_a_session_logs_that_device_out(parent):
    here, there = _log_in(), _log_in()
    row = UserSession.objects.get(session_key=there.session.session_key)
    assert services.end_session(user=parent, public_id=row.public_id, by=SYSTEM) is True
    assert _who(there.session.session_key).is_anonymous
    assert _who(here.session.session_key) == parent
    assert services.end_session(user=parent, public_id=row.public_id, by=SYSTEM) is False


def test_nobody_ends_the_session_of_another(parent, newcomer):
    request = _log_in()
    row = UserSession.objects.get()
    assert services.end_session(user=newcomer, public_id=row.public_id, by=SYSTEM) is False
    assert _who(request.session.session_key) == parent


def test_ending_the_other_sessions_keeps_this_one(parent):
    here, there = _log_in(), _log_in()
    assert services.end_other_sessions(user=parent, keep_session_key=here.session.session_key, by=SYSTEM) == 1
    assert _who(there.session.session_key).is_anonymous
    assert _who(here.session.session_key) == parent
    assert services.end_other_sessions(user=parent, keep_session_key=here.session.session_key, by=SYSTEM) == 0
    assert AuditEvent.objects.filter(action="sessions_ended").values_list("details", flat=True).get() == {"count": 1}


def test_a_new_password_closes_the_others_even_those_never_listed(parent):
    here, there = _log_in(), _log_in()
    unlisted = _request()
    login(unlisted, enter("julie.d").user)
    unlisted.session.save()
    old_key = here.session.session_key
    services.change_password(
        user=parent,
        current=PASSWORD,
        new_password="tambour cerise igloo",
        keep_session_key=old_key,
        by=SYSTEM,
    )
    here.user = parent
    update_session_auth_hash(here, parent)
    here.session.save()
    services.renew_session(old_key=old_key, new_key=here.session.session_key)
    assert _who(here.session.session_key) == parent
    assert [row.session_key for row in queries.open_sessions(parent)] == [here.session.session_key]
    assert _who(there.session.session_key).is_anonymous
    assert _who(unlisted.session.session_key).is_anonymous
    assert _who(old_key).is_anonymous


def test_suspending_an_account_closes_its_sessions(parent):
    request = _log_in()
    services.suspend_account(user=parent, by=SYSTEM)
    assert _who(request.session.session_key).is_anonymous
    assert Session.objects.count() == 0


def test_logging_out_forgets_the_session(parent):
    request = _log_in()
    services.forget_session(session_key=request.session.session_key)
    assert queries.open_sessions(parent) == []


def test_a_session_is_noted_again_under_the_same_key(parent, newcomer):
    services.record_session(user=parent, session_key="k", network=NETWORK, agent="", remembered=True)
    services.record_session(user=newcomer, session_key="k", network=NETWORK, agent="", remembered=False)
    assert list(UserSession.objects.values_list("user_id", "remembered")) == [(newcomer.pk, False)]


def test_being_seen_writes_every_five_minutes_at_most(parent, frozen_clock):
    services.record_session(user=parent, session_key="k", network=NETWORK, agent="", remembered=False)
    opened = frozen_clock.now()
    frozen_clock.advance(minutes=5)
    services.see_session(session_key="k")
    assert UserSession.objects.get().last_seen_at == opened
    frozen_clock.advance(seconds=1)
    services.see_session(session_key="k")
    assert UserSession.objects.get().last_seen_at == opened + timedelta(minutes=5, seconds=1)
