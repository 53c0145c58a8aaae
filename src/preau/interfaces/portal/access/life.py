"""How long a session lives: half an hour of silence, or the days the town gives if it is remembered (V27, C06)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from preau.foundation import clock

_SEEN, _REMEMBERED = "seen", "remembered"
#: A sign of life is written at most this often.
_SIGN_EVERY = timedelta(minutes=1)
#: The warning on the page ends after the session, so that nobody is brought back into it at the last second.
_MARGIN = timedelta(seconds=2)


def begin(session: SessionBase, *, remember_for: timedelta | None) -> None:
    """Start counting. Without `remember_for` the browser forgets the session when it closes."""
    renew(session)
    if remember_for is None:
        session.set_expiry(0)
    else:
        session[_REMEMBERED] = True
        session.set_expiry(clock.now() + remember_for)


def renew(session: SessionBase) -> None:
    """Somebody is there: the silence starts again."""
    session[_SEEN] = clock.now().timestamp()


def sign(session: SessionBase) -> bool:
    """The same for each page asked; whether it had to be written."""
    if clock.now() - _seen(session) < _SIGN_EVERY and _SEEN in session:
        return False
    renew(session)
    return True


def is_over(session: SessionBase) -> bool:
    """Whether nobody gave a sign for too long; a remembered session ends by its date alone."""
    return _REMEMBERED not in session and clock.now() - _seen(session) >= _longest_silence()


def ends_in(session: SessionBase) -> int:
    """Seconds from now to the end of the session if nobody gives a sign."""
    if _REMEMBERED in session:
        return int(session.get_expiry_age())
    return int((_longest_silence() - (clock.now() - _seen(session)) + _MARGIN).total_seconds())


def _seen(session: SessionBase) -> datetime:
    now = clock.now()
    return datetime.fromtimestamp(session.get(_SEEN, now.timestamp()), tz=now.tzinfo)


def _longest_silence() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)
