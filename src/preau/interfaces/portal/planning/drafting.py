"""Keeping what a form of the planning says; nothing of it is lost, whatever its button then does (C33)."""

from preau.domain.bookings.errors import DraftTooLongError
from preau.domain.bookings.services.choosing import choose_days, tick_row
from preau.foundation import clock
from preau.interfaces.doors import or_404
from preau.interfaces.portal.planning import wording
from preau.interfaces.portal.planning.forms import Posted, posted_choices, row_choice
from preau.interfaces.portal.planning.where import Where, public_id_of
from preau.interfaces.portal.rights import FamilyRequest


def keep_choices(request: FamilyRequest, where: Where) -> Posted:
    """Draft the boxes that a form names; what it says that cannot be kept, with the reasons."""
    posted = posted_choices(request.POST)
    try:
        with or_404():
            refused = choose_days(
                user=request.user,
                household=request.household,
                child_id=where.child_id,
                choices=posted.choices,
                now=clock.now(),
                zone=request.town.zone,
            )
    except DraftTooLongError as refusal:
        posted.faults = [refusal.message]
    else:
        posted.refused |= refused
    return posted


def tick_row_of(request: FamilyRequest, where: Where, activity_id: str) -> str:
    """Tick a row of the period shown; what was done, in words (C30)."""
    activity_id = public_id_of(activity_id)
    try:
        with or_404():
            done = tick_row(
                user=request.user,
                household=request.household,
                child_id=where.child_id,
                activity_id=activity_id,
                period=where.period,
                choice=row_choice(request.POST, activity_id),
                now=clock.now(),
                zone=request.town.zone,
            )
    except DraftTooLongError as refusal:
        return refusal.message
    return wording.ticked_words(done.activity, ticked=done.ticked, unticked=done.unticked, skipped=done.skipped)
