"""PayFiP comes back after an outage: « no result yet » is an answer like another, and opens the way to payers (G1)."""

import pytest

from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.gateway import Merchant
from preau.domain.payments.states import Verdict
from preau.foundation.outbound import Breaker
from preau.plugins.gateways.payfip.gateway import PayfipGateway
from preau.plugins.gateways.payfip.tests.test_answers import PAID, SERVICE, envelope, service_saying

NO_RESULT_YET = envelope(
    "<S:Fault><faultcode>S:Server</faultcode>"
    "<faultstring>fr.gouv.finances.cp.tpa.webservice.exceptions.FonctionnelleErreur</faultstring>"
    f'<detail><ns1:FonctionnelleErreur xmlns:ns1="{SERVICE}"><code>P5</code>'
    "<libelle>Résultat de la transaction non connu</libelle></ns1:FonctionnelleErreur></detail></S:Fault>"
)
NOBODY = Merchant("090909", "test", {"service_url": "http://127.0.0.1:9/"})


def test_a_bank_that_answers_again_is_used_again_whatever_it_answers():
    """Else one question in thirty seconds would be let through for as long as no payment ends."""
    seconds = [0.0]
    gateway = PayfipGateway()
    gateway._breaker = Breaker(lambda: seconds[0])
    for _ in range(5):
        with pytest.raises(GatewayUnavailableError):
            gateway.ask(NOBODY, PAID["idOp"], timeout=5)
    seconds[0] = 30.0
    with service_saying(NO_RESULT_YET) as merchant:
        verdicts = [gateway.ask(merchant, PAID["idOp"], timeout=5).verdict for _ in range(3)]
    assert verdicts == [Verdict.PENDING] * 3
