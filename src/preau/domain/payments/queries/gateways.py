"""What families are told about the gateways that this town really uses."""

from dataclasses import dataclass

from preau.domain.payments.gateway import Presentation, gateway_named
from preau.domain.regies.models import GatewayContract, MeansOfPayment, Regie
from preau.domain.regies.queries import open_contracts, open_regies


@dataclass(frozen=True, slots=True)
class GatewayInUse:
    """A gateway and the régies whose open contract names it."""

    presentation: Presentation
    regies: tuple[Regie, ...]

    @property
    def debit_delays(self) -> list[tuple[str, int, int]]:
        """(means in French, fewest, most) working days between the payment and the debit (V08)."""
        labels = dict(MeansOfPayment.choices)
        return [(str(labels.get(means, means)), *days) for means, days in self.presentation.debit_days.items()]


def gateways_in_use() -> list[GatewayInUse]:
    """Gateways of the open contracts of the régies in activity, in the order of the home page; two queries."""
    regies = list(open_regies())
    contracts: dict[int, GatewayContract] = open_contracts(regies)
    users: dict[str, list[Regie]] = {}
    for regie in regies:
        if regie.id in contracts:
            users.setdefault(contracts[regie.id].gateway, []).append(regie)
    return [GatewayInUse(gateway_named(code).presentation, tuple(same)) for code, same in users.items()]
