"""What families are told about the gateways that this town really uses."""

from dataclasses import dataclass

from preau.domain.payments.gateway import Presentation, gateway_named
from preau.domain.regies.models import GatewayContract, Regie
from preau.domain.regies.queries import open_contracts, open_regies


@dataclass(frozen=True, slots=True)
class GatewayInUse:
    """A gateway and the régies whose open contract names it."""

    presentation: Presentation
    regies: tuple[Regie, ...]


def gateways_in_use() -> list[GatewayInUse]:
    """Gateways of the open contracts of the régies in activity, in the order of the home page; two queries."""
    regies = list(open_regies())
    contracts: dict[int, GatewayContract] = open_contracts(regies)
    users: dict[str, list[Regie]] = {}
    for regie in regies:
        if regie.id in contracts:
            users.setdefault(contracts[regie.id].gateway, []).append(regie)
    return [GatewayInUse(gateway_named(code).presentation, tuple(same)) for code, same in users.items()]
