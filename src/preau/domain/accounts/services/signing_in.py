"""Entering with an identifier and a password, and proving the password again."""

import logging
import secrets
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password

from preau.domain.accounts import marks, queries, rules
from preau.domain.accounts.errors import CredentialsRefusedError, TooBusyError, WrongPasswordError
from preau.domain.accounts.models import KnownDevice, Scope, User, UserSession
from preau.domain.accounts.services import throttle
from preau.foundation import clock

logger = logging.getLogger(__name__)

#: Browsers remembered per account; the longest unseen makes room.
_DEVICES_KEPT = 10


@dataclass(frozen=True, slots=True)
class SignInOutcome:
    """Who came in; `device_token` goes into a long-lived cookie that is never readable by scripts."""

    user: User
    device_token: str = field(repr=False)
    must_change_password: bool


def sign_in(
    *, identifier: str, password: str, device_token: str | None, network: str, agent: str = ""
) -> SignInOutcome:
    """Check who comes in; the caller then opens the session: `django.contrib.auth.login`, `record_session`.

    `identifier` is an access code, a user name or an e-mail; `network` the client's address; `agent` its
    User-Agent.
    Unknown and known identifiers cost the same queries and one password hash each (W1).

    Raises:
        TooManyTriesError: the account (from this kind of device), the network or the site must wait.
        CredentialsRefusedError: anything else that is wrong.
        TooBusyError: no hashing slot came free; the try is not counted.
    """
    claim = queries.claim(identifier)
    device = _known_device(claim.user, device_token)
    watches = _watches(claim, device=device, network=network)
    spent = throttle.spend(*watches)
    try:
        right = _is_password_of(claim.user, password)
    except TooBusyError:
        throttle.take_back(spent)
        raise
    if claim.user is None or not right:
        logger.info("sign-in refused from %s", rules.network_of(network))
        raise CredentialsRefusedError
    if device is None:
        throttle.take_back(spent)
    else:
        throttle.forget(*watches)
    return admit(user=claim.user, device_token=device_token, device=device, agent=agent)


def admit(*, user: User, device_token: str | None, device: KnownDevice | None = None, agent: str) -> SignInOutcome:
    """Someone proved to be `user`: their browser becomes known."""
    device = device or _known_device(user, device_token)
    if device is not None and device_token is not None:
        KnownDevice.objects.filter(pk=device.pk).update(last_seen_at=clock.now())
        return SignInOutcome(user, device_token, user.must_change_password)
    token = secrets.token_urlsafe(24)
    now = clock.now()
    KnownDevice.objects.create(
        user=user,
        token_mark=marks.mark("device", token),
        label=rules.device_label(agent),
        created_at=now,
        last_seen_at=now,
    )
    kept = KnownDevice.objects.filter(user=user).order_by("-last_seen_at", "-pk").values("pk")[:_DEVICES_KEPT]
    KnownDevice.objects.filter(user=user).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return SignInOutcome(user, token, user.must_change_password)


def prove_password(*, user: User, password: str, session_key: str | None = None) -> None:
    """The person inside types their password again, before paying or changing data (C06).

    Raises:
        WrongPasswordError: it is not theirs.
        TooManyTriesError: too many were wrong.
        TooBusyError: no hashing slot came free; the try is not counted.
    """
    watch = throttle.Watch(Scope.PROOF, str(user.pk))
    spent = throttle.spend(watch)
    try:
        right = user.check_password(password)
    except TooBusyError:
        throttle.take_back(spent)
        raise
    if not right:
        raise WrongPasswordError
    throttle.forget(watch)
    if session_key:
        UserSession.objects.filter(user=user, session_key=session_key).update(password_proved_at=clock.now())


def strangers_watch(user: User) -> throttle.Watch:
    """The counter of failures on this account from unknown devices."""
    return throttle.Watch(Scope.STRANGER, f"user:{user.pk}")


def _watches(claim: queries.Claim, *, device: KnownDevice | None, network: str) -> list[throttle.Watch]:
    """A known device answers for itself alone: neither strangers nor its network can slow it (W2, W3)."""
    if device is not None:
        return [throttle.Watch(Scope.DEVICE, str(device.pk))]
    account = strangers_watch(claim.user) if claim.user else throttle.Watch(Scope.STRANGER, claim.typed)
    return [
        account,
        throttle.Watch(Scope.NETWORK, rules.network_of(network)),
        throttle.Watch(Scope.EVERYWHERE),
    ]


def _known_device(user: User | None, device_token: str | None) -> KnownDevice | None:
    return KnownDevice.objects.filter(
        user_id=user.pk if user else 0,
        token_mark__in=marks.readable_marks("device", device_token or ""),
    ).first()


def _is_password_of(user: User | None, password: str) -> bool:
    """One hash whoever is named: an unknown or closed account costs what a wrong password costs."""
    if user is None or not user.is_active:
        make_password(password)
        return False
    return user.check_password(password)
