"""What the demo town offers its children: a school year, sites, activities with their prices, enrolments, menus."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time, timedelta

from preau.domain.activities.errors import UnknownCalendarError
from preau.domain.activities.models import (
    Activity,
    ActivityKind,
    DeadlineKind,
    DeadlinePurpose,
    DrawnFrom,
    PaymentMode,
    SchoolYear,
    Site,
    Unit,
    UnitMode,
)
from preau.domain.activities.models.menus import Menu, MenuDish
from preau.domain.activities.official import Territory, Zone, public_holidays, zone_holidays
from preau.domain.activities.rules.menus import ORGANIC, VEGETARIAN, Course
from preau.domain.activities.services.activities import DeadlineTold, save_activity, save_site, save_unit
from preau.domain.activities.services.calendar import add_public_holidays, replace_holidays, save_school_year
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.services.drafts import clear_draft, draft_days
from preau.domain.bookings.services.enrolments import enrol
from preau.domain.families.models import Child, ChildDiet, Diet, Household, SchoolLevel
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.orders import save_bookings
from preau.domain.pricing.rules import Line
from preau.domain.pricing.services import add_version, attach, create_tariff
from preau.domain.regies.models import Regie
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.jobs.demo.people import MAIN

_SEPTEMBER = 9
_SCHOOL_DAYS, _WEDNESDAY, _WEEKDAYS = 0b11011, 0b00100, 0b11111
_NOON_TWO_DAYS_BEFORE = DeadlineTold(DeadlineKind.WORKING_DAYS_BEFORE, number=2, at=time(12))
_THURSDAY_BEFORE = DeadlineTold(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=3, at=time(18))
_TENTH = DeadlineTold(DeadlineKind.DAY_OF_PREVIOUS_MONTH, number=10)
_DELIBERATION = "délibération n° 2026-41 du 18 juin 2026"


@dataclass(frozen=True, slots=True)
class _Service:
    """One activity: (unit name, parts of the day, with meal, price by quotient) for each of its units."""

    name: str
    short_name: str
    kind: ActivityKind
    site: str
    regie: str
    mode: PaymentMode
    units: tuple[tuple[str, tuple[str, ...], bool, int], ...]
    deadline: DeadlineTold
    weekdays: int = _SCHOOL_DAYS
    drawn_from: DrawnFrom = DrawnFrom.TERM
    unit_mode: UnitMode = UnitMode.DAYS
    capacity: int | None = None
    levels: tuple[str, ...] = ()
    hours: tuple[int, int] | None = None
    months: tuple[int, int] | None = None


_SCHOOL, _CENTRE, _CRIB = "École des Tilleuls", "Centre de loisirs du Moulin", "Multi-accueil Les Coquelicots"
_PUPILS = tuple(level.value for level in SchoolLevel if level not in {SchoolLevel.TPS, SchoolLevel.ULIS})
_ONE = ("day",)
_CAMP_UNITS = (
    ("Journée", ("am", "pm"), True, 1150),
    ("Matin avec repas", ("am",), True, 780),
    ("Après-midi", ("pm",), False, 520),
)
_SERVICES = (
    _Service(
        "Cantine Les Tilleuls", "Cantine", ActivityKind.CANTEEN, _SCHOOL, "RESTAURATION", PaymentMode.IMMEDIATE,
        (("Repas", _ONE, True, 360),), _NOON_TWO_DAYS_BEFORE, capacity=120, levels=_PUPILS,
    ),
    _Service(
        "Accueil du matin Les Tilleuls", "Matin", ActivityKind.MORNING_CARE, _SCHOOL, "RESTAURATION",
        PaymentMode.AFTERWARDS, (("Matin", _ONE, False, 120),), _NOON_TWO_DAYS_BEFORE, levels=_PUPILS,
    ),
    _Service(
        "Accueil du soir Les Tilleuls", "Soir", ActivityKind.EVENING_CARE, _SCHOOL, "RESTAURATION",
        PaymentMode.AFTERWARDS, (("Soir", _ONE, False, 240),), _NOON_TWO_DAYS_BEFORE, levels=_PUPILS,
    ),
    _Service(
        "Étude surveillée Les Tilleuls", "Étude", ActivityKind.STUDY, _SCHOOL, "RESTAURATION",
        PaymentMode.IN_ADVANCE, (("Étude", _ONE, False, 180),), _TENTH, capacity=30,
        levels=("CE1", "CE2", "CM1", "CM2"),
    ),
    _Service(
        "Mercredis du Moulin", "Mercredi", ActivityKind.ALSH, _CENTRE, "LOISIRS", PaymentMode.PREPAID,
        _CAMP_UNITS, _THURSDAY_BEFORE, weekdays=_WEDNESDAY, capacity=24, months=(36, 155),
    ),
    _Service(
        "Vacances au Moulin", "Vacances", ActivityKind.ALSH, _CENTRE, "LOISIRS", PaymentMode.IMMEDIATE,
        _CAMP_UNITS, _THURSDAY_BEFORE, weekdays=_WEEKDAYS, drawn_from=DrawnFrom.HOLIDAYS, capacity=24,
        months=(36, 155),
    ),
    _Service(
        "Halte-garderie Les Coquelicots", "Halte", ActivityKind.DROP_IN_NURSERY, _CRIB, "PETITE-ENFANCE",
        PaymentMode.AFTERWARDS, (("Heure", (), False, 210),),
        DeadlineTold(DeadlineKind.WORKING_DAYS_BEFORE, number=1, at=time(12)), weekdays=_WEEKDAYS,
        drawn_from=DrawnFrom.BOTH, unit_mode=UnitMode.HOURS, capacity=6, hours=(8 * 60, 18 * 60), months=(3, 48),
    ),
    _Service(
        "Crèche Les Coquelicots", "Crèche", ActivityKind.COLLECTIVE_CRECHE, _CRIB, "PETITE-ENFANCE",
        PaymentMode.AFTERWARDS, (("Heure", (), False, 195),), _TENTH, weekdays=_WEEKDAYS, drawn_from=DrawnFrom.BOTH,
        unit_mode=UnitMode.CONTRACT, capacity=30, hours=(7 * 60 + 30, 18 * 60 + 30), months=(2, 47),
    ),
)  # fmt: skip
#: A week of meals, told again and again: (starter, main, with, dessert), the letters after a bar being its labels.
_MEALS = (
    ("Carottes râpées|b", "Poulet rôti", "Semoule", "Yaourt|b"),
    ("Betteraves", "Lasagnes aux légumes|v", "Salade verte", "Pomme|b"),
    ("Taboulé", "Colin au four", "Haricots verts", "Compote|m"),
    ("Velouté de potiron|bm", "Sauté de dinde", "Riz", "Kiwi|b"),
    ("Endives", "Chili sans viande|v", "Riz", "Crêpe|m"),
)
_WEEKS_OF_MENUS = 6


def build_offer(regies: Mapping[str, Regie], *, today: date) -> None:
    """Everything that can be booked, then who is enrolled where."""
    year = _school_year(today)
    sites = {name: save_site(site=Site(name=name), by=SYSTEM) for name in (_SCHOOL, _CENTRE, _CRIB)}
    for position, service in enumerate(_SERVICES, start=1):
        _open(service, position, sites[service.site], regies[service.regie], year)
    _know_children()
    _enrol_everybody()
    _book_evenings(today)
    _write_menus(sites[_SCHOOL], today)


def _school_year(today: date) -> SchoolYear:
    """From the first of September to the end of August, with the official days off where they are known."""
    begins = today.year if today.month >= _SEPTEMBER else today.year - 1
    first, last = date(begins, _SEPTEMBER, 1), date(begins + 1, 8, 31)
    year = save_school_year(label=f"{begins} / {begins + 1}", first_day=first, last_day=last, by=SYSTEM)
    with suppress(UnknownCalendarError):  # a demo far in the future has no holidays: an agent would type them
        replace_holidays(year=year, holidays=zone_holidays(Zone.B, first=first, last=last), by=SYSTEM)
    official = public_holidays(Territory.METROPOLE, first=first, last=last)
    add_public_holidays(days=[(one.day, one.name) for one in official], by=SYSTEM)
    return year


def _open(service: _Service, position: int, site: Site, regie: Regie, year: SchoolYear) -> None:
    opens, closes = service.hours or (None, None)
    youngest, oldest = service.months or (None, None)
    activity = save_activity(
        activity=Activity(
            kind=service.kind,
            name=service.name,
            short_name=service.short_name,
            site=site,
            school_year=year,
            regie=regie,
            unit_mode=service.unit_mode,
            payment_mode=service.mode,
            position=position,
            first_day=year.first_day,
            last_day=year.last_day,
            drawn_from=service.drawn_from,
            weekdays=service.weekdays,
            levels=list(service.levels),
            min_age_months=youngest,
            max_age_months=oldest,
            capacity=service.capacity,
            opens_minute=opens,
            closes_minute=closes,
            hold_minutes=60,
            required_papers=["Attestation d’assurance", "Fiche sanitaire"],
        ),
        deadlines={DeadlinePurpose.BOOK: service.deadline},
        by=SYSTEM,
    )
    for rank, (name, parts, has_meal, cents) in enumerate(service.units):
        unit = Unit(activity=activity, name=name, parts=list(parts) or ["day"], has_meal=has_meal, position=rank)
        _price(save_unit(unit=unit, by=SYSTEM), f"{service.name}, {name.lower()}", cents)


def _price(unit: Unit, name: str, cents: int) -> None:
    """Three brackets and a price for families from elsewhere; the middle one is what most pay."""
    activity = unit.activity
    by_the_hour = activity.unit_mode in {UnitMode.HOURS, UnitMode.CONTRACT}
    words = "de l’heure" if by_the_hour else "à l’unité"
    tariff = create_tariff(regie=activity.regie, name=name, unit_label=words, by=SYSTEM)
    add_version(
        tariff=tariff,
        valid_from=activity.first_day,
        deliberation=_DELIBERATION,
        lines=[
            Line(price_cents=cents * 2, town_links=("none",)),
            Line(price_cents=cents // 2, quotient_to_cents=500_00),
            Line(price_cents=cents, quotient_from_cents=500_00, quotient_to_cents=1200_00),
            Line(price_cents=cents * 3 // 2, quotient_from_cents=1200_00),
        ],
        by=SYSTEM,
    )
    attach(unit=unit, tariff=tariff, by=SYSTEM)


def _know_children() -> None:
    """Classes as levels, and two diets: the file of families does not carry them."""
    levels = set(SchoolLevel.values)
    children = [child for child in Child.objects.all() if child.class_name in levels]
    for child in children:
        child.level = child.class_name
    Child.objects.bulk_update(children, ["level"])
    diets = (("Barthélemy", Diet.NO_PORK), ("Mialy", Diet.NO_GLUTEN), ("Inès", Diet.NO_MEAT))
    for first_name, diet in diets:
        ChildDiet.objects.create(child=Child.objects.get(first_name=first_name), diet=diet)


def _enrol_everybody() -> None:
    """Pupils in the canteen, the care hours and Wednesdays; the little ones at the drop-in nursery."""
    for household in Household.objects.order_by("file_number"):
        for child in household.children.order_by("places__position"):
            kinds = _kinds_for(child)
            for activity in Activity.objects.filter(kind__in=kinds, unit_mode__in=[UnitMode.DAYS, UnitMode.HOURS]):
                enrol(
                    household=household,
                    child=child,
                    activity=activity,
                    group=None,
                    first_day=activity.first_day,
                    last_day=activity.last_day,
                    by=SYSTEM,
                )


def _book_evenings(today: date) -> None:
    """The first family's two pupils have their Monday and Thursday evenings for the next weeks."""
    household = Household.objects.get(file_number=MAIN.number)
    user = household.guardians.get(position=1).user
    activity = Activity.objects.get(kind=ActivityKind.EVENING_CARE)
    if user is None:
        return
    days = [today + timedelta(days=n) for n in range(7, 28)]
    wanted = Wanted(activity.units.get())
    boxes = {(activity.public_id, day): wanted for day in days if day.weekday() in {0, 3}}
    for child in household.children.exclude(level=""):
        draft_days(user=user, household=household, child_id=child.public_id, boxes=boxes)
    save_bookings(household=household, user=user, form_key=new_form_key(), shown_cents=0, is_partial=True, by=SYSTEM)
    clear_draft(user=user, household=household)  # days of holidays among them


