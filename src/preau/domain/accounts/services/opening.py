"""Opening, closing and keeping accounts: done by the town or by the person for the terms."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from preau.domain.accounts import identifiers, passwords
from preau.domain.accounts.errors import AccountRefusedError, EmailRefusedError
from preau.domain.accounts.models import User
from preau.domain.accounts.services import credentials, links, sessions
from preau.domain.accounts.services.changes import valid_email
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record


def open_account(
    *,
    display_name: str,
    by: Actor,
    email: str = "",
    username: str = "",
    password: str | None = None,
) -> User:
    """A new account; without a password it waits for an activation code or a mailed link.

    Raises:
        AccountRefusedError: the e-mail or user name already serves, or the name could be taken for a code.
        EmailRefusedError: the e-mail is no address.
        PasswordRefusedError: the password breaks the rule.
    """
    if username and not identifiers.is_username(identifiers.plain(username)):
        raise AccountRefusedError(
            "Un nom d’utilisateur commence par une lettre et contient des lettres sans accent, "
            "des chiffres, des points ou des tirets."
        )
    address = valid_email(email) if email else None
    if password is not None:
        passwords.accept_new_password(password, user=User(display_name=display_name, email=address))
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                display_name=display_name, email=address, username=username or None, password=password
            )
            record(by=by, action="account_opened", subject=f"user:{user.public_id}")
    except IntegrityError as taken:
        raise AccountRefusedError("Cet e-mail ou ce nom d’utilisateur sert déjà à un autre compte.") from taken
    return user


def open_accounts(*, people: Sequence[tuple[str, str]], by: Actor) -> list[User]:
    """One account for each (display name, e-mail), in this order, waiting for a code: as many queries for a thousand.

    An e-mail that is empty, no address, or already an account's is left out: its owner keeps it.
    """
    taken = {"", *User.objects.exclude(email=None).values_list("email", flat=True)}
    users = []
    for display_name, email in people:
        address = identifiers.plain(email)
        free = address not in taken and _is_email(address)
        taken.add(address)
        user = User(display_name=display_name, email=address if free else None, created_at=clock.now())
        user.set_unusable_password()
        users.append(user)
    with transaction.atomic():
        users = User.objects.bulk_create(users, batch_size=500)
        if users:
            record(by=by, action="accounts_opened", subject="users", details={"count": len(users)})
    return users


def _is_email(address: str) -> bool:
    try:
        valid_email(address)
    except EmailRefusedError:
        return False
    return True


def correct_emails(*, people: Sequence[tuple[User, str]], by: Actor) -> None:
    """The town corrects the addresses of accounts that nobody entered yet: links mailed to the former ones die (W6).

    As in `open_accounts`, an e-mail that is no address or already an account's is left out.
    """
    users = [user for user, _ in people]
    with transaction.atomic():
        same = User.objects.filter(pk__in=[user.pk for user in users])
        same.update(email=None)  # two of them may exchange theirs
        taken = {"", *User.objects.exclude(email=None).values_list("email", flat=True)}
        for user, email in people:
            address = identifiers.plain(email)
            user.email = address if address not in taken and _is_email(address) else None
            taken.add(address)
        User.objects.bulk_update(users, ["email"], batch_size=500)
        links.withdraw_links(*users)
        record(by=by, action="emails_corrected", subject="users", details={"count": len(users)})


def require_new_password(*, user: User, by: Actor) -> None:
    """The password was given by someone else: the next entry must choose another (S11, V28)."""
    with transaction.atomic():
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])
        record(by=by, action="new_password_required", subject=f"user:{user.public_id}")


def suspend_account(*, user: User, by: Actor) -> None:
    """Close the account: its sessions end, its codes and links die (W7)."""
    with transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        sessions.close_sessions(user=user, keep_session_key=None)
        credentials.withdraw_codes(user)
        links.withdraw_links(user)
        record(by=by, action="account_suspended", subject=f"user:{user.public_id}")


def reopen_account(*, user: User, by: Actor) -> None:
    """Let a suspended account in again, with the password it had."""
    with transaction.atomic():
        user.is_active = True
        user.save(update_fields=["is_active"])
        record(by=by, action="account_reopened", subject=f"user:{user.public_id}")


def accept_terms(*, user: User, version: str, by: Actor) -> None:
    """Date the acceptance of a version of the terms (C19); earlier ones stay in the audit trail."""
    with transaction.atomic():
        user.accepted_terms_version, user.accepted_terms_at = version, clock.now()
        user.save(update_fields=["accepted_terms_version", "accepted_terms_at"])
        record(by=by, action="terms_accepted", subject=f"user:{user.public_id}", details={"version": version})
