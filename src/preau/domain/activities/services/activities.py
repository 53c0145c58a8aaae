"""Writing what is offered: sites, activities with their deadlines, units, groups, and the next school year."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from preau.domain.activities.errors import ActivityError, StillUsedError
from preau.domain.activities.models import (
    Activity,
    ActivityGroup,
    DeadlineRule,
    PlacesOfDay,
    SchoolYear,
    Site,
    Unit,
    UnitMode,
)
from preau.domain.activities.models.activities import PAID_FIRST
from preau.domain.activities.rules.deadlines import LAST_DAY_OF_EVERY_MONTH, MOST_WORKING_DAYS, DeadlineKind
from preau.domain.activities.rules.offering import icon_of, moved
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

_CODE_LENGTH = 12
#: States of bookings that hold a place; bookings know activities, and not the other way round.
_LIVE = ("held", "confirmed")


@dataclass(frozen=True, slots=True)
class DeadlineTold:
    """A deadline as an agent says it."""

    kind: str
    number: int = 0
    weekday: int = 0
    at: time = time(0)


def save_site(*, site: Site, by: Actor) -> Site:
    """Create a site, or change one.

    Raises:
        ActivityError: its name or its number is another site's.
    """
    others = Site.objects.exclude(pk=site.pk)
    with transaction.atomic():
        if others.filter(name=site.name).exists():
            raise ActivityError("Un autre lieu porte ce nom.", field="name")
        if site.register_number and others.filter(register_number=site.register_number).exists():
            raise ActivityError("Un autre lieu a ce numéro.", field="register_number")
        site.save()
        record(by=by, action="site_saved", subject=site.public_id, details={"name": site.name})
    return site


def save_activity(*, activity: Activity, deadlines: Mapping[str, DeadlineTold | None], by: Actor) -> Activity:
    """Create an activity, or change one, with its deadlines by purpose (None: none).

    Places of days already counted keep their capacity: lowering it is a decision about each day.

    Raises:
        ActivityError: what it says cannot be; `field` names what.
    """
    _check(activity)
    for purpose, told in deadlines.items():
        _check_deadline(purpose, told)
    activity.icon = icon_of(activity.kind)
    with transaction.atomic():
        _check_sold(activity)
        others = Activity.objects.exclude(pk=activity.pk).filter(school_year=activity.school_year)
        if others.filter(name=activity.name).exists():
            raise ActivityError("Une activité de cette année scolaire porte déjà ce nom.", field="name")
        activity.save()
        if activity.capacity is None:  # counted afresh from the bookings if a limit comes back
            PlacesOfDay.objects.filter(activity=activity, group=None).delete()
        for purpose, told in deadlines.items():
            _put_deadline(activity, purpose, told)
        details = {"name": activity.name, "deadlines": sorted(key for key, told in deadlines.items() if told)}
        record(by=by, action="activity_saved", subject=activity.public_id, details=details)
    return activity


def _check_sold(activity: Activity) -> None:
    """What is sold was counted, and is owed to a régie, as the activity was then."""
    before = Activity.objects.filter(pk=activity.pk).first()
    if before is None or not has_sold(before):
        return
    if before.unit_mode != activity.unit_mode:
        raise ActivityError(
            "Des places sont déjà réservées\u202f: la façon de réserver ne change plus.", field="unit_mode"
        )
    if before.regie_id != activity.regie_id:
        raise ActivityError("Des places sont déjà réservées\u202f: la régie ne change plus.", field="regie")


def has_sold(activity: Activity) -> bool:
    """Whether anything of the activity is booked, its places limited or not."""
    return Activity.objects.filter(pk=activity.pk, bookings__state__in=_LIVE).exists()


def _check(activity: Activity) -> None:
    year = activity.school_year
    if activity.last_day < activity.first_day:
        raise ActivityError("Le dernier jour vient avant le premier.", field="last_day")
    if activity.first_day < year.first_day:
        raise ActivityError(f"L’année {year.label} n’a pas encore commencé ce jour-là.", field="first_day")
    if activity.last_day > year.last_day:
        raise ActivityError(f"L’année {year.label} est finie ce jour-là.", field="last_day")
    if not activity.weekdays:
        raise ActivityError("Cochez un jour de la semaine au moins.", field="weekdays")
    _check_ages(activity)
    by_the_hour = activity.unit_mode in {UnitMode.HOURS, UnitMode.CONTRACT}
    opens, closes = activity.opens_minute, activity.closes_minute
    if by_the_hour and (opens is None or closes is None or closes <= opens):
        raise ActivityError("À l’heure, donnez une ouverture et une fermeture qui vient après.", field="closes_minute")
    if activity.unit_mode == UnitMode.CONTRACT and activity.payment_mode in PAID_FIRST:
        raise ActivityError("Un contrat mensuel est facturé, jamais payé place par place.", field="payment_mode")


def _check_ages(place: Activity | ActivityGroup) -> None:
    low, high = place.min_age_months, place.max_age_months
    if low is not None and high is not None and high < low:
        raise ActivityError("L’âge maximum est inférieur à l’âge minimum.", field="max_age_months")


def _check_deadline(purpose: str, told: DeadlineTold | None) -> None:
    if told is None:
        return
    if told.kind == DeadlineKind.DAY_OF_PREVIOUS_MONTH and not 1 <= told.number <= LAST_DAY_OF_EVERY_MONTH:
        raise ActivityError(
            f"Choisissez un jour du 1 au {LAST_DAY_OF_EVERY_MONTH}\u202f: il existe tous les mois.",
            field=f"{purpose}_number",
        )
    if told.kind == DeadlineKind.WORKING_DAYS_BEFORE and told.number > MOST_WORKING_DAYS:
        raise ActivityError(f"{MOST_WORKING_DAYS} jours ouvrés au plus.", field=f"{purpose}_number")
    if told.kind == DeadlineKind.WORKING_DAYS_BEFORE and not told.number and told.at == time(0):
        raise ActivityError("Le jour même, donnez une heure avant l’accueil.", field=f"{purpose}_at")


def _put_deadline(activity: Activity, purpose: str, told: DeadlineTold | None) -> None:
    if told is None:
        DeadlineRule.objects.filter(activity=activity, purpose=purpose).delete()
        return
    values = {"kind": told.kind, "number": told.number, "weekday": told.weekday, "at": told.at}
    DeadlineRule.objects.update_or_create(activity=activity, purpose=purpose, defaults=values)


def save_unit(*, unit: Unit, by: Actor) -> Unit:
    """Create a unit of an activity, or change one; its code is given once and stays.

    Raises:
        ActivityError: no part of the day, or a name already taken.
    """
    if not unit.parts:
        raise ActivityError("Cochez une partie du jour au moins.", field="parts")
    with transaction.atomic():
        others = Unit.objects.filter(activity=unit.activity).exclude(pk=unit.pk)
        if others.filter(name=unit.name).exists():
            raise ActivityError("Une unité de cette activité porte déjà ce nom.", field="name")
        before = Unit.objects.filter(pk=unit.pk).first()
        if before is not None and before.parts != unit.parts and has_sold(unit.activity):
            raise ActivityError(
                "Des places sont déjà réservées\u202f: les parties du jour ne changent plus.", field="parts"
            )
        unit.code = unit.code or _free_code(unit.name, taken=set(others.values_list("code", flat=True)))
        unit.save()
        record(by=by, action="unit_saved", subject=unit.activity.public_id, details={"unit": unit.code})
    return unit


def _free_code(name: str, *, taken: Collection[str]) -> str:
    base = slugify(name)[:_CODE_LENGTH].strip("-") or "unite"
    code, rank = base, 1
    while code in taken:
        rank += 1
        code = f"{base[: _CODE_LENGTH - 1 - len(str(rank))]}-{rank}"
    return code


def save_group(*, group: ActivityGroup, by: Actor) -> ActivityGroup:
    """Create a group of an activity, or change one. Places of days already counted keep their capacity.

    Raises:
        ActivityError: its ages are in disorder, or its name is taken.
    """
    _check_ages(group)
    with transaction.atomic():
        if ActivityGroup.objects.filter(activity=group.activity, name=group.name).exclude(pk=group.pk).exists():
            raise ActivityError("Un groupe de cette activité porte déjà ce nom.", field="name")
        group.save()
        if group.capacity is None:  # counted afresh from the bookings if a limit comes back
            PlacesOfDay.objects.filter(group=group).delete()
        record(by=by, action="group_saved", subject=group.activity.public_id, details={"group": group.name})
    return group


def remove_part(*, part: Unit | ActivityGroup, by: Actor) -> None:
    """Take away a unit or a group that nothing uses.

    Raises:
        StillUsedError: something was booked, counted or enrolled in it.
    """
    kind = "unit" if isinstance(part, Unit) else "group"
    name, activity = part.name, part.activity.public_id
    with transaction.atomic():
        try:
            part.delete()
        except ProtectedError:
            raise StillUsedError(f"«\u202f{name}\u202f» a servi\u202f: il reste.") from None
        record(by=by, action=f"{kind}_removed", subject=activity, details={"name": name})


def copy_year(*, source: SchoolYear, target: SchoolYear, among: Collection[int], by: Actor) -> int:
    """Offer again, in another school year, the activities of some régies; how many were made.

    Units, groups and deadlines follow; days keep their date within the year. An activity whose name is already
    offered there is left as it is. Families see nothing: each copy waits to be published. Prices are not copied here.
    """
    there = set(target.activities.values_list("name", flat=True))
    with transaction.atomic():
        wanted = source.activities.filter(regie__in=among).exclude(name__in=there)
        rows = list(wanted.prefetch_related("units", "groups", "deadlines"))
        for activity in rows:
            _copy(activity, source, target)
        if rows:
            record(by=by, action="activities_copied", subject=target.label, details={"activities": len(rows)})
    return len(rows)


def _copy(activity: Activity, source: SchoolYear, target: SchoolYear) -> None:
    kept = {
        field.attname: getattr(activity, field.attname)
        for field in Activity._meta.concrete_fields  # noqa: SLF001  (Django's own list of columns)
        if field.name not in {"id", "public_id", "school_year", "booking_opens_at", "is_published"}
    }
    before, after = (source.first_day, source.last_day), (target.first_day, target.last_day)
    for name in ("first_day", "last_day"):
        kept[name] = moved(kept[name], before=before, after=after)
    made = Activity.objects.create(**kept, school_year=target, is_published=False)
    rows: list[Any] = [*activity.units.all(), *activity.groups.all(), *activity.deadlines.all()]
    for row in rows:
        row.pk, row.activity = None, made
        row._state.adding = True  # noqa: SLF001  (documented way of copying a row)
        row.save(force_insert=True)
