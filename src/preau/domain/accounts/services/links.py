"""Mailed links: written with the mail that carries them, used once (W5, W6)."""

import secrets
from collections.abc import Callable

from django.conf import settings

from preau.domain.accounts import letters, marks, rules
from preau.domain.accounts.errors import LinkRefusedError
from preau.domain.accounts.models import LinkPurpose, MailedLink, User
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.mail import services as outbox

#: Gives the path of the page that opens a token, such as `/mot-de-passe/<token>/`; the host is the settings'.
LinkFor = Callable[[str], str]


def write_link(*, user: User, purpose: LinkPurpose, email: str) -> tuple[MailedLink, str]:
    """A new link and its token, which exists in clear only in the mail."""
    now = clock.now()
    token = secrets.token_urlsafe(32)
    link = MailedLink.objects.create(
        user_id=user.pk,
        purpose=purpose,
        token_mark=marks.mark("link", token),
        email=email,
        created_at=now,
        expires_at=now + rules.LINK_LIFE,
    )
    return link, token


def address_of(token: str, *, link_for: LinkFor) -> str:
    """The address printed in the mail: the configured host, never the one of a request (W5)."""
    return f"{settings.PREAU_PUBLIC_URL}{link_for(token)}"


def use_link(link: MailedLink) -> None:
    """Spend a link in the caller's transaction.

    Raises:
        LinkRefusedError: another request spent it first.
    """
    free = MailedLink.objects.filter(pk=link.pk, used_at__isnull=True, withdrawn_at__isnull=True)
    if free.update(used_at=clock.now()) != 1:
        raise LinkRefusedError


def withdraw_links(*users: User) -> None:
    """Every link not yet used dies: the password or the address it was made for has changed (W6)."""
    live = MailedLink.objects.filter(user__in=users, used_at__isnull=True, withdrawn_at__isnull=True)
    live.update(withdrawn_at=clock.now())


def post(letter: letters.Letter, *, to: str, kind: str, key: str) -> None:
    """Queue a letter in the caller's transaction."""
    outbox.queue(kind=kind, subject_key=key, to=to, subject=letter.subject, text=letter.text, is_confidential=True)


def actor_of(user: User, *, network: str = "") -> Actor:
    """The person acting on their own account."""
    return Actor(kind="family", key=user.public_id, network=network)
