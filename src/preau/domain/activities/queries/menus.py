"""Menus as families read them, day by day, and what the public files need."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from preau.domain.activities.models import DishProduct, Menu, MenuDish, MenuPublisher, Site
from preau.domain.activities.rules.menus import EVERYBODY, Meal, course_rank, meal_rank

_DAYS_PUBLISHED = timedelta(days=400)
_WEEKS_SHOWN = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class MealOfDay:
    """One meal; `guests` is "" when it is for everybody. Dishes in the order of the courses."""

    meal: str
    guests: str
    dishes: tuple[MenuDish, ...]

    @property
    def label(self) -> str:
        """« Déjeuner », « Déjeuner, maternelles »."""
        name = str(Meal(self.meal).label).capitalize()
        return f"{name}, {self.guests}" if self.guests else name

    @property
    def words(self) -> str:
        """Its dishes in one line."""
        return ", ".join(dish.name for dish in self.dishes)


@dataclass(frozen=True, slots=True)
class MenuOfDay:
    """What is served at a site on a day: one meal at least, in the order of the day."""

    day: date
    meals: tuple[MealOfDay, ...]

    @property
    def words(self) -> str:
        """The lunch in one line (else the first meal), for a planning that has little room."""
        return next((meal.words for meal in self.meals if meal.meal == Meal.LUNCH), self.meals[0].words)


def menus_of(sites: Iterable[Site], *, first: date, last: date) -> dict[tuple[int, date], MenuOfDay]:
    """Menus by (site id, day) between two days, both included, in two queries whatever their number.

    A site's own menu of a meal takes the place of what is said for all sites. A day without menu is absent.
    """
    ids = {site.id for site in sites}
    rows = _served(first=first, last=last).filter(Q(site__isnull=True) | Q(site__in=ids))
    own: defaultdict[tuple[int, date], list[Menu]] = defaultdict(list)
    shared: defaultdict[date, list[Menu]] = defaultdict(list)
    for menu in rows:
        if menu.site_id is None:
            shared[menu.day].append(menu)
        else:
            own[menu.site_id, menu.day].append(menu)
    days = {(site_id, day) for site_id in ids for day in shared} | set(own)
    return {key: _of_day(key[1], own[key], shared[key[1]]) for key in days}


def _served(*, first: date, last: date) -> QuerySet[Menu]:
    return Menu.objects.filter(day__gte=first, day__lte=last).prefetch_related("dishes")


def _of_day(day: date, own: list[Menu], shared: list[Menu]) -> MenuOfDay:
    known = {menu.meal for menu in own}
    kept = [*own, *(menu for menu in shared if menu.meal not in known)]
    meals = [
        MealOfDay(
            meal=menu.meal,
            guests="" if menu.guests == EVERYBODY else menu.guests,
            dishes=tuple(sorted(menu.dishes.all(), key=lambda dish: (course_rank(dish.course), dish.position))),
        )
        for menu in kept
    ]
    return MenuOfDay(day, tuple(sorted(meals, key=lambda one: (meal_rank(one.meal), one.guests))))


def sites_with_menus(*, since: date) -> list[Site]:
    """Sites for which a menu is told from a day on: all of them as soon as one menu is for all."""
    if Menu.objects.filter(site__isnull=True, day__gte=since).exists():
        return list(Site.objects.all())
    return list(Site.objects.filter(menus__day__gte=since).distinct())


@dataclass(frozen=True, slots=True)
class WeekOfMenus:
    """A week of a site (None: all sites): how many meals are known, and whether one dish at least is vegetarian."""

    monday: date
    site: Site | None
    meals: int
    is_vegetarian_once: bool


def weeks_of_menus(*, today: date) -> list[WeekOfMenus]:
    """Weeks from four before today on, the last first, in two queries: EGalim asks a vegetarian menu a week."""
    since = monday_of(today) - _WEEKS_SHOWN
    menus = Menu.objects.filter(day__gte=since).select_related("site").prefetch_related("dishes")
    held: defaultdict[tuple[date, Site | None], list[Menu]] = defaultdict(list)
    for menu in menus:
        held[monday_of(menu.day), menu.site].append(menu)
    weeks = [
        WeekOfMenus(monday, site, len(same), any(dish.is_vegetarian for menu in same for dish in menu.dishes.all()))
        for (monday, site), same in held.items()
    ]
    weeks.sort(key=lambda week: week.site.name if week.site else "")
    return sorted(weeks, key=lambda week: week.monday, reverse=True)


def monday_of(day: date) -> date:
    """The Monday of the calendar week of a day."""
    return day - timedelta(days=day.weekday())


def published_menus(*, today: date) -> QuerySet[Menu]:
    """Menus of the public file: those of the last year and all that follow."""
    since = today - _DAYS_PUBLISHED
    menus = Menu.objects.filter(day__gte=since).select_related("site").prefetch_related("dishes")
    return menus.order_by("day", "site__position", "site__name", "id")


def published_products() -> QuerySet[DishProduct]:
    """Products of the public file of dishes."""
    return DishProduct.objects.all()


def menu_publisher() -> MenuPublisher | None:
    """Who answers for the menus; None: nobody was named, and no public file can be conform."""
    return MenuPublisher.objects.first()
