"""Contracts as their gateways take them: number, mode, settings and the keys that are good now."""

from preau.domain.payments.contract_settings import problems_of
from preau.domain.payments.gateway import Merchant, gateway_named
from preau.domain.payments.models import PaymentAttempt
from preau.domain.regies.models import GatewayContract, Regie
from preau.domain.regies.queries import open_contracts, secrets_of


def merchant_of(contract: GatewayContract) -> Merchant:
    """The contract as it is now.

    Raises:
        SealBrokenError: one of its keys was sealed with a key that this installation no longer has.
    """
    return Merchant(contract.merchant, contract.mode, contract.settings, secrets_of(contract))


def merchant_for(attempt: PaymentAttempt) -> Merchant:
    """The contract as the attempt froze it: same number and mode; settings and keys are those of now."""
    return Merchant(attempt.merchant, attempt.mode, attempt.contract.settings, secrets_of(attempt.contract))


def contract_problems(gateway_code: str, merchant: Merchant) -> dict[str, str]:
    """What is wrong in a contract, in French, by field: "merchant" for its number, else the setting's name."""
    gateway = gateway_named(gateway_code)
    found = problems_of(gateway.settings, settings=merchant.settings, secrets=merchant.secrets)
    told = [gateway.number.problem(merchant.number), *gateway.problems(merchant)]
    if whole := " ".join(sentence for sentence in told if sentence):
        found["merchant"] = whole
    return found


def smallest_payment_cents(regie: Regie) -> int:
    """The least that can be paid on line at once to a régie, in cents."""
    contract = open_contracts([regie]).get(regie.id)
    return gateway_named(contract.gateway).limits.min_cents if contract else 1
