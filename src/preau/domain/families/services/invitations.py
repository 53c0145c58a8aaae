"""Opening the portal to the adults of families: one account and one activation code each (C03, L01)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from preau.domain.accounts import services as accounts
from preau.domain.accounts.models import User
from preau.domain.families import letters
from preau.domain.families.models import Guardian
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.mail import services as outbox

_PER_AUDIT_LINE = 500


@dataclass(frozen=True, slots=True)
class Invitation:
    """The two codes of an adult; `code`, such as `K7QF3-MXR2A-9PWT4`, exists in clear only here."""

    guardian: Guardian
    user: User
    code: str = field(repr=False)
    expires_at: datetime


def invite_guardian(*, guardian: Guardian, valid_for: timedelta, by: Actor) -> Invitation:
    """Give an adult an account if they have none, and a new activation code; earlier codes die."""
    return invite_guardians(guardians=[guardian], valid_for=valid_for, by=by)[0]


def invite_guardians(*, guardians: Sequence[Guardian], valid_for: timedelta, by: Actor) -> list[Invitation]:
    """The same for many, in this order, with as many queries for one as for a thousand."""
    if not guardians:
        return []
    expires_at = clock.now() + valid_for
    with transaction.atomic():
        users = open_logins(guardians=guardians, by=by)
        codes = accounts.issue_activation_codes(users=users, valid_for=valid_for, by=by)
    return [
        Invitation(guardian=guardian, user=user, code=codes[user.pk], expires_at=expires_at)
        for guardian, user in zip(guardians, users, strict=True)
    ]


def open_logins(*, guardians: Sequence[Guardian], by: Actor) -> list[User]:
    """The account of each adult, made and linked where there is none yet, whoever asks for it at the same time."""
    seen_without = [guardian for guardian in guardians if guardian.user is None]
    if seen_without:
        with transaction.atomic():
            rows = Guardian.objects.select_for_update(of=("self",)).select_related("user").order_by("pk")
            linked = rows.in_bulk([guardian.pk for guardian in seen_without])
            for guardian in seen_without:
                guardian.user = linked[guardian.pk].user
            without = [guardian for guardian in seen_without if guardian.user is None]
            people = [(guardian.full_name, guardian.email) for guardian in without]
            for guardian, user in zip(without, accounts.open_accounts(people=people, by=by), strict=True):
                guardian.user = user
            Guardian.objects.bulk_update(without, ["user"], batch_size=500)
    return [guardian.user for guardian in guardians if guardian.user is not None]


def mail_invitations(*, invitations: Sequence[Invitation], address: str, by: Actor) -> int:
    """Queue a mail for each; `address` is the page where the codes are typed. How many were queued.

    The codes are in the mail's text, hence in the outbox: they serve once and expire.
    """
    zone = the_town().zone
    with transaction.atomic():
        for invitation in invitations:
            letter = letters.invitation(
                invitation.user,
                household=invitation.guardian.household,
                code=invitation.code,
                until=french.day(invitation.expires_at.astimezone(zone).date()),
                address=address,
            )
            outbox.queue(
                kind="invitation",
                subject_key=f"{invitation.guardian.public_id}:{invitation.expires_at.isoformat()}",
                to=invitation.guardian.email,
                subject=letter.subject,
                text=letter.text,
                is_confidential=True,
            )
        _trace("invitations_mailed", invitations, by=by)
    return len(invitations)


def note_letters(*, invitations: Sequence[Invitation], by: Actor) -> None:
    """Trace that these invitations were handed over to be printed."""
    with transaction.atomic():
        _trace("invitations_printed", invitations, by=by)


def _trace(action: str, invitations: Sequence[Invitation], *, by: Actor) -> None:
    """One line for several hundred people, naming each by their public identifier."""
    for start in range(0, len(invitations), _PER_AUDIT_LINE):
        invited = [one.guardian.public_id for one in invitations[start : start + _PER_AUDIT_LINE]]
        record(by=by, action=action, subject="guardians", details={"count": len(invited), "guardians": invited})
