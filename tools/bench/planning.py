"""The planning under load, beside a bare view; what a saving asks of the database, and for how long it locks."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from statistics import median

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from preau.domain.activities.models import Unit
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.models import Booking, Enrolment
from preau.domain.bookings.queries.proposals import proposal_of
from preau.domain.bookings.services.drafts import draft_days
from preau.domain.bookings.states import BookingState
from preau.domain.families.models import Child
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.town.queries import the_town
from preau.foundation import clock
from tools.bench import families, load
from tools.bench.families import Family, Season
from tools.bench.figures import Figure, ratio
from tools.bench.locks import watched
from tools.bench.pages import cookies_of

PAGES = {"planning month": "portal:planning", "planning to edit": "portal:planning_edit"}
_MANY_CHILDREN, _MANY_MONTHS = 6, 36
_FAMILIES, _ROUNDS, _SECONDS = 40, 5, 2.0
_SAVED_DAYS, _SAVINGS = 16, 30
_OK = 200


def measure_queries() -> list[Figure]:
    """The number must be the same for one child and for six, for a month past and for three years of them."""
    season = families.open_season("du planning", places=500)
    (one,), (six,) = families.settle(season, 1), families.settle(season, 1, children=_MANY_CHILDREN)
    (young,), (old,) = families.settle(season, 1), families.settle(season, 1)
    for family in (one, six):
        _book(family, season, season.days)
    _book(young, season, _past(season, 1))
    _book(old, season, _past(season, _MANY_MONTHS))
    seen = {
        "1 child": one, f"{_MANY_CHILDREN} children": six,
        "1 past month": young, f"{_MANY_MONTHS} past months": old,
    }  # fmt: skip
    return [
        Figure(f"Queries of {page}, {wording}", _queries(_browser(family), view, season), "SQL queries")
        for page, view in PAGES.items()
        for wording, family in seen.items()
    ]


def _past(season: Season, months: int) -> list[date]:
    last = season.days[0]
    days = (last - timedelta(days=number) for number in range(1, 30 * months + 1))
    return [day for day in days if day.weekday() < 5]  # noqa: PLR2004  (Saturday)


def _book(family: Family, season: Season, days: Iterable[date]) -> None:
    """Bookings as they are once confirmed, without the orders that made them."""
    unit = Unit.objects.get(activity=season.canteen)
    version, now = unit.pricing.tariff.versions.get(), clock.now()
    children = Child.objects.filter(homes=family.household)
    enrolled = Enrolment.objects.filter(child__in=children, activity=season.canteen)
    Booking.objects.bulk_create(
        Booking(
            enrolment=enrolment,
            child_id=enrolment.child_id,
            household=family.household,
            activity=season.canteen,
            unit=unit,
            day=day,
            state=BookingState.CONFIRMED,
            price_cents=360,
            tariff_version=version,
            created_at=now,
        )
        for enrolment in enrolled
        for day in days
    )


def _browser(family: Family) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SESSION_COOKIE_NAME] = family.cookie
    return client


def _queries(client: Client, view: str, season: Season) -> int:
    address = f"{reverse(view)}?jour={season.month.isoformat()}"
    client.get(address)  # the first visit fills what a session keeps
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    if answer.status_code != _OK:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return len(seen)


def measure_speed(*, portal_port: int, bare_port: int) -> list[Figure]:
    """A month of twenty days of two activities, some of them booked; rounds interleaved with those of the base."""
    season = families.open_season("du débit", places=500)
    settled = families.settle(season, _FAMILIES)
    for family in settled:
        _book(family, season, season.days[::2])
    targets = {page: _requests(settled, view, season) for page, view in PAGES.items()}
    bases: list[float] = []
    rates: dict[str, list[float]] = {page: [] for page in PAGES}
    for _ in range(_ROUNDS):
        bases.append(_rate(bare_port, [load.request("/")]))
        for page, requests in targets.items():
            rates[page].append(_rate(portal_port, requests))
    return [
        ratio(
            f"Requests a second of {page}",
            measured=median(rates[page]),
            base_measured=median(bases),
            unit="× a bare view",
            base="tools/bench/bare.py: one row by key, no middleware; same server, 2 processes, same database",
        )
        for page in PAGES
    ]


def _requests(settled: Iterable[Family], view: str, season: Season) -> list[bytes]:
    address = f"{reverse(view)}?jour={season.month.isoformat()}"
    return [load.request(address, cookies_of(family.cookie)) for family in settled]


def _rate(port: int, requests: list[bytes]) -> float:
    seen = load.run(port, requests, seconds=_SECONDS)
    if set(seen.by_status) != {_OK}:
        raise RuntimeError(f"answers under load: {seen.by_status}")
    return seen.per_second


def measure_savings() -> list[Figure]:
    """Sixteen days saved at once, in this process, without anybody else: what is held is their own work."""
    season = families.open_season("de l’enregistrement", places=2 * _SAVINGS)
    counts = {}
    for days in (1, _SAVED_DAYS):
        (family,) = families.settle(season, 1)
        save = _ready(family, season, season.days[-days:])
        with CaptureQueriesContext(connection) as seen:
            save()
        counts[days] = len(seen)
    return [
        *(Figure(f"Queries of saving {days} days", count, "SQL queries") for days, count in counts.items()),
        _locks(season, f"Family locked while saving {_SAVED_DAYS} days", ""),
        _locks(season, f"Places locked while saving {_SAVED_DAYS} days", "activities_placesofday"),
    ]


def _locks(season: Season, label: str, table: str) -> Figure:
    held = []
    for family in families.settle(season, _SAVINGS // 2):
        save = _ready(family, season, season.days[:_SAVED_DAYS])
        with watched(table) as one:
            save()
        held.append(one)
    return ratio(
        label,
        measured=median(one.held for one in held) * 1e6,
        base_measured=median(one.whole for one in held) * 1e6,
        unit="× the whole (µs)",
        base="the request that saves what is drafted, from end to end",
    )


def _ready(family: Family, season: Season, days: Iterable[date]) -> Callable[[], None]:
    """A family that ticked these days; gives its click on « Valider et terminer »."""
    unit = Unit.objects.get(activity=season.wanted)
    boxes = {(season.wanted.public_id, day): Wanted(unit) for day in days}
    draft_days(user=family.user, household=family.household, child_id=family.child.public_id, boxes=boxes)
    proposal = proposal_of(user=family.user, household=family.household, now=clock.now(), zone=the_town().zone)
    form = {"form_key": new_form_key(), "annonce": proposal.cost_cents}
    client = _browser(family)

    def save() -> None:
        answer = client.post(reverse("portal:planning_save"), form)
        if "saisie=" not in answer.headers.get("Location", ""):
            raise RuntimeError(f"nothing was saved: {answer.status_code}")

    return save
