"""Reads about accounts."""

from dataclasses import dataclass

from django.contrib.sessions.models import Session

from preau.domain.accounts import identifiers, marks, rules
from preau.domain.accounts.models import (
    CODE_TRIES,
    ActivationCode,
    LinkPurpose,
    MailedLink,
    User,
    UserSession,
)
from preau.foundation import clock


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says they are: what they typed, brought to one form, and the account it names, if any."""

    typed: str
    user: User | None
    #: Other accounts whose code proves the same claim: the adults of one family file.
    relatives: tuple[User, ...] = ()


def claim(identifier: str) -> Claim:
    """The account named by an access code, a user name or an e-mail (L10, C05, S03)."""
    field, value = identifiers.read(identifier)
    return Claim(typed=f"{field}:{value}", user=User.objects.filter(**{field: value}).first())


def live_activation_codes(claim: Claim) -> list[ActivationCode]:
    """The codes that still open the accounts of a claim, with their users; none for nobody, after as much work."""
    named = [user.pk for user in (claim.user, *claim.relatives) if user is not None]
    return list(
        ActivationCode.objects.select_related("user").filter(
            user_id__in=named or [0],
            user__is_active=True,
            used_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=clock.now(),
            failures__lt=CODE_TRIES,
        )
    )


def live_link(*, token: str, purpose: LinkPurpose) -> MailedLink | None:
    """The link this token opens, while it lives and its account is open; reading it changes nothing."""
    return (
        MailedLink.objects.select_related("user")
        .filter(
            token_mark__in=marks.readable_marks("link", token),
            purpose=purpose,
            used_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=clock.now(),
            user__is_active=True,
        )
        .first()
    )


def open_sessions(user: User) -> list[UserSession]:
    """The person's sessions that still live, latest seen first; `session_key` tells the current one."""
    living = Session.objects.filter(expire_date__gt=clock.now()).values("session_key")
    return list(
        UserSession.objects.filter(user=user, session_key__in=living).order_by("-last_seen_at", "-pk"),
    )


def is_password_needed(*, session_key: str | None) -> bool:
    """Whether this session must prove its password again before paying or changing data (C06).

    A session that was never recorded must.
    """
    session = UserSession.objects.filter(session_key=session_key).first()
    return session is None or rules.needs_password_again(
        remembered=session.remembered, proved_at=session.password_proved_at, now=clock.now()
    )
