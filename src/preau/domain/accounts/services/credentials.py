"""Choosing a password: the writes shared by activation, mailed link and change."""

from django.db.models import Q

from preau.domain.accounts import letters
from preau.domain.accounts.models import ActivationCode, User
from preau.domain.accounts.services import links, sessions, signing_in, throttle
from preau.foundation import clock


def put_password(*, user: User, encoded: str, keep_session_key: str | None) -> None:
    """Write an already hashed password in the caller's transaction.

    Codes and links made for the old one die, other sessions close, failures of strangers are forgotten, and
    the owner is told by mail.
    """
    now = clock.now()
    first = not user.is_activated
    user.password, user.password_changed_at, user.must_change_password = encoded, now, False
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    links.withdraw_links(user)
    withdraw_codes(user)
    sessions.close_sessions(user=user, keep_session_key=keep_session_key)
    throttle.forget(signing_in.strangers_watch(user))
    if user.email and not first:
        letter = letters.password_changed(user)
        links.post(letter, to=user.email, kind="password_changed", key=f"{user.public_id}:{now.isoformat()}")


def withdraw_codes(user: User) -> None:
    """Codes still alive can no longer be typed."""
    live = Q(used_at__isnull=True, withdrawn_at__isnull=True)
    ActivationCode.objects.filter(live, user=user).update(withdrawn_at=clock.now())
