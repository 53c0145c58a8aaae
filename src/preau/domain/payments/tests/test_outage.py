"""A bank that hangs for hours: the worker has mails to send and other things to do meanwhile (G3, G9, D9)."""

import pytest

from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.gateway import Merchant, Report, register
from preau.domain.payments.services.sweep import ask_due
from preau.foundation import clock
from preau.foundation.outbound import Breaker, CircuitOpenError
from tests.support.factories import NOON, make_invoice
from tests.support.fake_gateway import FakeGateway


class HangingBank(FakeGateway):
    """Lets every question wait until its time is over; `seconds` are those the worker spent waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self._breaker = Breaker(lambda: self.seconds)

    def ask(self, merchant: Merchant, gateway_reference: str, *, timeout: float) -> Report:
        try:
            return self._breaker.call(lambda: self._hang(timeout), counts=(TimeoutError,))
        except (TimeoutError, CircuitOpenError) as silence:
            raise GatewayUnavailableError(str(silence)) from silence

    def _hang(self, timeout: float) -> Report:
        self.seconds += timeout + 0.1
        raise TimeoutError


@pytest.mark.parametrize("count", [10, 20])
def test_questions_to_a_bank_that_hangs_cost_the_worker_about_a_minute_however_many_they_are(scene, count):
    for _ in range(count):
        scene.send(make_invoice(scene.household, scene.regie))
    bank = HangingBank()
    register(bank)
    with clock.frozen(NOON.replace(hour=NOON.hour + 1)):
        assert ask_due() == count
    assert 0 < bank.seconds <= 61
