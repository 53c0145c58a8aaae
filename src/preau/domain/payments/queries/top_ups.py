"""Where a family may bring money in advance: the régies of what it books « prépayé » (C24)."""

from dataclasses import dataclass
from datetime import date

from preau.domain.activities.models import PaymentMode
from preau.domain.bookings.models import Enrolment
from preau.domain.bookings.states import EnrolmentState
from preau.domain.families.models import Household
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.gateway import gateway_named
from preau.domain.regies.models import Regie
from preau.domain.regies.queries import open_contracts


@dataclass(frozen=True, slots=True)
class TopUpChoice:
    """A régie, the family's credit there and the least that its gateway takes, in cents."""

    regie: Regie
    credit_cents: int
    least_cents: int


def top_up_choices(household: Household, *, today: date) -> list[TopUpChoice]:
    """Régies that take payments on line and where a child is enrolled in a prepaid activity; three queries."""
    prepaid = Enrolment.objects.filter(
        household=household,
        state=EnrolmentState.ACCEPTED,
        last_day__gte=today,
        activity__payment_mode=PaymentMode.PREPAID,
    )
    regies = list(
        Regie.objects.filter(is_active=True, id__in=prepaid.values("activity__regie"))
        .select_related("group")
        .order_by("group__position", "position", "id")
    )
    contracts, credit = open_contracts(regies), household_credit_cents(household)
    return [
        TopUpChoice(regie, credit.get(regie.id, 0), gateway_named(contracts[regie.id].gateway).limits.min_cents)
        for regie in regies
        if regie.id in contracts
    ]
