"""A child's enrolment in an activity: asked by a family, decided by an agent, kept for ever (C12, C13, C47)."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import IntegrityError, transaction

from preau.domain.activities.models import Activity, ActivityGroup
from preau.domain.bookings.enrolment_letters import tell_decision, tell_received
from preau.domain.bookings.errors import EnrolmentRefusedError
from preau.domain.bookings.models import Booking, CareContract, Enrolment, EnrolmentEvent, WaitingEntry
from preau.domain.bookings.queries.enrolments import fitting_group, why_not
from preau.domain.bookings.rules.refusals import fault_of, reason_words
from preau.domain.bookings.services.orders import cancel_order, lock_days_of, lock_order
from preau.domain.bookings.states import (
    ENROLMENT_MOVES,
    BookingState,
    ContractState,
    EnrolmentState,
    OrderState,
    WaitingState,
)
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

    The family is told either way: what was decided, or until when it will be (rule 24).

    Raises:
        Child.DoesNotExist, Activity.DoesNotExist: unknown, or another family's (W11).
        EnrolmentRefusedError: nothing was written; its message is for the family.
    """
    child = Child.objects.get(public_id=child_id, homes=household)
    offered = Activity.objects.select_related("school_year", "regie")
    activity = offered.get(public_id=activity_id, is_published=True)
    town = the_town()
    today = clock.today(town.zone)
    if why := why_not(child, activity, today=today):
        raise EnrolmentRefusedError(why)
    enrolment = Enrolment(
        child=child,
        household=household,
        activity=activity,
        first_day=max(activity.first_day, today),
        last_day=activity.last_day,
        papers_given=_asked_for(activity, papers),
        message=message,
        requested_at=clock.now(),
        answer_by=today + timedelta(days=town.answer_days),
    )
    _ask(enrolment, today=today, by=by)
    if activity.needs_decision:
        tell_received(enrolment)
    else:
        _move(enrolment, EnrolmentState.ACCEPTED, group=fitting_group(child, activity, on=today), by=SYSTEM)
        tell_decision(enrolment)
    return enrolment


