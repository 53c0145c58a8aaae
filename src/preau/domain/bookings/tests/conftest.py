"""A family whose two children are enrolled in a canteen of three places a day."""

from collections.abc import Iterator

import pytest

from preau.foundation import clock
from tests.support.bookings import Family, make_family, make_service
from tests.support.factories import NOON, make_regie


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def family(db, at_noon) -> Family:
    return make_family(make_service(capacity=3, regie=make_regie()), children=2)
