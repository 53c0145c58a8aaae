"""The words of the planning, one by one; the clock says Thursday 12 November 2026, 10 h in Paris."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from preau.domain.activities.models import Activity
from preau.domain.activities.rules.deadlines import Limits
from preau.domain.bookings.models import Booking
from preau.domain.bookings.queries.planning import Box, BoxState
from preau.interfaces.portal.planning.wording import limit_words

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 12, 17, 0, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 13, 11, 0, tzinfo=UTC)
SUNDAY_MIDNIGHT = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
FAR = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
STATES = {"free": BoxState.FREE, "late": BoxState.FREE, "booked": BoxState.BOOKED, "full": BoxState.FULL}


def box(kind: str, name: str = "Cantine", *, book: datetime = FAR, late: datetime | None = None, cancel=FAR) -> Box:
    return Box(
        Activity(short_name=name), date(2026, 11, 16), STATES[kind], (), Booking() if kind == "booked" else None,
        None, 0, "", is_late=kind == "late", limits=Limits(book, late, cancel), rank=None, entry=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ([], ""),
        ([box("full", book=TOMORROW)], ""),
        ([box("free", book=FAR, cancel=TOMORROW)], ""),
        ([box("free", book=EVENING)], "jusqu’à 18\u202fh\u202f00"),
        ([box("free", book=datetime(2026, 11, 12, 23, 0, tzinfo=UTC))], "jusqu’à minuit"),
        ([box("free", book=TOMORROW)], "jusqu’à demain, 12\u202fh\u202f00"),
        ([box("free", book=datetime(2026, 11, 13, 23, 0, tzinfo=UTC))], "jusqu’à demain à minuit"),
        ([box("free", book=datetime(2026, 11, 17, 11, 0, tzinfo=UTC))], "jusqu’au mardi 17, 12\u202fh\u202f00"),
        ([box("free", book=SUNDAY_MIDNIGHT)], "jusqu’au dimanche 15 à minuit"),
        ([box("late", book=NOW, late=TOMORROW)], "jusqu’à demain, 12\u202fh\u202f00"),
        ([box("booked", book=TOMORROW, cancel=SUNDAY_MIDNIGHT)], "à annuler jusqu’au dimanche 15 à minuit"),
        ([box("booked", book=TOMORROW, cancel=FAR)], ""),
    ],
)
def test_the_limit_of_a_day_is_what_can_still_be_done(boxes, words):
    assert limit_words(boxes, now=NOW, zone=PARIS) == words


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([box("free", "Étude", book=TOMORROW)], "jusqu’à demain, 12\u202fh\u202f00"),
        ([box("booked", "Étude", cancel=TOMORROW)], "jusqu’à demain, 12\u202fh\u202f00"),
        ([box("full", "Étude", book=EVENING)], "jusqu’à demain, 12\u202fh\u202f00"),
        ([box("free", "Étude", book=FAR)], "Cantine\u202f: jusqu’à demain, 12\u202fh\u202f00"),
        ([box("free", "Étude", book=EVENING)], "Étude\u202f: jusqu’à 18\u202fh\u202f00"),
        ([box("booked", "Étude", cancel=EVENING)], "Étude\u202f: à annuler jusqu’à 18\u202fh\u202f00"),
        (
            [box("free", "Étude", book=TOMORROW), box("free", "Matin")],
            "Cantine et Étude\u202f: jusqu’à demain, 12\u202fh\u202f00",
        ),
    ],
)
def test_the_first_limit_is_named_where_another_is_later(others, words):
    assert limit_words([box("free", book=TOMORROW), *others], now=NOW, zone=PARIS) == words