@transaction.atomic
def request_again(
    *, household: Household, child_id: str, activity_ids: Sequence[str], by: Actor
) -> tuple[Enrolment, ...]:
    """Ask at once for several activities of a new school year (public ids), all or none (C47).

    Raises:
        Child.DoesNotExist, Activity.DoesNotExist: unknown, or another family's (W11).
        EnrolmentRefusedError: nothing was written; its message is for the family.
    """
    Child.objects.get(public_id=child_id, homes=household)
    if not activity_ids:
        raise EnrolmentRefusedError("Cochez une activité au moins.")
    return tuple(
        request_enrolment(household=household, child_id=child_id, activity_id=activity_id, by=by)
        for activity_id in dict.fromkeys(activity_ids)
    )


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
        EnrolmentRefusedError: the child already has an enrolment or is another family's, the group is another
            activity's, or days out of the activity's; `field` says which.
    """
    _check_group(group, activity)
    _check_days(activity, first_day, last_day)
    if not household.child_places.filter(child=child).exists():
        raise EnrolmentRefusedError("Cet enfant n’est pas de cette famille.", field="child")
    enrolment = Enrolment(
        child=child,
        household=household,
        activity=activity,
        first_day=first_day,
        last_day=last_day,
        requested_at=clock.now(),
    )
    _ask(enrolment, today=clock.today(the_town().zone), by=by)
    _move(enrolment, EnrolmentState.ACCEPTED, group=group, by=by)
    record(by=by, action="enrolment.made", subject=enrolment.public_id)
    return enrolment


@transaction.atomic
def decide_enrolment(
    *,
    enrolment_id: str,
    accepted: bool,
    group: ActivityGroup | None = None,
    motive: str = "",
    details: str = "",
    by: Actor,
) -> Enrolment:
    """Accept or refuse a request (public id); the family is told, with the reason of a refusal (rules 18, 34).

    `motive` is one of `rules.refusals.lawful_motives`; `details` are words added to it.

    Raises:
        Enrolment.DoesNotExist: unknown.
        EnrolmentRefusedError: already decided, a motive that may not be given, or another activity's group.
    """
    enrolment = _locked(enrolment_id)
    _check_group(group, enrolment.activity)
    if not accepted:
        field, why = fault_of(enrolment.activity.kind, motive, details)
        if why:
            raise EnrolmentRefusedError(why, field=field)
        enrolment.reason = reason_words(motive, details)
    _move(enrolment, EnrolmentState.ACCEPTED if accepted else EnrolmentState.REFUSED, group=group, by=by)
    tell_decision(enrolment)
    record(by=by, action=f"enrolment.{enrolment.state}", subject=enrolment.public_id)
    return enrolment


@transaction.atomic
def note_papers(*, enrolment_id: str, received: Iterable[str], by: Actor) -> Enrolment:
    """Say which of the papers asked for an enrolment (public id) are in hand; others are left aside.

    Raises:
        Enrolment.DoesNotExist: unknown.
    """
    enrolment = _locked(enrolment_id)
    enrolment.papers_received = _asked_for(enrolment.activity, received)
    enrolment.save(update_fields=["papers_received"])
    details = {"received": len(enrolment.papers_received), "asked": len(enrolment.activity.required_papers)}
    record(by=by, action="enrolment.papers", subject=enrolment.public_id, details=details)
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
    """Bring forward the last day of an enrolment in force (public id); it is over once that day has passed.

    Confirmed days or a contract after it are to be cancelled first. A place offered after it goes to the next in turn.
    One that still waits to be paid keeps nobody: its right is looked at again when the money comes, and the money goes
    back to who paid (U9).

    Raises:
        Enrolment.DoesNotExist: unknown.
        EnrolmentRefusedError: not in force, ending already, without reason, or days booked after; `field` says which.
    """
    family = Enrolment.objects.values_list("household", flat=True).get(public_id=enrolment_id)
    # A family that saves days at the same moment sees the new last day, or is seen.
    Household.objects.select_for_update(of=("self",), no_key=True).get(id=family)
    enrolment = _locked(enrolment_id)
    _check_end(enrolment, on=on, reason=reason)
    enrolment.reason, enrolment.last_day = reason.strip(), max(on, enrolment.first_day)
    _leave_lists(enrolment, after=on, by=by)
    if on < clock.today(the_town().zone):
        _move(enrolment, EnrolmentState.ENDED, by=by)
    else:
        enrolment.save(update_fields=["reason", "last_day"])
        _tell(enrolment, "shortened", by=by)
    record(by=by, action="enrolment.ended", subject=enrolment.public_id, details={"on": on.isoformat()})
    return enrolment


def _check_end(enrolment: Enrolment, *, on: date, reason: str) -> None:
    if enrolment.state != EnrolmentState.ACCEPTED:
        raise EnrolmentRefusedError("Cette inscription n’est pas en cours.")
    if not reason.strip():
        raise EnrolmentRefusedError("Dites pourquoi elle se termine\u202f: la famille le lira.", field="reason")
    if on >= enrolment.last_day:
        raise EnrolmentRefusedError(f"Elle se termine déjà le {french.day(enrolment.last_day)}.", field="on")
    contract = CareContract.objects.filter(enrolment=enrolment, last_day__gt=on).exclude(state=ContractState.VOID)
    if (running := contract.first()) is not None:
        until = french.day(running.last_day)
        words = f"Un contrat d’accueil court jusqu’au {until}\u202f: terminez-le d’abord."
        raise EnrolmentRefusedError(words, field="on")
    booked = Booking.objects.filter(enrolment=enrolment, state=BookingState.CONFIRMED, day__gt=on)
    if days := list(booked.values_list("day", flat=True)):
        words = f"Des jours sont réservés après cette date, {french.days_listed(days)}\u202f: annulez-les d’abord."
        raise EnrolmentRefusedError(words, field="on")


def _leave_lists(enrolment: Enrolment, *, after: date, by: Actor) -> None:
    """Wait no more for the days that an enrolment no longer covers; offers first: places are locked before turns."""
    mine = WaitingEntry.objects.filter(enrolment=enrolment, day__gt=after)
    asked = mine.filter(state=WaitingState.OFFERED).order_by("order").values_list("order", flat=True)
    locked = [lock_order(order_id) for order_id in asked]
    offered = [order for order in locked if order.state == OrderState.OFFERED]
    lock_days_of(offered)
    for order in offered:
        cancel_order(order, by=by)
    mine.filter(state=WaitingState.WAITING).update(state=WaitingState.LEFT)


def _ask(enrolment: Enrolment, *, today: date, by: Actor) -> None:
    """Write a request; an enrolment whose last day has passed makes room for it.

    Raises:
        EnrolmentRefusedError: the child already has a live one.
    """
    over = Enrolment.objects.filter(
        child=enrolment.child, activity=enrolment.activity, state=EnrolmentState.ACCEPTED, last_day__lt=today
    )
    for old in over:
        _move(old, EnrolmentState.ENDED, by=SYSTEM)
    try:
        with transaction.atomic():
            enrolment.save(force_insert=True)
    except IntegrityError as twice:
        raise EnrolmentRefusedError(_TWICE) from twice
    _tell(enrolment, "requested", by=by)


def _asked_for(activity: Activity, papers: Iterable[str]) -> list[str]:
    """Those of these papers that the activity asks for, in its order."""
    known = set(papers)
    return [paper for paper in activity.required_papers if paper in known]


def _locked(enrolment_id: str, **values: object) -> Enrolment:
    rows = Enrolment.objects.select_for_update(of=("self",))
    return rows.select_related("child", "household", "activity__school_year").get(public_id=enrolment_id, **values)


def _check_group(group: ActivityGroup | None, activity: Activity) -> None:
    if group is not None and group.activity_id != activity.id:
        raise EnrolmentRefusedError("Ce groupe est celui d’une autre activité.", field="group")


def _check_days(activity: Activity, first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise EnrolmentRefusedError("Le dernier jour vient avant le premier.", field="last_day")
    if first_day < activity.first_day or last_day > activity.last_day:
        span = f"L’activité va du {french.day(activity.first_day)} au {french.day(activity.last_day)}."
        raise EnrolmentRefusedError(span, field="first_day" if first_day < activity.first_day else "last_day")


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
