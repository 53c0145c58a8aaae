"""What time makes useless: called every day by the worker (CNIL 2021-122: no trace kept without need)."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q

from preau.domain.accounts.models import ActivationCode, KnownDevice, MailedLink, Tally, UserSession
from preau.foundation import clock

#: Every limit has forgotten its failures by then.
_TALLY_LIFE = timedelta(days=7)
_LINK_TRACE = timedelta(days=30)
_CODE_TRACE = timedelta(days=365)
_DEVICE_LIFE = timedelta(days=365)


def tidy() -> int:
    """Delete quiet counters, old links and codes, forgotten devices, ended sessions; count the rows."""
    now = clock.now()
    blocked = Q(blocked_until__gt=now)
    living = Session.objects.filter(expire_date__gt=now).values("session_key")
    gone = [
        Tally.objects.filter(counted_from__lt=now - _TALLY_LIFE).exclude(blocked).delete(),
        MailedLink.objects.filter(expires_at__lt=now - _LINK_TRACE).delete(),
        ActivationCode.objects.filter(expires_at__lt=now - _CODE_TRACE).delete(),
        KnownDevice.objects.filter(last_seen_at__lt=now - _DEVICE_LIFE).delete(),
        UserSession.objects.exclude(session_key__in=living).delete(),
        Session.objects.filter(expire_date__lte=now).delete(),
    ]
    return sum(count for count, _ in gone)
