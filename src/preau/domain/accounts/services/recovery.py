"""Forgotten code or password: one request serves both (L13, S05, C07, V17)."""

from django.contrib.auth.hashers import make_password
from django.db import transaction

from preau.domain.accounts import identifiers, letters, passwords, queries, rules
from preau.domain.accounts.errors import LinkRefusedError, TooManyTriesError
from preau.domain.accounts.models import LinkPurpose, Scope, User
from preau.domain.accounts.services import credentials, links, throttle
from preau.domain.accounts.services.links import LinkFor, actor_of
from preau.domain.accounts.services.signing_in import SignInOutcome, admit
from preau.foundation.audit.services import record


def request_identifiers(*, email: str, link_for: LinkFor, network: str) -> None:
    """Mail the access code and a one-hour link to a known address; say nothing either way (W1).

    For an unknown address the same rows are written, then undone: same queries, same time, no mail. Requests
    past a few per address and hour, or per network, are dropped in silence.
    """
    address = identifiers.plain(email)
    try:
        throttle.spend(
            throttle.Watch(Scope.RECOVERY, address),
            throttle.Watch(Scope.RECOVERY_NETWORK, rules.network_of(network)),
        )
    except TooManyTriesError:
        return
    known = User.objects.filter(email=address, is_active=True).first()
    user = known or User(pk=0, display_name="Personne")
    with transaction.atomic(), transaction.atomic():
        link, token = links.write_link(user=user, purpose=LinkPurpose.RESET_PASSWORD, email=address)
        letter = letters.forgotten_identifiers(user, address=links.address_of(token, link_for=link_for))
        links.post(letter, to=address, kind="identifiers", key=f"link:{link.pk}")
        record(by=actor_of(user, network=network), action="identifiers_asked", subject=f"user:{user.public_id}")
        transaction.set_rollback(known is None)


def reset_password(
    *, token: str, new_password: str, network: str, agent: str = "", device_token: str | None = None
) -> SignInOutcome:
    """Choose a password from a mailed link; the caller then opens a session.

    The proof by mail opens at once, whatever strangers did to the account's counters (W3).

    Raises:
        LinkRefusedError: the link does not live.
        PasswordRefusedError: the link still lives, the password breaks the rule.
        TooBusyError: no hashing slot came free.
    """
    link = queries.live_link(token=token, purpose=LinkPurpose.RESET_PASSWORD)
    if link is None:
        raise LinkRefusedError
    user = link.user
    passwords.accept_new_password(new_password, user=user)
    encoded = make_password(new_password)
    with transaction.atomic():
        links.use_link(link)
        credentials.put_password(user=user, encoded=encoded, keep_session_key=None)
        outcome = admit(user=user, device_token=device_token, agent=agent)
        record(by=actor_of(user, network=network), action="password_reset", subject=f"user:{user.public_id}")
    return outcome
