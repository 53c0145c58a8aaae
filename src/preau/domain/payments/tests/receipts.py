"""Receipts of several régies and months, each the end of a payment made at the fake bank."""

from datetime import UTC, datetime

from preau.domain.payments.models import Receipt
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.domain.payments.tests.conftest import Scene
from preau.domain.regies.models import Regie
from preau.foundation import clock
from tests.support.factories import NOON, make_invoice
from tests.support.fake_gateway import FakeGateway


def pay(
    scene: Scene, bank: FakeGateway, *, at: datetime = NOON, cents: int = 1000, regie: Regie | None = None
) -> Receipt:
    """The receipt of a payment captured at this instant."""
    with clock.frozen(at):
        attempt = scene.send(make_invoice(scene.household, regie or scene.regie, cents=cents))
        bank.pay(attempt.gateway_reference)
        ask(attempt, origin=Origin.SWEEP, timeout=1)
    return Receipt.objects.select_related("link", "capture").get(capture__attempt=attempt)


def on(month: int, day: int, hour: int = 12, *, year: int = 2026) -> datetime:
    """An instant of 2026 in UTC; Paris is one hour ahead in winter, two in summer."""
    return datetime(year, month, day, hour, tzinfo=UTC)
