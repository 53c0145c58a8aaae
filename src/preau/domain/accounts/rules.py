"""Pure rules: growing delays, when a password is asked again, how devices and networks are named."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)

#: A remembered session asks for the password again when the last proof is older (C06).
RECENT_PROOF = timedelta(minutes=30)
#: Life of a mailed link (L13, C07, W6).
LINK_LIFE = _HOUR


@dataclass(frozen=True, slots=True)
class Limit:
    """How failures slow the next tries.

    The first `free` failures cost nothing; the next one blocks for `first_delay`, each further one twice as
    long, never more than `longest_delay`. One failure is forgotten every `forgets_every`.
    """

    free: int
    first_delay: timedelta
    longest_delay: timedelta
    forgets_every: timedelta


@dataclass(frozen=True, slots=True)
class Count:
    """Failures counted against one key; `since` is the instant from which forgetting is reckoned."""

    failures: int
    since: datetime
    blocked_until: datetime | None = None

    def is_blocked(self, now: datetime) -> bool:
        return self.blocked_until is not None and now < self.blocked_until


#: Keyed by the value of `models.Scope`. `stranger` allows at most 25 tries in any 24 hours (reliability D.2).
LIMITS = {
    "stranger": Limit(free=4, first_delay=_MINUTE, longest_delay=2 * _HOUR, forgets_every=4 * _HOUR),
    "device": Limit(free=4, first_delay=_MINUTE, longest_delay=_HOUR, forgets_every=_HOUR),
    "proof": Limit(free=4, first_delay=_MINUTE, longest_delay=_HOUR, forgets_every=_HOUR),
    "network": Limit(free=30, first_delay=_MINUTE, longest_delay=15 * _MINUTE, forgets_every=2 * _MINUTE),
    "everywhere": Limit(free=1000, first_delay=_MINUTE, longest_delay=5 * _MINUTE, forgets_every=timedelta(seconds=3)),
    "activation": Limit(free=4, first_delay=15 * _MINUTE, longest_delay=2 * _HOUR, forgets_every=4 * _HOUR),
    "recovery": Limit(free=2, first_delay=10 * _MINUTE, longest_delay=4 * _HOUR, forgets_every=_HOUR),
    "recovery_network": Limit(free=20, first_delay=_MINUTE, longest_delay=_HOUR, forgets_every=2 * _MINUTE),
}


def delay_after(failures: int, limit: Limit) -> timedelta:
    """How long the next try waits once `failures` are counted."""
    beyond = failures - limit.free
    if beyond <= 0:
        return timedelta(0)
    doublings = min(beyond - 1, 20)
    return min(limit.first_delay * (1 << doublings), limit.longest_delay)


def remembered_failures(count: Count, limit: Limit, now: datetime) -> Count:
    """The count once what time has forgotten is taken off; a part of an interval is kept for later."""
    forgotten = max(0, (now - count.since) // limit.forgets_every)
    if forgotten >= count.failures:
        return replace(count, failures=0, since=now)
    return replace(count, failures=count.failures - forgotten, since=count.since + forgotten * limit.forgets_every)


def one_more_failure(count: Count, limit: Limit, now: datetime) -> Count:
    """The count after one more failure at `now`, with the block it brings."""
    kept = remembered_failures(count, limit, now)
    failures = kept.failures + 1
    delay = delay_after(failures, limit)
    return Count(failures=failures, since=kept.since, blocked_until=now + delay if delay else None)


def one_failure_less(count: Count, *, brought: datetime | None) -> Count:
    """The count once a try proved right is taken back, with the block `brought` by counting it first."""
    blocked_until = None if count.blocked_until == brought else count.blocked_until
    return replace(count, failures=max(0, count.failures - 1), blocked_until=blocked_until)


def needs_password_again(*, remembered: bool, proved_at: datetime, now: datetime) -> bool:
    """Whether paying or changing data must ask for the password in this session (C06)."""
    return remembered and now - proved_at > RECENT_PROOF


def waiting_words(wait: timedelta) -> str:
    """A wait rounded up to the minute, as read aloud: `1 minute`, `12 minutes`, `1 h 05`."""
    minutes = max(1, -(-wait // _MINUTE))
    if minutes == 1:
        return "1\u00a0minute"
    if minutes < 60:  # noqa: PLR2004  (minutes in an hour)
        return f"{minutes}\u00a0minutes"
    hours, rest = divmod(minutes, 60)
    return f"{hours}\u00a0h\u00a0{rest:02d}" if rest else f"{hours}\u00a0h"


def network_of(address: str) -> str:
    """What one subscriber holds: an IPv4 address, or the /64 of an IPv6 one; other texts pass unchanged."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


_BROWSERS = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device_label(user_agent: str) -> str:
    """How a session is named to its owner: `Firefox sur Android`, or `Appareil inconnu`."""
    browser = next((name for token, name in _BROWSERS if re.search(token, user_agent)), "")
    system = next((name for token, name in _SYSTEMS if re.search(token, user_agent)), "")
    return " sur ".join(filter(None, [browser, system])) or "Appareil inconnu"
