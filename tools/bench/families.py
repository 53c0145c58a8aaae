"""Families on the eve of opening day: their children enrolled, their sessions open, nothing booked; written in bulk."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction

from preau.domain.accounts.models import User, UserSession
from preau.domain.activities.models import Activity, ActivityKind, DrawnFrom, PaymentMode, SchoolYear
from preau.domain.bookings.models import Enrolment
from preau.domain.bookings.states import EnrolmentState
from preau.domain.families.models import Child, ChildHome, Guardian, Household, QuotientFamilial
from preau.foundation import clock
from tests.support.bookings import make_service
from tests.support.factories import make_contract, make_regie

#: Places a day of the activity that everybody wants, and of one where nobody lacks any: both are counted alike.
PLACES, MANY_PLACES = 50, 30_000
#: No bank is spoken to.
_GATEWAY = "payfip"
_BACKEND = "preau.domain.accounts.backends.IdentifierBackend"
_WORKDAYS = 0b11111
_numbers = count(1)


@dataclass(frozen=True)
class Season:
    """What is about to open: an activity of few places, a canteen for all, and the days that families choose among."""

    wanted: Activity
    canteen: Activity
    days: tuple[date, ...]

    @property
    def month(self) -> date:
        return self.days[0].replace(day=1)


@dataclass(frozen=True)
class Family:
    """A family with its open session."""

    household: Household
    user: User
    child: Child
    cookie: str


def open_season(name: str, *, places: int = PLACES, days: int = 20) -> Season:
    """A season of the months around today, whose first month from now on has `days` days to book."""
    today = clock.now().date()
    year, _ = SchoolYear.objects.get_or_create(
        label="Ouverture",
        defaults={"first_day": today - timedelta(days=300), "last_day": today + timedelta(days=300)},
    )
    first = (today.replace(day=1) + timedelta(days=70)).replace(day=1)
    workdays = [day for day in (first + timedelta(days=n) for n in range(31)) if day.weekday() < 5]  # noqa: PLR2004
    regie = make_regie(contract=False)
    make_contract(regie, gateway=_GATEWAY)
    common: dict[str, Any] = {"regie": regie, "school_year": year, "weekdays": _WORKDAYS, "drawn_from": DrawnFrom.BOTH}
    loisirs = make_service(
        f"Loisirs {name}", cents=1200, unit="Jour", capacity=places, kind=ActivityKind.ALSH,
        payment_mode=PaymentMode.IMMEDIATE, **common,
    )  # fmt: skip
    canteen = make_service(f"Cantine {name}", payment_mode=PaymentMode.AFTERWARDS, **common)
    return Season(loisirs, canteen, tuple(workdays[:days]))


@transaction.atomic
def settle(season: Season, number: int, *, children: int = 1) -> list[Family]:
    """As many families whose children are enrolled in both activities, each with a session opened the day before."""
    now = clock.now()
    rows = [next(_numbers) for _ in range(number)]
    password = make_password(None)
    users = User.objects.bulk_create(
        User(email=f"ouverture{n}@example.org", display_name=f"Parent {n}", password=password) for n in rows
    )
    households = Household.objects.bulk_create(
        Household(file_number=f"O{n}", file_name=f"OUVERTURE{n}", created_at=now) for n in rows
    )
    Guardian.objects.bulk_create(
        Guardian(household=home, user=user, first_name="Amélie", last_name="Berger", email=user.email or "")
        for home, user in zip(households, users, strict=True)
    )
    QuotientFamilial.objects.bulk_create(
        QuotientFamilial(household=home, amount_cents=80_000, valid_on=now.date() - timedelta(days=60))
        for home in households
    )
    born = _children(households, children)
    _enrol(season, households, born, children)
    keys = _sessions(users)
    return [
        Family(home, user, born[index * children], key)
        for index, (home, user, key) in enumerate(zip(households, users, keys, strict=True))
    ]


def _children(households: Sequence[Household], each: int) -> list[Child]:
    born = Child.objects.bulk_create(
        Child(first_name=f"Enfant{n + 1}", last_name="Berger", birth_date=date(2018, 3, n + 1))
        for _ in households
        for n in range(each)
    )
    ChildHome.objects.bulk_create(
        ChildHome(child=child, household=households[index // each], position=index % each + 1)
        for index, child in enumerate(born)
    )
    return born


def _enrol(season: Season, households: Sequence[Household], born: Sequence[Child], each: int) -> None:
    now = clock.now()
    Enrolment.objects.bulk_create(
        Enrolment(
            child=child,
            household=households[index // each],
            activity=activity,
            state=EnrolmentState.ACCEPTED,
            first_day=activity.first_day,
            last_day=activity.last_day,
            requested_at=now,
            decided_at=now,
        )
        for index, child in enumerate(born)
        for activity in (season.wanted, season.canteen)
    )


def _sessions(users: Sequence[User]) -> list[str]:
    """Session keys: logging in costs a password's hash, so sessions are open before the rush (reliability D.1)."""
    now, store = clock.now(), SessionStore()
    keys = [secrets.token_hex(16) for _ in users]
    Session.objects.bulk_create(
        Session(
            session_key=key,
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: _BACKEND,
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                    "seen": now.timestamp(),
                    "remembered": True,
                }
            ),
            expire_date=now + timedelta(days=2),
        )
        for user, key in zip(users, keys, strict=True)
    )
    UserSession.objects.bulk_create(
        UserSession(user=user, session_key=key, remembered=True) for user, key in zip(users, keys, strict=True)
    )
    return keys
