"""A constat in a terminal."""

from django.conf import settings

from preau.domain.payments.models import Reconciliation
from preau.domain.payments.queries.constats import ToldFinding, contract_label, told_findings
from preau.foundation import french
from preau.foundation.money import format_cents


def told(constat: Reconciliation) -> str:
    """The figures of a day of a contract, then each thing to explain, one a line."""
    regie = constat.contract.regie
    caught_up = f", dont {constat.caught_up_count} par le seul relevé" if constat.caught_up_count else ""
    suspended = constat.suspended_cents
    gap = "" if constat.gap_cents is None else f" ({format_cents(constat.gap_cents)})"
    lines = [
        f"{french.day(constat.day)} – {regie.label} ({regie.code}) – {contract_label(constat.contract)}",
        f"  banque       : {_bank(constat)}",
        f"  portail      : {constat.captured_count} paiement(s), {format_cents(constat.captured_cents)}{caught_up}",
        *([f"  à identifier : {format_cents(suspended)}"] if suspended else []),
        f"  grand livre  : {format_cents(constat.booked_cents)}",
        f"  {constat.get_outcome_display()}{gap}",
        *(_line(one) for one in told_findings(constat)),
    ]
    return "\n".join(lines)


def _bank(constat: Reconciliation) -> str:
    if constat.bank_cents is None:
        return "relevé attendu"
    return f"{constat.bank_count} paiement(s), {format_cents(constat.bank_cents)} – {constat.get_basis_display()}"


def _line(one: ToldFinding) -> str:
    where = f" – {settings.PREAU_CASE_URL.format(case=one.case)}" if one.case else ""
    closed = ", dossier clos" if one.is_closed else ""
    return f"  – {one.label} : {one.reference}, {format_cents(one.amount_cents)}{closed}{where}"
