"""The sessions a person sees and ends (C06, W7)."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from preau.domain.accounts import rules
from preau.domain.accounts.models import User, UserSession
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

#: A session's « vue » instant is written at most this often.
_SEEN_EVERY = timedelta(minutes=5)


def record_session(*, user: User, session_key: str, network: str, agent: str, remembered: bool) -> UserSession:
    """Note a session just opened by a right password, under the key it has after `login()`."""
    now = clock.now()
    session, _ = UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": user,
            "label": rules.device_label(agent),
            "network": rules.network_of(network),
            "remembered": remembered,
            "created_at": now,
            "last_seen_at": now,
            "password_proved_at": now,
        },
    )
    return session


def renew_session(*, old_key: str, new_key: str) -> None:
    """Follow a session whose key was renewed, after a change of password."""
    UserSession.objects.filter(session_key=old_key).update(session_key=new_key)


def see_session(*, session_key: str) -> None:
    """Note that the session was used; costs one query, and a write every five minutes at most."""
    now = clock.now()
    stale = UserSession.objects.filter(session_key=session_key, last_seen_at__lt=now - _SEEN_EVERY)
    stale.update(last_seen_at=now)


def forget_session(*, session_key: str) -> None:
    """The person logged out here."""
    UserSession.objects.filter(session_key=session_key).delete()


def end_session(*, user: User, public_id: str, by: Actor) -> bool:
    """End one of the person's own sessions; False when there is none such, theirs or not."""
    with transaction.atomic():
        mine = UserSession.objects.filter(user=user, public_id=public_id)
        keys = list(mine.values_list("session_key", flat=True))
        _end(keys)
        if keys:
            record(by=by, action="session_ended", subject=f"user:{user.public_id}")
    return bool(keys)


def end_other_sessions(*, user: User, keep_session_key: str | None, by: Actor) -> int:
    """End every session but the current one; how many were ended."""
    with transaction.atomic():
        ended = close_sessions(user=user, keep_session_key=keep_session_key)
        if ended:
            record(by=by, action="sessions_ended", subject=f"user:{user.public_id}", details={"count": ended})
    return ended


def close_sessions(*, user: User, keep_session_key: str | None) -> int:
    """End sessions in the caller's transaction, which says why in its own audit line."""
    others = UserSession.objects.filter(user=user).exclude(session_key=keep_session_key or "")
    keys = list(others.values_list("session_key", flat=True))
    _end(keys)
    return len(keys)


def _end(session_keys: list[str]) -> None:
    Session.objects.filter(session_key__in=session_keys).delete()
    UserSession.objects.filter(session_key__in=session_keys).delete()
