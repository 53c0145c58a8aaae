"""A child's enrolment in an activity: asked by a family, decided by an agent, kept for ever (C12, C13, C47)."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction

from preau.domain.activities.models import Activity, ActivityGroup
from preau.domain.bookings.errors import EnrolmentRefusedError
from preau.domain.bookings.letters import tell_decision
from preau.domain.bookings.models import Booking, Enrolment, EnrolmentEvent
from preau.domain.bookings.queries.enrolments import fitting_group, why_not
from preau.domain.bookings.states import ENROLMENT_MOVES, LIVE_BOOKINGS, EnrolmentState
from preau.domain.families.models import Child, Household
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import SYSTEM, Actor
from preau.foundation.audit.services import record

_TWICE = "Une inscription à cette activité existe déjà pour cet enfant."


@transaction.atomic
def request_enrolment(
    *,
    household: Household,
    child_id: str,
    activity_id: str,
    papers: Iterable[str] = (),
    message: str = "",
    by: Actor,
) -> Enrolment:
    """Ask for a child (public id) to be enrolled in an activity (public id); accepted at once where no agent decides.

    Raises:
        Child.DoesNotExist, Activity.DoesNotExist: unknown, or another family's (W11).
        EnrolmentRefusedError: nothing was written; its message is for the family.
    """
    child = Child.objects.get(public_id=child_id, homes=household)
    activity = Activity.objects.select_related("school_year").get(public_id=activity_id, is_published=True)
    today = clock.today(the_town().zone)
    if why := why_not(child, activity, today=today):
        raise EnrolmentRefusedError(why)
    enrolment = Enrolment(
        child=child,
        household=household,
        activity=activity,
        first_day=max(activity.first_day, today),
        last_day=activity.last_day,
        papers_given=[paper for paper in papers if paper in activity.required_papers],
        message=message,
        requested_at=clock.now(),
    )
    try:
        with transaction.atomic():
            enrolment.save(force_insert=True)
    except IntegrityError as twice:
        raise EnrolmentRefusedError(_TWICE) from twice
    _tell(enrolment, "requested", by=by)
    if not activity.needs_decision:
        _move(enrolment, EnrolmentState.ACCEPTED, group=fitting_group(child, activity, on=today), by=SYSTEM)
    return enrolment


@transaction.atomic
def enrol(
    *,
    household: Household,
    child: Child,
    activity: Activity,
    group: ActivityGroup | None,
    first_day: date,
    last_day: date,
    by: Actor,
) -> Enrolment:
    """Enrol a child on an agent's word, whatever its age or class: the agent answers for it (V11).

    Raises:
        EnrolmentRefusedError: the child already has an enrolment, or the group is another activity's.
    """
    _check_group(group, activity)
    enrolment = Enrolment(
        child=child,
        household=household,
        activity=activity,
        first_day=first_day,
        last_day=last_day,
        requested_at=clock.now(),
    )
    try:
        with transaction.atomic():
            enrolment.save(force_insert=True)
    except IntegrityError as twice:
        raise EnrolmentRefusedError(_TWICE) from twice
    _tell(enrolment, "requested", by=by)
    _move(enrolment, EnrolmentState.ACCEPTED, group=group, by=by)
    record(by=by, action="enrolment.made", subject=enrolment.public_id)
    return enrolment


@transaction.atomic
def decide_enrolment(
    *, enrolment_id: str, accepted: bool, group: ActivityGroup | None = None, reason: str = "", by: Actor
) -> Enrolment:
    """Accept or refuse a request (public id); the family is told, with the reason of a refusal.

    Raises:
        EnrolmentRefusedError: already decided, a refusal without its reason, or another activity's group.
    """
    enrolment = _locked(enrolment_id)
    if not accepted and not reason.strip():
        raise EnrolmentRefusedError("Dites pourquoi la demande est refusée : la famille le lira.")
    _check_group(group, enrolment.activity)
    enrolment.reason = reason.strip()
    _move(enrolment, EnrolmentState.ACCEPTED if accepted else EnrolmentState.REFUSED, group=group, by=by)
    tell_decision(enrolment)
    record(by=by, action=f"enrolment.{enrolment.state}", subject=enrolment.public_id)
    return enrolment


@transaction.atomic
def withdraw_enrolment(*, household: Household, enrolment_id: str, by: Actor) -> Enrolment:
    """Take back a request that nobody decided yet.

    Raises:
        Enrolment.DoesNotExist: no such request, or another family's (W11).
        EnrolmentRefusedError: already decided.
    """
    enrolment = _locked(enrolment_id, household=household)
    _move(enrolment, EnrolmentState.WITHDRAWN, by=by)
    return enrolment


@transaction.atomic
def end_enrolment(*, enrolment_id: str, on: date, reason: str, by: Actor) -> Enrolment:
    """End an enrolment on its last day, that day included; refused while days are booked after it.

    Raises:
        EnrolmentRefusedError: not in force, without reason, or days booked after.
    """
    enrolment = _locked(enrolment_id)
    if not reason.strip():
        raise EnrolmentRefusedError("Dites pourquoi l’inscription se termine.")
    after = Booking.objects.filter(enrolment=enrolment, state__in=LIVE_BOOKINGS, day__gt=on).order_by("day").first()
    if after is not None:
        raise EnrolmentRefusedError(
            f"Des jours sont réservés après cette date, le premier le {french.day(after.day)} : annulez-les d’abord."
        )
    enrolment.reason, enrolment.last_day = reason.strip(), max(on, enrolment.first_day)
    _move(enrolment, EnrolmentState.ENDED, by=by)
    record(by=by, action="enrolment.ended", subject=enrolment.public_id)
    return enrolment


def _locked(enrolment_id: str, **values: object) -> Enrolment:
    rows = Enrolment.objects.select_for_update(of=("self",))
    return rows.select_related("child", "household", "activity__school_year").get(public_id=enrolment_id, **values)


def _check_group(group: ActivityGroup | None, activity: Activity) -> None:
    if group is not None and group.activity_id != activity.id:
        raise EnrolmentRefusedError("Ce groupe est celui d’une autre activité.")


def _move(enrolment: Enrolment, to: EnrolmentState, *, by: Actor, group: ActivityGroup | None = None) -> None:
    name = ENROLMENT_MOVES.get((EnrolmentState(enrolment.state), to))
    if name is None:
        raise EnrolmentRefusedError(f"Cette demande est déjà {enrolment.get_state_display()}.")
    enrolment.state, enrolment.decided_at = to, clock.now()
    enrolment.group = group or enrolment.group
    enrolment.save(update_fields=["state", "decided_at", "group", "reason", "last_day"])
    _tell(enrolment, name, by=by)


def _tell(enrolment: Enrolment, name: str, *, by: Actor) -> None:
    """Write the line of its history."""
    EnrolmentEvent.objects.create(
        enrolment=enrolment, name=name, reason=enrolment.reason, actor=str(by), at=clock.now()
    )
