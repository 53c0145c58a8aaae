"""A constat as a person reads it: on a screen, in a terminal, on paper."""

from dataclasses import dataclass

from preau.domain.payments.gateway import gateway_named
from preau.domain.payments.models import Reconciliation
from preau.domain.payments.reconciling import FindingKind
from preau.domain.regies.models import GatewayContract


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """One thing to explain; cents. `case` is the public id of its case, empty when there is none yet."""

    label: str
    reference: str
    amount_cents: int
    gap_cents: int
    case: str
    is_closed: bool


def told_findings(constat: Reconciliation) -> list[ToldFinding]:
    """What the constat found, in its order."""
    return [
        ToldFinding(
            label=str(FindingKind(one["kind"]).label),
            reference=one["reference"],
            amount_cents=one["amount_cents"],
            gap_cents=one["gap_cents"],
            case=one["case"],
            is_closed=one["is_closed"],
        )
        for one in constat.findings
    ]


def contract_label(contract: GatewayContract) -> str:
    """« Banque, contrat 090909 »."""
    return f"{gateway_named(contract.gateway).presentation.label}, contrat {contract.merchant}"
