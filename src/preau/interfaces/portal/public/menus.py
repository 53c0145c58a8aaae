"""Menus, week by week, for anybody (V18); and the public files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from preau.domain.activities.models import MenuPublisher, Site
from preau.domain.activities.queries.menus import (
    MenuOfDay,
    menu_publisher,
    menus_of,
    monday_of,
    published_menus,
    published_products,
    sites_with_menus,
)
from preau.domain.activities.scdl.writing import dishes_csv, menus_csv
from preau.foundation import french
from preau.interfaces.doors import TownRequest
from preau.interfaces.portal.rights import public

_WEEK, _ONE_DAY = timedelta(weeks=1), timedelta(days=1)
_WORKING_DAYS = 5
_YEARS = range(2000, 2101)
#: Sites are offered while one of their menus is at most this old.
_RECENT = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class MenuWeek:
    """The week shown: its Monday, what its days serve (weekends only when something is served), and where to go."""

    monday: date
    days: Sequence[tuple[str, MenuOfDay | None]]
    before: str
    after: str

    @property
    def sunday(self) -> date:
        return self.monday + 6 * _ONE_DAY

    @property
    def has_menus(self) -> bool:
        return any(menu is not None for _, menu in self.days)


@public
@require_safe
def menus(request: TownRequest) -> HttpResponse:
    """`?semaine=2026-W41`, `?lieu=`; by default this week, and the next one from Saturday on."""
    monday = _monday_asked(request.GET.get("semaine", "")) or _present(request.today)
    sites = sites_with_menus(since=min(monday, request.today) - _RECENT)
    served = menus_of(sites, first=monday, last=monday + 6 * _ONE_DAY)
    site = _site_shown(sites, served, asked=request.GET.get("lieu", ""))
    context = {
        "sites": sites,
        "site": site,
        "week": _week(site, monday, served),
        "present": _written(_present(request.today)),
        "publisher": menu_publisher(),
    }
    return render(request, "portal/public/menus.html", context)


def _site_shown(sites: Sequence[Site], served: Mapping[tuple[int, date], MenuOfDay], *, asked: str) -> Site | None:
    """The site that was asked, else the one that serves the most that week."""
    chosen = (site for site in sites if site.public_id == asked)
    days = Counter(site_id for site_id, _ in served)
    return next(chosen, None) or max(sites, key=lambda site: days[site.id], default=None)


def _week(site: Site | None, monday: date, served: Mapping[tuple[int, date], MenuOfDay]) -> MenuWeek:
    days = [monday + rank * _ONE_DAY for rank in range(7)]
    seen = [(day, served.get((site.id, day))) for day in days] if site else []
    return MenuWeek(
        monday=monday,
        days=[
            (french.weekday_and_day(day).capitalize(), menu)
            for day, menu in seen
            if menu is not None or day.weekday() < _WORKING_DAYS
        ],
        before=_written(monday - _WEEK),
        after=_written(monday + _WEEK),
    )


def _monday_asked(text: str) -> date | None:
    """The Monday of a week written `2026-W41`."""
    try:
        monday = datetime.strptime(f"{text}-1", "%G-W%V-%u").date()  # noqa: DTZ007  (a day, not an instant)
    except ValueError:
        return None
    return monday if monday.year in _YEARS else None


def _present(today: date) -> date:
    return monday_of(today + 2 * _ONE_DAY)


def _written(monday: date) -> str:
    return f"{monday:%G-W%V}"


@public
@require_safe
def menus_file(request: TownRequest) -> HttpResponse:
    """« menus-collectifs », once somebody is named to answer for it."""
    publisher = _publisher()
    rows = published_menus(today=request.today)
    text = menus_csv(rows, sites=Site.objects.all(), town_name=request.town.name, publisher=publisher)
    return _csv(text, "menus-collectifs.csv")


@public
@require_safe
def dishes_file(request: TownRequest) -> HttpResponse:
    """« plats-menus-collectifs », once somebody is named to answer for it."""
    text = dishes_csv(published_products(), town_name=request.town.name, publisher=_publisher())
    return _csv(text, "plats-menus-collectifs.csv")


def _publisher() -> MenuPublisher:
    publisher = menu_publisher()
    if publisher is None:
        raise Http404("nobody answers for the menus: no file can be conform")
    return publisher


def _csv(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