def _kinds_for(child: Child) -> Sequence[ActivityKind]:
    if not child.level:
        return (ActivityKind.DROP_IN_NURSERY,)
    return (ActivityKind.CANTEEN, ActivityKind.MORNING_CARE, ActivityKind.EVENING_CARE, ActivityKind.ALSH)


def _write_menus(site: Site, today: date) -> None:
    monday = today - timedelta(days=today.weekday())
    for rank in range(_WEEKS_OF_MENUS * 5):
        day = monday + timedelta(days=rank // 5 * 7 + rank % 5)
        menu = Menu.objects.create(site=site, day=day, published_at=clock.now())
        meal = _MEALS[(rank + rank // 5) % len(_MEALS)]
        MenuDish.objects.bulk_create(
            _dish(menu, position, course, written)
            for position, (course, written) in enumerate(
                zip((Course.STARTER, Course.MAIN, Course.SIDE, Course.DESSERT), meal, strict=True), start=1
            )
        )


def _dish(menu: Menu, position: int, course: Course, written: str) -> MenuDish:
    name, _, marks = written.partition("|")
    return MenuDish(
        menu=menu,
        position=position,
        course=course,
        name=name,
        quality=[ORGANIC] if "b" in marks else [],
        diets=[VEGETARIAN] if "v" in marks else [],
        labels="fait maison" if "m" in marks else "",
    )
