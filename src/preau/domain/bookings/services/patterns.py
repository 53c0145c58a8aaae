"""Putting a pattern in the draft, as its preview said (C31)."""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.bookings.queries.patterns import Pattern, Preview, preview_of
from preau.domain.bookings.services.drafts import draft_days
from preau.domain.families.models import Household

if TYPE_CHECKING:
    from preau.domain.bookings.changes import Change


@transaction.atomic
def apply_pattern(*, user: User, household: Household, pattern: Pattern, now: datetime, zone: ZoneInfo) -> Preview:
    """Draft what a pattern can change; what was done, and what was left aside.

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
        DraftTooLongError: more days than a draft may hold; nothing was written.
    """
    preview = preview_of(user=user, household=household, pattern=pattern, now=now, zone=zone)
    by_child: dict[str, list[Change]] = {}
    for change in preview.changes:
        by_child.setdefault(change.child.public_id, []).append(change)
    for child_id, theirs in by_child.items():
        boxes = {(change.activity.public_id, change.day): change.wanted for change in theirs}
        draft_days(user=user, household=household, child_id=child_id, boxes=boxes)
    return preview
