"""What a person changes in their own account: password (S15, V28) and e-mail."""

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from preau.domain.accounts import identifiers, letters, passwords, queries
from preau.domain.accounts.errors import EmailRefusedError, LinkRefusedError, PasswordRefusedError
from preau.domain.accounts.models import LinkPurpose, User
from preau.domain.accounts.services import credentials, links
from preau.domain.accounts.services.links import LinkFor
from preau.domain.accounts.services.signing_in import prove_password
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record


def change_password(*, user: User, current: str, new_password: str, keep_session_key: str | None, by: Actor) -> None:
    """Replace the password: other sessions close and the owner is told by mail (S15, W7).

    The caller then calls `django.contrib.auth.update_session_auth_hash` and `renew_session`.

    Raises:
        WrongPasswordError, TooManyTriesError, TooBusyError: as `prove_password`, for `current`.
        PasswordRefusedError: the new one breaks the rule or is the current one.
    """
    prove_password(user=user, password=current, session_key=keep_session_key)
    if new_password == current:
        raise PasswordRefusedError(["C’est déjà votre mot de passe. Choisissez-en un autre."])
    passwords.accept_new_password(new_password, user=user)
    encoded = make_password(new_password)
    with transaction.atomic():
        credentials.put_password(user=user, encoded=encoded, keep_session_key=keep_session_key)
        record(by=by, action="password_changed", subject=f"user:{user.public_id}")


def request_email_change(*, user: User, new_email: str, password: str, link_for: LinkFor, by: Actor) -> None:
    """Send a link to the new address and warn the old one; nothing changes before the link is opened.

    The answer is the same when the address already serves another account: only its owner is told (W1).

    Raises:
        EmailRefusedError: the text is no address.
        WrongPasswordError, TooManyTriesError, TooBusyError: as `prove_password`.
    """
    address = valid_email(new_email)
    prove_password(user=user, password=password)
    with transaction.atomic():
        ask_confirmation(user=user, email=address, link_for=link_for)
        if user.email:
            key = f"{user.public_id}:{clock.now().isoformat()}"
            links.post(letters.email_change_asked(user), to=user.email, kind="email_change_asked", key=key)
        record(by=by, action="email_change_asked", subject=f"user:{user.public_id}")


def confirm_email_change(*, user: User, token: str, by: Actor) -> None:
    """The reader of the new address, logged in, takes it for their account.

    Holding the link is not enough: an address typed wrong is read by a stranger.

    Raises:
        LinkRefusedError: the link does not live or is another account's, or the address was taken meanwhile.
    """
    link = queries.live_link(token=token, purpose=LinkPurpose.CONFIRM_EMAIL)
    if link is None or link.user_id != user.pk:
        raise LinkRefusedError
    before = user.email
    try:
        with transaction.atomic():
            links.use_link(link)
            user.email = link.email
            user.save(update_fields=["email"])
            links.withdraw_links(user)
            if before:
                key = f"link:{link.pk}"
                links.post(letters.email_changed(user), to=before, kind="email_changed", key=key)
            record(by=by, action="email_changed", subject=f"user:{user.public_id}")
    except IntegrityError as taken:
        raise LinkRefusedError from taken


def ask_confirmation(*, user: User, email: str, link_for: LinkFor) -> None:
    """Queue one mail to `email` in the caller's transaction: a link, or a word to whom it already serves."""
    link, token = links.write_link(user=user, purpose=LinkPurpose.CONFIRM_EMAIL, email=email)
    owner = User.objects.filter(email=email).exclude(pk=user.pk).first()
    if owner is None:
        letter = letters.confirm_email(user, address=links.address_of(token, link_for=link_for))
    else:
        letter = letters.email_already_used(owner)
    links.post(letter, to=email, kind=LinkPurpose.CONFIRM_EMAIL, key=f"link:{link.pk}")


def valid_email(typed: str) -> str:
    """The address as stored.

    Raises:
        EmailRefusedError: the text is no address.
    """
    address = identifiers.plain(typed)
    try:
        validate_email(address)
    except ValidationError as refusal:
        raise EmailRefusedError from refusal
    return address
