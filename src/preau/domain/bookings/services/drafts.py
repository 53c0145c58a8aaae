"""What a person ticked and has not saved yet (C33): nothing here is checked but who the child is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.activities.models import Activity
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.errors import DraftTooLongError
from preau.domain.bookings.models import DraftChange, OrderLine
from preau.domain.bookings.queries.proposals import Wish, live_bookings
from preau.domain.families.models import Child, Household
from preau.foundation import clock

#: Days a draft may hold: six children, four activities, two months.
MOST_DAYS = 1500

#: (activity public id, day): a box of the planning of one child.
Box = tuple[str, date]


@transaction.atomic
def draft_days(*, user: User, household: Household, child_id: str, boxes: Mapping[Box, Wanted]) -> int:
    """Write down what a person wants for boxes of one child (public id); how many days its draft now holds.

    A box that says what is already booked leaves the draft. The price, the place and the deadline are looked at by
    `proposal_of`, so that a refusal loses nothing.

    Raises:
        Child.DoesNotExist: no such child, or another family's (W11).
        DraftTooLongError: more days than a draft may hold; nothing was written.
    """
    child = Child.objects.get(public_id=child_id, homes=household)
    named = Activity.objects.filter(public_id__in={public_id for public_id, _ in boxes})
    activities = {activity.public_id: activity for activity in named}
    wishes = [
        Wish(child, activities[activity_id], day, wanted)
        for (activity_id, day), wanted in boxes.items()
        if activity_id in activities
    ]
    if wishes:
        _write(user, household, wishes)
    count = DraftChange.objects.filter(user=user, household=household).count()
    if count > MOST_DAYS:
        raise DraftTooLongError
    return count


def _write(user: User, household: Household, wishes: Sequence[Wish]) -> None:
    """Keep the wishes that change something, forget those that do not any more."""
    now = clock.now()
    child = wishes[0].child
    current = live_bookings(
        child_ids=[child.id],
        activity_ids={wish.activity.id for wish in wishes},
        first=min(wish.day for wish in wishes),
        last=max(wish.day for wish in wishes),
    )
    held = {(row.activity_id, row.day): row for row in DraftChange.objects.filter(user=user, child=child)}
    gone: list[int] = []
    new: list[DraftChange] = []
    changed: list[DraftChange] = []
    for wish in wishes:
        row = held.get((wish.activity.id, wish.day))
        if wish.wanted.is_what(current.get(wish.cell)):
            gone += [row.id] if row else []
            continue
        fresh = row or DraftChange(user=user, household=household, child=child, activity=wish.activity, day=wish.day)
        fresh.unit, fresh.made_at = wish.wanted.unit, now
        fresh.starts_minute, fresh.ends_minute = wish.wanted.starts_minute, wish.wanted.ends_minute
        (changed if row else new).append(fresh)
    DraftChange.objects.filter(id__in=gone).delete()
    DraftChange.objects.bulk_create(new, ignore_conflicts=True)
    DraftChange.objects.bulk_update(changed, ["unit", "starts_minute", "ends_minute", "made_at"])


def clear_draft(*, user: User, household: Household, child_id: str = "") -> int:
    """Forget the draft of a person, or of one child of it (public id); how many days it held."""
    mine = DraftChange.objects.filter(user=user, household=household)
    deleted, _ = (mine.filter(child__public_id=child_id) if child_id else mine).delete()
    return deleted


def forget_saved(*, user: User, cells: Iterable[tuple[int, int, date]]) -> None:
    """Take saved days (child, activity, day) out of the draft of whoever saved them."""
    cells = set(cells)
    mine = DraftChange.objects.filter(user=user, child__in={child for child, _, _ in cells})
    saved = [row.id for row in mine if (row.child_id, row.activity_id, row.day) in cells]
    DraftChange.objects.filter(id__in=saved).delete()


def draft_again(*, user: User, lines: Iterable[OrderLine]) -> None:
    """Put days that are no longer held back in the draft they came from, so that nothing ticked is lost."""
    now = clock.now()
    DraftChange.objects.bulk_create(
        [
            DraftChange(
                user=user,
                household=line.booking.household,
                child=line.booking.child,
                activity=line.booking.activity,
                day=line.booking.day,
                unit=line.booking.unit if line.kind == OrderLine.Kind.ADD else None,
                starts_minute=line.booking.starts_minute if line.kind == OrderLine.Kind.ADD else None,
                ends_minute=line.booking.ends_minute if line.kind == OrderLine.Kind.ADD else None,
                made_at=now,
            )
            # A day changed is removed and added: what it becomes is what was ticked.
            for line in sorted(lines, key=lambda line: line.kind)
        ],
        ignore_conflicts=True,
    )
